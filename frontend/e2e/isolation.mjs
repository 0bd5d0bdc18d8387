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
  await expectTasksOfAlice();
  await alice.show("Completed");
  await expectTasksOfAlice("✓ Water the roses");

  await alice.button("Delete Water the roses").click();
  await expectTasksOfAlice();
  await alice.show("Trash");
  await alice.button("Restore Water the roses").click();
  await alice.show("Completed");
  await expectTasksOfAlice("✓ Water the roses");
});

scenario("a token gives no access to another user's tasks", async (newUser) => {
  const [alice, bob] = [await newUser("Alice"), await newUser("Bob")];
  await Promise.all([alice.signUp(), bob.signUp()]);
  await alice.addAndSee("Water the plants");
  const id = await alice.idOf("Water the plants");
  const path = `/api/users/${alice.id}/tasks/${id}`;

  const statuses = [];
  for (const method of ["GET", "PATCH", "DELETE"]) {
    statuses.push((await bob.request(method, path, bob.token)).status);
    statuses.push((await bob.request(method, `/api/tasks/${id}`, bob.token)).status);
  }

  assert.deepEqual(statuses, [403, 404, 403, 404, 403, 404]);
  await alice.reload();
  assert.deepEqual(await alice.tasks(), ["Water the plants"]);
});

scenario(
  "a page shows only its user's tasks when another user signs in in another tab",
  async (newUser) => {
    const [alice, bob] = [await newUser("Alice"), await newUser("Bob")];
    await bob.signUp();
    await bob.addAndSee("Feed the cat");
    await alice.signUp();
    await alice.addAndSee("Water the plants");
    const other = Object.assign(Object.create(alice), { email: bob.email });
    other.page = await alice.context.newPage();

    await alice.context.clearCookies(); // as after the end of the session
    await other.signIn();
    await eventually(async () => assert.deepEqual(await other.tasks(), ["Feed the cat"]));
    await alice.page.bringToFront();

    await eventually(async () => {
      await alice.page.evaluate(() => window.dispatchEvent(new Event("focus")));
      assert.deepEqual(await alice.tasks(), ["Feed the cat"]);
    });
    assert.deepEqual(await other.tasks(), ["Feed the cat"]);
  },
);
