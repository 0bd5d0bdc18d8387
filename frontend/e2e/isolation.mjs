import assert from "node:assert/strict";
import { eventually, scenario } from "./scenario.mjs";

scenario("two people see only their own tasks after every kind of change", async (arrive) => {
  const [alice, bob] = [await arrive("Alice"), await arrive("Bob")];
  await Promise.all([alice.signUp(), bob.signUp()]);
  await bob.addAndSee("Feed the cat");
  const aliceSees = async (...hers) => {
    await eventually(async () => assert.deepEqual(await alice.tasks(), hers));
    await Promise.all([alice.reload(), bob.reload()]);
    await eventually(async () => assert.deepEqual(await alice.tasks(), hers));
    await eventually(async () => assert.deepEqual(await bob.tasks(), ["Feed the cat"]));
  };

  await alice.addAndSee("Water the plants");
  await aliceSees("Water the plants");

  await alice.edit("Water the plants", { Title: "Water the roses", Priority: "high" });
  await aliceSees("Water the roses");

  await alice.complete("Water the roses");
  await aliceSees("✓ Water the roses");

  await alice.button("Delete Water the roses").click();
  await alice.button("Undo").click();
  await aliceSees("✓ Water the roses");

  const deleted = alice.page.waitForResponse((answer) => answer.request().method() === "DELETE");
  await alice.button("Delete Water the roses").click();
  assert.equal((await deleted).status(), 204);
  await aliceSees();
});

scenario("a token opens nobody else's tasks", async (arrive) => {
  const [alice, bob] = [await arrive("Alice"), await arrive("Bob")];
  await Promise.all([alice.signUp(), bob.signUp()]);
  await alice.addAndSee("Water the plants");
  await alice.complete("Water the plants");
  const path = alice.calls.at(-1).pathname.replace("/complete", "");
  const id = path.split("/").at(-1);

  const answers = [];
  for (const method of ["GET", "PATCH", "DELETE"]) {
    answers.push((await bob.ask(method, path, bob.token)).status);
    answers.push((await bob.ask(method, `/api/tasks/${id}`, bob.token)).status);
  }

  assert.deepEqual(answers, [403, 404, 403, 404, 403, 404]);
  await alice.reload();
  assert.deepEqual(await alice.tasks(), ["✓ Water the plants"]);
});
