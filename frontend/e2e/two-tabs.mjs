import assert from "node:assert/strict";
import { eventually, scenario } from "./scenario.mjs";

/** The same task, open for editing in two tabs; the first has saved `change`. */
async function bothEdit(arrive, change) {
  const first = await arrive("Alice");
  await first.signUp();
  await first.addAndSee("Water the plants");
  const second = await first.inAnotherTab("/dashboard");
  await first.openEdit("Water the plants");
  await second.openEdit("Water the plants");
  await first.fillEdit(change);
  await first.dialog.waitFor({ state: "detached" });
  return [first, second];
}

scenario("two tabs edit one task, and the person saves theirs", async (arrive) => {
  const [first, second] = await bothEdit(arrive, { Title: "Water the roses", Priority: "high" });

  await second.fillEdit({ Title: "Water the lawn" });
  await second.button("Save mine").waitFor();
  const shown = await second.dialog.innerText();
  await second.button("Save mine").click();
  await second.dialog.waitFor({ state: "detached" });

  for (const words of ["Water the roses", "Water the lawn", "High"])
    assert.ok(shown.includes(words));
  await first.reload();
  assert.deepEqual(await first.tasks(), ["Water the lawn"]);
  await first.page.getByText("High priority").waitFor(); // what only the other tab has changed stays
});

scenario("two tabs edit one task, and the person keeps what is saved", async (arrive) => {
  const [, second] = await bothEdit(arrive, { Title: "Water the roses" });

  await second.fillEdit({ Title: "Water the lawn" });
  await second.button("Keep what is saved").click();

  await eventually(async () => assert.deepEqual(await second.tasks(), ["Water the roses"]));
  await second.reload();
  assert.deepEqual(await second.tasks(), ["Water the roses"]);
});

scenario("a task that another tab has changed is not deleted unseen", async (arrive) => {
  const first = await arrive("Alice");
  await first.signUp();
  await first.addAndSee("Water the plants");
  const second = await first.inAnotherTab("/dashboard");

  await first.edit("Water the plants", { Title: "Water the roses" });
  await second.button("Delete Water the plants").click();
  await second.page.getByText("was not deleted: it was changed elsewhere").waitFor();

  await eventually(async () => assert.deepEqual(await second.tasks(), ["Water the roses"]));
});

scenario("an edit outlives its task, deleted in another tab", async (arrive) => {
  const first = await arrive("Alice");
  await first.signUp();
  await first.addAndSee("Water the plants");
  const second = await first.inAnotherTab("/dashboard");
  await second.openEdit("Water the plants");
  const deleted = first.page.waitForResponse((answer) => answer.request().method() === "DELETE");
  await first.button("Delete Water the plants").click();
  await deleted;

  await second.fillEdit({ Title: "Water the roses" });
  await second.button("Add it as a new one").click();

  await second.checkbox("Water the roses").waitFor();
});
