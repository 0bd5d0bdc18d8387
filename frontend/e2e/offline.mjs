import assert from "node:assert/strict";
import { eventually, scenario } from "./scenario.mjs";

scenario("new tasks are stored while offline, and sent later", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.addAndSee("Water the plants");

  await alice.context.setOffline(true);
  await alice.page.getByText("You are offline.").waitFor();
  await alice.add("Feed the cat");
  await alice.page.getByText("Not saved yet").waitFor();
  await alice.checkbox("Water the plants").click();
  await alice.page.getByText("“Water the plants” could not be completed").waitFor();
  await eventually(async () => assert.deepEqual(await alice.tasks(), ["Water the plants"]));

  await alice.context.setOffline(false);
  await alice.page.getByText("You are offline.").waitFor({ state: "detached" });
  await alice.checkbox("Feed the cat").waitFor();
  await alice.reload();
  assert.deepEqual(await alice.tasks(), ["Feed the cat", "Water the plants"]);
});
