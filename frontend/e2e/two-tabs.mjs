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

  for (const text of ["Water the roses", "Water the lawn", "High"])
    assert.ok(dialogText.includes(text));
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

scenario("a task that was changed in another tab is not deleted", async (newUser) => {
  const first = await newUser("Alice");
  await first.signUp();
  await first.addAndSee("Water the plants");
  const second = await first.inAnotherTab("/dashboard");

  await first.edit("Water the plants", { Title: "Water the roses" });
  await second.button("Delete Water the plants").click();
  await second.page.getByText("was not deleted: it was changed in another tab").waitFor();

  await eventually(async () => assert.deepEqual(await second.tasks(), ["Water the roses"]));
});

scenario(
  "an edit of a task that was deleted in another tab can be added as a new task",
  async (newUser) => {
    const first = await newUser("Alice");
    await first.signUp();
    await first.addAndSee("Water the plants");
    const second = await first.inAnotherTab("/dashboard");
    await second.openEdit("Water the plants");
    const deleted = first.page.waitForResponse(
      (response) => response.request().method() === "DELETE",
    );
    await first.button("Delete Water the plants").click();
    await deleted;

    await second.fillEdit({ Title: "Water the roses" });
    await second.button("Add as a new task").click();

    await second.checkbox("Water the roses").waitFor();
  },
);
