import assert from "node:assert/strict";
import { day } from "./days.mjs";
import { scenario } from "./scenario.mjs";

scenario("a task has a description with links, tags, and a due time", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.addAndSee("Plan the trip");
  await alice.openEdit("Plan the trip");
  assert.match(alice.page.url(), /task=/);

  const text = "See https://example.com/a?b=c. Not javascript:alert(1)";
  await alice.dialog.getByLabel("Description").fill(text);
  await alice.dialog.getByLabel("Tags").fill("travel");
  await alice.page.keyboard.press("Enter");
  await alice.dialog.getByLabel("Tags").fill("friends");
  await alice.dialog.getByRole("button", { name: "Due today" }).click();
  await alice.page.getByLabel("Time", { exact: true }).fill("09:30");
  await alice.page.getByLabel("Reminder", { exact: true }).selectOption("1 hour before");
  await alice.button("Done").click();
  await alice.fillEdit({ Priority: "urgent" });
  await alice.saved();

  const [task] = await alice.apiTasks();
  assert.deepEqual(task.tags, ["travel", "friends"]);
  assert.equal(task.description, text);
  assert.equal(task.due_date, day(0));
  assert.equal(Date.parse(task.due_at) - Date.parse(task.remind_at), 3_600_000);
  await alice.page.getByText("At 09:30").waitFor();
  const links = await alice.page
    .locator("[data-task] a")
    .evaluateAll((found) => found.map(({ href, rel, target }) => ({ href, rel, target })));
  assert.deepEqual(links, [
    {
      href: "https://example.com/a?b=c",
      rel: "noopener noreferrer nofollow",
      target: "_blank",
    },
  ]);

  await alice.openEdit("Plan the trip");
  await alice.button("Remove tag friends").click();
  await alice.dialog.getByRole("button", { name: "Save" }).click();
  await alice.saved();
  assert.deepEqual((await alice.apiTasks())[0].tags, ["travel"]);
});

scenario("a completed task with a due date in the future was not due before", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.create([{ title: "Early", due_date: "2031-12-08", completed: true }]);
  await alice.page.goto(`${alice.page.url()}?view=completed`);
  await alice.listed();

  await alice.page.getByText("Due 8 December 2031").waitFor();
});

scenario("right-to-left titles are shown in their direction", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.addAndSee("اتصل بالطبيب");

  const direction = await alice
    .button("اتصل بالطبيب")
    .evaluate((title) => getComputedStyle(title).direction);
  assert.equal(direction, "rtl");
});

scenario("the address of a task that does not exist says so", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.page.goto(`${alice.page.url()}?task=92c29e2c-d0cc-48cc-a65d-d4314efd78bb`);

  await alice.page.getByText("There is no such task.").waitFor();
  await alice.page.getByRole("button", { name: "Close" }).last().click();
  await alice.dialog.waitFor({ state: "detached" });
});
