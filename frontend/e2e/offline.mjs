import assert from "node:assert/strict";
import { eventually, scenario } from "./scenario.mjs";

scenario("everything works offline, also after a reload, and is sent later", async (newUser) => {
  const alice = await newUser("Alice", { serviceWorkers: "allow" });
  await alice.signUp();
  for (const title of ["Water the plants", "Call the dentist", "Renew the passport", "Buy a lamp"])
    await alice.addAndSee(title);
  await alice.button("Delete Buy a lamp").click();
  await alice.saved();
  await alice.hasOfflinePage();

  await alice.context.setOffline(true);
  await alice.page.getByText("Offline", { exact: true }).waitFor();
  await alice.add("Feed the cat #home");
  await alice.checkbox("Water the plants").click();
  await alice.reload();
  await alice.page.getByText("Offline. 2 changes will be sent later").waitFor();
  await alice.edit("Feed the cat", { Priority: "urgent" });
  await alice.button("Delete Renew the passport").click();
  await alice.show("Trash");
  await alice.button("Restore Buy a lamp").click();
  await alice.page.getByText("Offline. 5 changes will be sent later").waitFor();
  await alice.show("Completed");
  assert.deepEqual(await alice.tasks(), ["✓ Water the plants"]);

  await alice.context.setOffline(false);
  await alice.saved();
  const other = await newUser("Alice");
  other.email = alice.email;
  await other.signIn();
  await eventually(async () =>
    assert.deepEqual(await other.tasks(), ["Feed the cat", "Buy a lamp", "Call the dentist"]),
  );
  assert.equal(await other.page.getByText("Urgent priority").count(), 1);
});

scenario("the state of saving is shown in words", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.saved();

  const held = Promise.withResolvers?.() ?? deferred();
  await alice.context.route("**/api/batch", async (route) => {
    await held.promise;
    await route.fallback();
  });
  await alice.add("Water the plants");
  await alice.page.getByText("Saving…").waitFor();
  held.resolve();
  await alice.saved();

  await alice.context.setOffline(true);
  await alice.page.getByText("Offline", { exact: true }).waitFor();
  await alice.add("Feed the cat");
  await alice.page.getByText("Offline. 1 change will be sent later").waitFor();
  await alice.context.setOffline(false);
  await alice.saved();
});

scenario("a task that an older version of the app has stored is sent once", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  const name = `todo:unsent:${alice.id}:a4e9`;
  const fields = { title: "Feed the cat", description: null, priority: "low", due_date: null };
  await alice.page.evaluate(
    ([name, value]) => localStorage.setItem(name, value),
    [name, JSON.stringify({ key: "a4e9", fields })],
  );

  await alice.reload();
  await alice.show("All tasks");
  await alice.checkbox("Feed the cat").waitFor();
  await alice.saved();
  await alice.reload();

  assert.deepEqual(await alice.tasks(), ["Feed the cat"]);
  assert.equal(await alice.page.evaluate((name) => localStorage.getItem(name), name), null);
});

function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve) => {
    parts.resolve = resolve;
  });
  return parts;
}
