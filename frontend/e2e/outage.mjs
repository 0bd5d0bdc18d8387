import assert from "node:assert/strict";
import { eventually, scenario } from "./scenario.mjs";
import { killApi, startApi } from "./services.mjs";

scenario("no new task is lost when the API is down for a while", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.addAndSee("Water the plants");

  await killApi();
  try {
    await alice.add("Feed the cat");
    await alice.page.getByText("Not saved yet: the service cannot be reached").waitFor();
    await alice.newTask.fill("Call the den");
    await alice.reload();
    await alice.page.getByText("Feed the cat").waitFor();
    assert.equal(await alice.newTask.inputValue(), "Call the den");
  } finally {
    await startApi();
  }

  await alice.checkbox("Feed the cat").waitFor(); // it is sent automatically
  await alice.reload();
  assert.deepEqual(await alice.tasks(), ["Feed the cat", "Water the plants"]);
  assert.equal(await alice.newTask.inputValue(), "Call the den");
});

scenario("a change that cannot be saved is reverted with a message", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.addAndSee("Water the plants");

  await killApi();
  try {
    await alice.checkbox("Water the plants").click();
    await alice.page.getByText("“Water the plants” could not be completed").waitFor();
    await eventually(async () => assert.deepEqual(await alice.tasks(), ["Water the plants"]));
  } finally {
    await startApi();
  }
  await alice.button("Try again").last().click();
  await eventually(async () => assert.deepEqual(await alice.tasks(), ["✓ Water the plants"]));
});
