import assert from "node:assert/strict";
import { eventually, scenario } from "./scenario.mjs";

scenario("two users see only their own tasks after every kind of change", async (newUser) => {
  const [alice, bob] = [await newUser("Alice"), await newUser("Bob")];
  await Promise.all([alice.signUp(), bob.signUp()]);
  await bob.addAndSee("Feed the cat");
  const expectTasksOfAlice = async (...titles) => {
    await eventually(async () => assert.deepEqual(await alice.tasks(), titles));
    await Promise.all([alice.reload(), bob.reload()]);
    await eventually(async () => assert.deepEqual(await alice.tasks(), titles));
    await eventually(async () => assert.deepEqual(await bob.tasks(), ["Feed the cat"]));
  };

  await alice.addAndSee("Water the plants");
  await expectTasksOfAlice("Water the plants");

  await alice.edit("Water the plants", { Title: "Water the roses", Priority: "high" });
  await expectTasksOfAlice("Water the roses");

  await alice.complete("Water the roses");
  await expectTasksOfAlice("✓ Water the roses");

  await alice.button("Delete Water the roses").click();
  await alice.button("Undo").click();
  await expectTasksOfAlice("✓ Water the roses");

  const deleted = alice.page.waitForResponse(
    (response) => response.request().method() === "DELETE",
  );
  await alice.button("Delete Water the roses").click();
  assert.equal((await deleted).status(), 204);
  await expectTasksOfAlice();
});

scenario("a token gives no access to another user's tasks", async (newUser) => {
  const [alice, bob] = [await newUser("Alice"), await newUser("Bob")];
  await Promise.all([alice.signUp(), bob.signUp()]);
  await alice.addAndSee("Water the plants");
  await alice.complete("Water the plants");
  const path = alice.calls.at(-1).pathname.replace("/complete", "");
  const id = path.split("/").at(-1);

  const statuses = [];
  for (const method of ["GET", "PATCH", "DELETE"]) {
    statuses.push((await bob.request(method, path, bob.token)).status);
    statuses.push((await bob.request(method, `/api/tasks/${id}`, bob.token)).status);
  }

  assert.deepEqual(statuses, [403, 404, 403, 404, 403, 404]);
  await alice.reload();
  assert.deepEqual(await alice.tasks(), ["✓ Water the plants"]);
});
