import assert from "node:assert/strict";
import { eventually, scenario } from "./scenario.mjs";
import { killApi, startApi } from "./services.mjs";

scenario("no change is lost when the API is down for a while", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.addAndSee("Water the plants");
  await alice.addAndSee("Call the dentist");

  await killApi();
  try {
    await alice.add("Feed the cat");
    await alice.checkbox("Water the plants").click();
    await alice.page
      .getByText("The service cannot be reached. 2 changes will be sent later")
      .waitFor();
    await alice.newTask.fill("Call the den");
    await alice.reload();
    assert.deepEqual(await alice.tasks(), ["Feed the cat", "Call the dentist"]);
    assert.equal(await alice.newTask.inputValue(), "Call the den");
  } finally {
    await startApi();
  }

  await alice.saved(); // they are sent automatically
  await alice.reload();
  assert.deepEqual(await alice.tasks(), ["Feed the cat", "Call the dentist"]);
  assert.equal(await alice.newTask.inputValue(), "Call the den");
});

scenario("a response that is lost does not create a task twice", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  let lost = 0;
  await alice.context.route("**/api/batch", async (route) => {
    lost += 1;
    if (lost > 1) return route.fallback();
    await route.fetch(); // the API creates the task
    return route.abort();
  });

  await alice.add("Feed the cat");
  await eventually(() => assert.ok(lost > 1));
  await alice.saved();

  await alice.reload();
  assert.deepEqual(await alice.tasks(), ["Feed the cat"]);
});
