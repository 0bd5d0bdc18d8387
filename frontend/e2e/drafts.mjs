import assert from "node:assert/strict";
import { scenario } from "./scenario.mjs";

scenario("closing an edited task keeps a draft, however it is closed", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.addAndSee("Water the plants");
  const title = alice.dialog.getByLabel("Title");
  const close = {
    escape: () => alice.page.keyboard.press("Escape"),
    back: () => alice.page.goBack(),
    outside: () => alice.page.mouse.click(20, 780),
    button: () => alice.dialog.getByRole("button", { name: "Close" }).click(),
  };

  for (const [way, run] of Object.entries(close)) {
    await alice.openEdit("Water the plants");
    await title.fill(`Closed with ${way}`);
    await run();
    await alice.dialog.waitFor({ state: "detached" });
    await alice.page.getByText("are kept as a draft").first().waitFor();
    await alice.page.getByText("Unsaved draft").waitFor();
  }
  await alice.reload();
  await alice.openEdit("Water the plants");
  assert.equal(await title.inputValue(), "Closed with button");
  await alice.page.getByText("You changed this task before and did not save it.").waitFor();
  await alice.dialog.getByRole("button", { name: "Save" }).click();
  await alice.saved();

  assert.deepEqual(await alice.tasks(), ["Closed with button"]);
  assert.equal(await alice.page.getByText("Unsaved draft").count(), 0);
});

scenario("a draft can be discarded, and without a change there is none", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.addAndSee("Water the plants");

  await alice.openEdit("Water the plants");
  await alice.page.keyboard.press("Escape");
  await alice.dialog.waitFor({ state: "detached" });
  assert.equal(await alice.page.getByText("kept as a draft").count(), 0);

  await alice.openEdit("Water the plants");
  await alice.dialog.getByLabel("Description").fill("Both of them");
  await alice.page.keyboard.press("Escape");
  await alice.button("Discard").click();
  await alice.page.getByText("Unsaved draft").waitFor({ state: "detached" });
  await alice.openEdit("Water the plants");
  assert.equal(await alice.dialog.getByLabel("Description").inputValue(), "");
});

scenario("opening the task closes the message that can discard its draft", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.addAndSee("Water the plants");
  await alice.addAndSee("Feed the cat");

  await alice.openEdit("Water the plants");
  await alice.dialog.getByLabel("Title").fill("Water the roses");
  await alice.page.keyboard.press("Escape");
  await alice.button("Discard").waitFor();
  await alice.openEdit("Feed the cat"); // the message of another task stays
  await alice.button("Discard").waitFor();
  await alice.page.keyboard.press("Escape");
  await alice.dialog.waitFor({ state: "detached" });
  await alice.openEdit("Water the plants");
  await alice.button("Discard").waitFor({ state: "detached", timeout: 1_000 });
  assert.equal(await alice.dialog.getByLabel("Title").inputValue(), "Water the roses");
});

scenario("the unfinished new task is kept", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();

  await alice.newTask.fill("Call the den");
  await alice.show("All tasks");
  assert.equal(await alice.newTask.inputValue(), "Call the den");
  await alice.reload();
  assert.equal(await alice.newTask.inputValue(), "Call the den");
});
