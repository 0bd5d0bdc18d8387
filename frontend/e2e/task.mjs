import assert from "node:assert/strict";
import { checker } from "./checker.mjs";
import { day } from "./days.mjs";
import { eventually, scenario } from "./scenario.mjs";

const LOW_SCREEN = new URL("screenshots/date-menu-640x400.png", import.meta.url).pathname;

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

scenario("the page of an open task is rendered by the server", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.addAndSee("Plan the trip");
  const id = await alice.idOf("Plan the trip");

  const response = await alice.page.goto(`${alice.page.url()}?task=${id}`);
  assert.equal(response.status(), 200);
  await alice.dialog.getByLabel("Title").waitFor();
});

scenario("a long title is shown on several lines, with its links", async (newUser) => {
  const alice = await newUser("Alice");
  const check = checker(alice);
  await alice.signUp();
  await alice.addAndSee("Book the train");
  await alice.openEdit("Book the train");
  const title = alice.dialog.getByLabel("Title");
  const height = async () => (await title.boundingBox()).height;
  const line = await height();

  await title.fill(
    "Book the train\nto Vienna at https://example.com/timetable, with a seat at the window",
  );
  const text =
    "Book the train to Vienna at https://example.com/timetable, with a seat at the window";
  assert.equal(await title.inputValue(), text);
  assert.ok((await height()) > line);
  const link = alice.dialog.getByRole("link", { name: "https://example.com/timetable" });
  assert.equal(await link.getAttribute("rel"), "noopener noreferrer nofollow");
  await check("task-long-title");
  await title.press("Enter");
  await alice.dialog.waitFor({ state: "detached" });
  await alice.saved();

  assert.deepEqual(await alice.tasks(), [text]);
  assert.deepEqual(check.violations, []);
});

scenario("Ctrl+Enter saves the task from every field", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.addAndSee("Plan the trip");

  await alice.openEdit("Plan the trip");
  await alice.dialog.getByLabel("Description").fill("In May");
  await alice.page.keyboard.press("Control+Enter");
  await alice.dialog.waitFor({ state: "detached" });
  await alice.openEdit("Plan the trip");
  await alice.dialog.getByLabel("Tags").fill("travel");
  await alice.page.keyboard.press("Control+Enter");
  await alice.dialog.waitFor({ state: "detached" });
  await alice.saved();

  const [task] = await alice.apiTasks();
  assert.deepEqual([task.description, task.tags], ["In May", ["travel"]]);
});

scenario("an open task is completed and reopened", async (newUser) => {
  const alice = await newUser("Alice");
  const check = checker(alice);
  await alice.signUp();
  await alice.create([{ title: "Renew the passport", due_date: day(-11) }]);
  await alice.reload();
  await alice.show("Overdue");
  const isCompleted = (completed) =>
    eventually(async () => assert.equal((await alice.apiTasks())[0].completed, completed));

  await alice.openEdit("Renew the passport");
  await alice.dialog.getByRole("button", { name: "Overdue by 11 days" }).waitFor();
  await alice.dialog.getByText(/^Added on \d+ \w+ \d{4}$/).waitFor();
  await check("task-overdue");
  await alice.dialog.getByRole("button", { name: "Complete" }).click();
  await alice.dialog.getByText(/^Added on .*, completed on \d+ \w+ \d{4}$/).waitFor();
  await isCompleted(true);
  await check("task-completed");
  await alice.dialog.getByRole("button", { name: "Reopen" }).click();
  await alice.dialog.getByRole("button", { name: "Complete" }).waitFor();
  await isCompleted(false);

  assert.deepEqual(check.violations, []);
});

scenario("a wrong rule is not accepted", async (newUser) => {
  const alice = await newUser("Alice");
  const check = checker(alice);
  const { page } = alice;
  const rule = page.getByLabel("Rule (RFC 5545)");
  const due = alice.dialog.getByRole("button", { name: "Due today" });
  await alice.signUp();
  await alice.addAndSee("Pay the rent");

  await alice.openEdit("Pay the rent");
  await due.click();
  await page.getByLabel("Repeat", { exact: true }).selectOption("Other rule…");
  await rule.fill("FREQ=MONTHLY;BYDAY=9XX");
  await page.locator("[aria-invalid]").waitFor();
  await alice.button("Done").click();
  await eventually(async () => assert.ok(await rule.evaluate(hasFocus)));
  await check("rule-problem");
  await page.keyboard.press("Escape");
  await rule.waitFor({ state: "detached" });
  await alice.dialog.getByRole("button", { name: "Save" }).click();
  await eventually(async () => assert.ok(await due.evaluate(hasFocus)));
  await check("task-rule-problem");

  await due.click();
  await rule.fill("FREQ=MONTHLY;BYDAY=-1FR");
  await page.getByText("Every month on the last Friday. Next:").waitFor();
  await alice.button("Done").click();
  await alice.dialog.getByRole("button", { name: "Save" }).click();
  await alice.dialog.waitFor({ state: "detached" });
  await alice.saved();
  assert.equal((await alice.apiTasks())[0].repeat.rule, "FREQ=MONTHLY;BYDAY=-1FR");
  assert.deepEqual(check.violations, []);
});

scenario("the date menu can be used on a low screen, and numbers typed freely", async (newUser) => {
  const alice = await newUser("Alice");
  const { page } = alice;
  await alice.signUp();
  await page.setViewportSize({ width: 640, height: 400 });
  await alice.button("Due today").click();
  await page.getByLabel("Time", { exact: true }).waitFor();
  const heights = await page
    .locator("input[type=date], input[type=time]")
    .evaluateAll((fields) => fields.map((field) => field.getBoundingClientRect().height));
  assert.deepEqual(heights, [40, 40]);

  await page.getByLabel("Repeat", { exact: true }).selectOption("Custom…");
  await page.getByLabel("Unit").selectOption("months");
  const every = page.getByLabel("Every", { exact: true });
  await every.fill("");
  assert.equal(await every.inputValue(), "");
  await every.pressSequentially("12");
  const options = await page.getByLabel("On", { exact: true }).locator("option").allInnerTexts();
  assert.ok(options.every((option) => option.startsWith("the ")));

  const summary = page.getByText(/^Every 12 months on the .*\. Next: /);
  await summary.waitFor();
  for (const shown of [summary, alice.button("Done")]) {
    const isOnTop = ({ x, y, width, height }) =>
      document.elementFromPoint(x + width / 2, y + height / 2)?.innerText;
    const text = await page.evaluate(isOnTop, await shown.boundingBox());
    assert.equal(text, await shown.innerText());
  }
  await page.screenshot({ path: LOW_SCREEN });
  await every.fill("");
  await alice.button("Done").click();
  await alice.add("Service the car");
  await alice.saved();
  assert.equal((await alice.apiTasks())[0].repeat.rule, "FREQ=MONTHLY;INTERVAL=12");
});

scenario("on a touch screen, opening a task opens no keyboard", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.addAndSee("Plan the trip");
  await alice.openEdit("Plan the trip");
  const title = alice.dialog.getByLabel("Title");
  await eventually(async () => assert.ok(await title.evaluate(hasFocus)));
  await alice.page.keyboard.press("Escape");
  await alice.dialog.waitFor({ state: "detached" });

  const devTools = await alice.context.newCDPSession(alice.page);
  const phone = { width: 390, height: 800, deviceScaleFactor: 1, mobile: true };
  await devTools.send("Emulation.setDeviceMetricsOverride", phone);
  await devTools.send("Emulation.setTouchEmulationEnabled", { enabled: true });
  await alice.openEdit("Plan the trip");
  await eventually(async () => assert.ok(await alice.dialog.evaluate(hasFocus)));
});

scenario("the help and the drawer fade out, and can be opened again", async (newUser) => {
  const alice = await newUser("Alice");
  const { page } = alice;
  await alice.signUp();
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await page.evaluate(countFading);
  const fadings = (count) =>
    eventually(async () => assert.equal(await page.evaluate(() => window.fadings), count));

  const help = page.getByRole("dialog", { name: "Keyboard" });
  for (const count of [1, 2]) {
    await page.keyboard.press("?");
    await help.waitFor();
    await page.keyboard.press("Escape");
    await help.waitFor({ state: "detached" });
    await fadings(count);
  }
  await page.setViewportSize({ width: 390, height: 800 });
  const drawer = page.getByRole("dialog", { name: "Views" });
  for (const [count, view] of [
    [3, "Upcoming"],
    [4, "Today"],
  ]) {
    await alice.button("Views").click();
    await alice.show(view);
    await drawer.waitFor({ state: "detached" });
    await fadings(count);
  }
});

/** Counts the dialogs that fade out. */
function countFading() {
  window.fadings = 0;
  const observer = new MutationObserver((changes) => {
    const isFading = ({ target }) => target.matches("[role=dialog][data-ending-style]");
    window.fadings += changes.filter(isFading).length;
  });
  observer.observe(document.body, { subtree: true, attributeFilter: ["data-ending-style"] });
}

const hasFocus = (element) => element === document.activeElement;

scenario("completing an open task saves its changes first", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.addAndSee("Water the plants");

  await alice.openEdit("Water the plants");
  await alice.dialog.getByLabel("Title").fill("Water the roses");
  await alice.dialog.getByRole("button", { name: "Complete" }).click();
  await alice.dialog.waitFor({ state: "detached" });
  await alice.saved();
  await alice.show("Completed");

  assert.deepEqual(await alice.tasks(), ["✓ Water the roses"]);
});
