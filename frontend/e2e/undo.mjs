import assert from "node:assert/strict";
import { checker } from "./checker.mjs";
import { eventually, scenario } from "./scenario.mjs";

scenario(
  "completing, deleting and editing can be undone by a button and by a key",
  async (newUser) => {
    const alice = await newUser("Alice");
    await alice.signUp();
    await alice.addAndSee("Water the plants");
    const expectTasks = (...titles) =>
      eventually(async () => assert.deepEqual(await alice.tasks(), titles));

    await alice.complete("Water the plants");
    await alice.button("Undo").click();
    await expectTasks("Water the plants");
    await alice.button("Delete Water the plants").click();
    await alice.saved();
    await alice.button("Undo").click();
    await expectTasks("Water the plants");
    await alice.edit("Water the plants", { Title: "Water the roses" });
    await alice.button("Undo").click();
    await expectTasks("Water the plants");

    await alice.edit("Water the plants", { Title: "Water the roses" });
    await alice.complete("Water the roses");
    await alice.page.keyboard.press("Control+z");
    await alice.page.getByText("Undone: Completed").waitFor();
    await expectTasks("Water the roses");
    await alice.page.keyboard.press("Control+z");
    await expectTasks("Water the plants");
    await alice.saved();
    await alice.page.keyboard.press("Control+z");
    await alice.page.getByText("Undone: Added “Water the plants”").waitFor();
    await alice.checkbox("Water the plants").waitFor({ state: "detached" });
    await alice.page.keyboard.press("Control+z");
    await alice.page.getByText("Nothing to undo").waitFor();

    await alice.saved();
    await alice.reload();
    assert.deepEqual(await alice.tasks(), []);
  },
);

scenario("undoing the completion of a task that repeats removes the next one", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.newTask.fill("Water the plants");
  await alice.button("Due today").click();
  await alice.page.getByLabel("Repeat").selectOption("Every day");
  await alice.button("Done").click();
  await alice.button("Add task").click();
  await alice.checkbox("Water the plants").waitFor();
  await alice.saved();
  await alice.page.getByText("Every day").waitFor();

  await alice.complete("Water the plants");
  await alice.show("Upcoming");
  assert.deepEqual(await alice.tasks(), ["Water the plants"]);
  await alice.page.keyboard.press("Control+z");
  await eventually(async () => assert.deepEqual(await alice.tasks(), []));
  await alice.saved();
  await alice.show("Today");
  await alice.reload();
  assert.deepEqual(await alice.tasks(), ["Water the plants"]);
  await alice.show("Trash");
  await alice.page.getByText("The trash is empty").waitFor();
});

scenario("one message is shown at a time, where it covers nothing", async (newUser) => {
  const alice = await newUser("Alice", { clock: Date.now() });
  const check = checker(alice);
  const { page } = alice;
  await alice.signUp();
  for (const title of ["Third", "Second", "First"]) await alice.addAndSee(title);
  await alice.complete("First");
  await alice.complete("Second");

  await page.getByText("Completed “Second”").waitFor();
  await eventually(async () => assert.equal(await alice.button("Undo").count(), 1));
  const middle = ({ x, width }) => x + width / 2;
  const messages = page.getByRole("region", { name: "Notifications" });
  assert.equal(
    middle(await messages.boundingBox()),
    middle(await page.getByRole("main").boundingBox()),
  );
  await alice.openEdit("Third");
  const top = await page.getByText("Completed “Second”").boundingBox();
  assert.ok(top.y + top.height < (await alice.dialog.boundingBox()).y);
  await check.withMessages("message-and-task");
  assert.deepEqual(check.violations, []);
});
