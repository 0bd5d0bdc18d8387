// Two tabs of one browser share the tasks and the queue of changes.
import assert from "node:assert/strict";
import { eventually, scenario } from "./scenario.mjs";

/** Opens a task for editing in two tabs, and saves `change` in the first. Returns both. */
async function editInTwoTabs(newUser, change) {
  const first = await newUser("Alice");
  await first.signUp();
  await first.addAndSee("Water the plants");
  const second = await first.inAnotherTab("/dashboard");
  await first.openEdit("Water the plants");
  await second.openEdit("Water the plants");
  await first.fillEdit(change);
  await first.dialog.waitFor({ state: "detached" });
  return [first, second];
}

scenario("a change in one tab is shown in the other, also offline", async (newUser) => {
  const first = await newUser("Alice");
  await first.signUp();
  const second = await first.inAnotherTab("/dashboard");

  await first.addAndSee("Water the plants");
  await second.checkbox("Water the plants").waitFor();
  await first.context.setOffline(true);
  await second.add("Feed the cat");
  await first.checkbox("Feed the cat").waitFor();
  await first.page.getByText("Offline. 1 change will be sent later").waitFor();
  await first.context.setOffline(false);
  await first.saved();
  await second.saved();

  const sent = first.calls.filter(({ pathname }) => pathname === "/api/batch");
  assert.equal(sent.length, 2);
});

scenario("two tabs edit one task, and the user saves the second change", async (newUser) => {
  const [first, second] = await editInTwoTabs(newUser, {
    Title: "Water the roses",
    Priority: "high",
  });

  await second.fillEdit({ Title: "Water the lawn" });
  await second.button("Save my changes").waitFor();
  const dialogText = await second.dialog.innerText();
  await second.button("Save my changes").click();
  await second.dialog.waitFor({ state: "detached" });

  for (const text of ["Water the roses", "Water the lawn"]) assert.ok(dialogText.includes(text));
  await second.saved();
  await first.reload();
  assert.deepEqual(await first.tasks(), ["Water the lawn"]);
  await first.page.getByText("High priority").waitFor(); // the field that only the first tab changed
});

scenario("two tabs edit one task, and the user keeps the saved version", async (newUser) => {
  const [, second] = await editInTwoTabs(newUser, { Title: "Water the roses" });

  await second.fillEdit({ Title: "Water the lawn" });
  await second.button("Keep saved version").click();

  await eventually(async () => assert.deepEqual(await second.tasks(), ["Water the roses"]));
  await second.reload();
  assert.deepEqual(await second.tasks(), ["Water the roses"]);
});

scenario(
  "an edit of a task that was deleted in another tab can be added as a new task",
  async (newUser) => {
    const first = await newUser("Alice");
    await first.signUp();
    await first.addAndSee("Water the plants");
    const second = await first.inAnotherTab("/dashboard");
    await second.openEdit("Water the plants");
    await second.dialog.getByLabel("Title").fill("Water the roses");
    await first.button("Delete Water the plants").click();
    await first.saved();

    await second.page.getByText("This task is in the trash.").waitFor();
    await second.button("Add as a new task").click();

    await second.checkbox("Water the roses").waitFor();
  },
);
