import assert from "node:assert/strict";
import { eventually, scenario } from "./scenario.mjs";

const signOut = async (alice) => {
  await alice.button("Account: Alice").click();
  await alice.page.getByRole("menuitem", { name: "Sign out" }).click();
};

/** Returns what the browser keeps for the app. */
const kept = ({ page }) =>
  page.evaluate(async () => ({
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: await caches.keys(),
    drafts: Object.keys(localStorage).filter((name) => name.startsWith("todo:")),
  }));
const NOTHING = { databases: [], caches: [], drafts: [] };

scenario(
  "signing out sends what is unsent and deletes everything on the device",
  async (newUser) => {
    const alice = await newUser("Alice", { serviceWorkers: "allow" });
    await alice.signUp();
    const other = await alice.inAnotherTab("/dashboard");
    await alice.hasOfflinePage();
    await alice.add("Water the plants");

    await signOut(alice);
    await alice.button("Sign in").waitFor();
    await other.button("Sign in").waitFor();
    await eventually(async () => assert.deepEqual(await kept(alice), NOTHING));

    await alice.ready();
    await alice.enterCredentials("Sign in");
    await alice.checkbox("Water the plants").waitFor();
  },
);

scenario(
  "signing out asks when changes cannot be sent, or a draft would be lost",
  async (newUser) => {
    const alice = await newUser("Alice");
    await alice.signUp();
    await alice.context.route("**/api/batch", (route) => route.abort());
    await alice.add("Water the plants");
    await alice.newTask.fill("Call the den");

    await signOut(alice);
    await alice.page.getByText("This device has 1 change not sent yet and 1 draft.").waitFor();
    await alice.button("Cancel").click();
    await alice.checkbox("Water the plants").waitFor();
    await signOut(alice);
    await alice.button("Sign out").click();
    await alice.button("Sign in").waitFor();

    assert.deepEqual(await kept(alice), NOTHING);
  },
);
