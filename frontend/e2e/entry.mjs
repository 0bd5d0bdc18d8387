import assert from "node:assert/strict";
import { checker } from "./checker.mjs";
import { day } from "./days.mjs";
import { eventually, scenario } from "./scenario.mjs";

scenario("tags and priorities are understood, and completed with the keyboard", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.add("Water the plants #Home !high");
  await alice.checkbox("Water the plants").waitFor();
  await alice.page.getByText("High priority").waitFor();

  await alice.newTask.pressSequentially("Feed the cat #ho");
  await alice.page.getByRole("option", { name: "#Home", exact: true }).waitFor();
  await alice.page.keyboard.press("Enter");
  assert.equal(await alice.newTask.inputValue(), "Feed the cat #Home ");
  await alice.newTask.pressSequentially("!");
  await alice.page.keyboard.press("ArrowDown");
  await alice.page.keyboard.press("ArrowUp");
  await alice.page.keyboard.press("Tab");
  assert.equal(await alice.newTask.inputValue(), "Feed the cat #Home !urgent ");
  await alice.page.keyboard.press("Enter");
  await alice.saved();

  await alice.view("Home").click();
  assert.deepEqual(await alice.tasks(), ["Feed the cat", "Water the plants"]);
  await alice.page.getByText("Urgent priority").waitFor();
});

scenario("a new task takes the tag or the date of the view", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.add("First #home");
  await alice.checkbox("First").waitFor();
  await alice.view("home").click();
  await alice.heading("#home").waitFor();
  await alice.add("Second");
  await alice.checkbox("Second").waitFor();
  await alice.show("Upcoming");
  await alice.add("Third");
  await alice.checkbox("Third").waitFor();
  await alice.show("Overdue");
  await alice.add("Fourth");
  await alice.page.getByText("Added “Fourth”. It is not in this view").waitFor();
  await alice.saved();

  const byTitle = Object.fromEntries((await alice.apiTasks()).map((task) => [task.title, task]));
  const of = (title) => [byTitle[title].due_date, byTitle[title].tags];
  assert.deepEqual(of("First"), [day(0), ["home"]]);
  assert.deepEqual(of("Second"), [null, ["home"]]);
  assert.deepEqual(of("Third"), [day(1), []]);
  assert.deepEqual(of("Fourth"), [null, []]);
});

scenario(
  "a date, a time and repeating are chosen in a menu, and shown in words",
  async (newUser) => {
    const alice = await newUser("Alice");
    await alice.signUp();
    const check = checker(alice);
    const { page } = alice;

    await alice.newTask.fill("Water the plants");
    await alice.button("Due today").click();
    await alice.button(/^Tomorrow/).click();
    await alice.button("Due tomorrow").click();
    await page.getByLabel("Date", { exact: true }).fill("2030-03-15");
    await page.getByLabel("Time", { exact: true }).fill("17:00");
    await page.getByLabel("Repeat", { exact: true }).selectOption("Every week");
    await page.getByText("Every Friday at 17:00").waitFor();
    await alice.button("Done").click();
    await alice.button("Add task").click();
    await alice.saved();
    await alice.show("Upcoming");
    await page.getByRole("heading", { name: "Friday 15 March 2030" }).waitFor();
    await page.getByText("Every Friday at 17:00").waitFor();

    await alice.newTask.fill("Pay the rent");
    await alice.button("Due tomorrow").click();
    await page.getByLabel("Repeat", { exact: true }).selectOption("Other rule…");
    await page.getByLabel("Rule (RFC 5545)").fill("FREQ=MONTHLY;BYDAY=9XX");
    await page.locator("[aria-invalid]").waitFor();
    await page.getByLabel("Rule (RFC 5545)").fill("FREQ=MONTHLY;BYDAY=-1FR");
    await page.getByText("Every month on the last Friday. Next:").waitFor();
    await page.getByLabel("Repeat after completion, not by date").check();
    await alice.button("Done").click();
    await alice.button("Add task").click();
    await alice.saved();

    await alice.newTask.fill("Go swimming");
    await alice.button("Due tomorrow").click();
    await page.getByLabel("Repeat", { exact: true }).selectOption("Custom…");
    await page.getByLabel("Every", { exact: true }).fill("2");
    await page.getByLabel("Unit").selectOption("months");
    await page.getByLabel("On", { exact: true }).waitFor();
    await check("repeat-in-months");
    await page.getByLabel("Unit").selectOption("weeks");
    const days = page.getByRole("group", { name: "On these days" });
    for (const day of ["Monday", "Thursday"]) await press(days.getByRole("button", { name: day }));
    for (const day of ["Tuesday", "Wednesday", "Friday", "Saturday", "Sunday"]) {
      await press(days.getByRole("button", { name: day }), false);
    }
    await page.getByText("Every 2 weeks on Monday and Thursday. Next:").waitFor();
    await check("repeat-on-weekdays");
    await alice.button("Done").click();
    await alice.button("Add task").click();
    await alice.saved();

    const rules = Object.fromEntries(
      (await alice.apiTasks()).map((task) => [task.title, task.repeat]),
    );
    assert.deepEqual(rules, {
      "Water the plants": { rule: "FREQ=WEEKLY", from: "due" },
      "Pay the rent": { rule: "FREQ=MONTHLY;BYDAY=-1FR", from: "completion" },
      "Go swimming": { rule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", from: "due" },
    });
    assert.deepEqual(check.violations, []);
  },
);

scenario("dates and repeating are understood in words, or stay in the title", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  const check = checker(alice);
  const details = alice.page.getByRole("list", { name: "Details of the new task" });
  const expectDetails = (...texts) =>
    eventually(async () =>
      assert.deepEqual(await details.getByRole("listitem").allInnerTexts(), texts),
    );

  await alice.newTask.fill("Call the dentist");
  await expectDetails("Due today");
  await alice.newTask.fill(
    "Train with a very long description every Monday and Thursday 5pm #sport !high",
  );
  await details.getByText("Every Monday and Thursday").waitFor();
  await check("entry-understood");
  await check("entry-understood", { widths: { smallest: 320 } });
  await alice.newTask.fill("Water the plants tomorrow 5pm every 3 days");
  await expectDetails("Due tomorrow at 17:00", "Every 3 days");
  await alice.page.keyboard.press("Enter");
  await alice.saved();

  await alice.newTask.fill("Read Tomorrow every 3 days");
  await alice.button("Remove due date").click();
  await expectDetails("Due today", "Every 3 days");
  await alice.button("Remove repeat").click();
  await expectDetails("Due today");
  await alice.page.keyboard.press("Enter"); // the field has the focus
  await alice.saved();

  // What is chosen in the menu takes the place of the words.
  await alice.newTask.fill("Write to Bob tomorrow");
  await alice.button("Due tomorrow").click();
  await alice.button(/^Next week/).click();
  assert.equal(await alice.newTask.inputValue(), "Write to Bob");
  await alice.page.keyboard.press("Enter");
  await alice.saved();

  const found = Object.fromEntries((await alice.apiTasks()).map((task) => [task.title, task]));
  assert.deepEqual(Object.keys(found).sort(), [
    "Read Tomorrow every 3 days",
    "Water the plants",
    "Write to Bob",
  ]);
  assert.equal(found["Water the plants"].due_date, day(1));
  assert.equal(found["Water the plants"].repeat.rule, "FREQ=DAILY;INTERVAL=3");
  assert.equal(found["Read Tomorrow every 3 days"].due_date, day(0));
  assert.deepEqual(check.violations, []);
});

scenario("a chosen date is shown, and forgotten without a text", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  const check = checker(alice);
  const { page } = alice;
  const repeat = page.getByLabel("Repeat", { exact: true });

  await alice.button("Due today").click();
  await repeat.selectOption("Every week");
  await page.keyboard.press("Escape");
  await page
    .getByRole("listitem")
    .filter({ hasText: /^Every / })
    .waitFor();
  await check("entry-repeat");
  await alice.show("All tasks");
  assert.equal(await alice.button("Remove repeat").count(), 0);
  await alice.show("Today");
  await alice.add("Water the plants");
  await alice.checkbox("Water the plants").waitFor();
  await alice.saved();

  await alice.newTask.fill("Feed the cat");
  await alice.button("Due today").click();
  await repeat.selectOption("Every week");
  await alice.button("Done").click();
  await alice.reload();
  await alice.button("Remove repeat").click();
  await page.keyboard.press("Enter");
  await alice.checkbox("Feed the cat").waitFor();
  await alice.saved();

  assert.deepEqual(
    (await alice.apiTasks()).map((task) => task.repeat),
    [null, null],
  );
  assert.deepEqual(check.violations, []);
});

scenario("the date menu stays below its button, and scrolls in a low window", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  const check = checker(alice);
  const { page } = alice;
  const menu = page.getByRole("dialog", { name: "Due date" });
  const side = () => menu.getAttribute("data-side");

  await alice.newTask.fill("Water the plants");
  await alice.button("Due today").click();
  await page.getByLabel("Time", { exact: true }).fill("17:00");
  await page.getByLabel("Repeat", { exact: true }).selectOption("Custom…");
  assert.equal(await side(), "bottom");
  await page.setViewportSize({ width: 640, height: 400 });
  await eventually(async () => {
    const { y, height } = await menu.boundingBox();
    assert.ok(y >= 0 && y + height <= 400, `${y} ${height}`);
  });
  assert.equal(await side(), "bottom");
  await page.screenshot({
    path: new URL("screenshots/entry-menu-low.png", import.meta.url).pathname,
  });
  await alice.button("Done").click(); // which is reached by scrolling
  await page.keyboard.press("Enter");
  await alice.saved();

  assert.equal((await alice.apiTasks())[0].repeat.rule.split(";")[0], "FREQ=WEEKLY");
  assert.deepEqual(check.violations, []);
});

scenario("adding a task can be undone, and an empty field adds nothing", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  const isGone = (title) => alice.checkbox(title).waitFor({ state: "detached" });

  await alice.addAndSee("Water the plants");
  await alice.add("Feed the cat");
  await alice.checkbox("Feed the cat").waitFor();
  await alice.newTask.press("Control+z"); // in the field, which is empty
  await alice.page.getByText("Undone: Added “Feed the cat”").waitFor();
  await isGone("Feed the cat");
  await alice.newTask.press("Enter");
  await alice.button("Add task").click();
  assert.equal(await alice.alert.count(), 0);
  await alice.newTask.press("Escape");
  await alice.page.keyboard.press("Control+z");
  await alice.page.getByText("Undone: Added “Water the plants”").waitFor();
  await isGone("Water the plants");
});

scenario("a task that was added in one tab is no draft in another", async (newUser) => {
  const first = await newUser("Alice");
  await first.signUp();
  await first.newTask.fill("Call Quebec");
  const second = await first.inAnotherTab("/dashboard");
  await eventually(async () => assert.equal(await second.newTask.inputValue(), "Call Quebec"));

  await first.newTask.press("Enter");
  await second.checkbox("Call Quebec").waitFor();
  assert.equal(await second.newTask.inputValue(), "");
  await second.newTask.press("Enter");
  await first.saved();

  assert.equal((await first.apiTasks()).length, 1);
});

scenario("a pasted list is added as several tasks, or as one", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  const check = checker(alice);
  const paste = (text) =>
    alice.newTask.evaluate((field, text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", text);
      const options = { clipboardData, bubbles: true, cancelable: true };
      field.dispatchEvent(new ClipboardEvent("paste", options));
    }, text);

  await alice.newTask.focus();
  await paste("- Milk #shop\n- [ ] Eggs tomorrow\n\n1. Bread !high\n");
  await alice.button("Add 3 tasks").waitFor();
  await check("entry-list");
  await alice.page.keyboard.press("Enter"); // the button has the focus
  await alice.page.getByText("Added 3 tasks").waitFor();
  await alice.saved();
  assert.deepEqual(await alice.tasks(), ["Bread", "Milk"]);
  await alice.show("All tasks");
  assert.deepEqual(await alice.tasks(), ["Milk", "Eggs", "Bread"]);
  await alice.page.keyboard.press("Control+z");
  await alice.page.getByText("Undone: Added 3 tasks").waitFor();
  for (const title of ["Milk", "Eggs", "Bread"]) {
    await alice.checkbox(title).waitFor({ state: "detached" });
  }

  await alice.newTask.fill("Buy: ");
  await paste("Milk\nEggs");
  await alice.button("As one task").click();
  assert.equal(await alice.newTask.inputValue(), "Buy: Milk Eggs");
  await paste("Milk\n".repeat(201));
  await alice.button("Add 201 tasks").click();
  await alice.page.getByText("At most 200 tasks can be added at once.").waitFor();
  await alice.page.keyboard.press("Escape");
  assert.equal(await alice.newTask.inputValue(), "Buy: Milk Eggs");
  assert.deepEqual(check.violations, []);
});

scenario("an added task that is out of sight can be shown", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.addAndSee("First");
  await alice.insert(
    Array.from({ length: 60 }, (_, index) => ({
      title: `Task ${index}`,
      due_date: day(0),
      priority: "high",
    })),
  );
  await alice.reload();
  await alice.checkbox("Task 1").waitFor();

  await alice.add("Last");
  await alice.page.getByText("Added “Last”", { exact: true }).waitFor();
  await alice.button("Show").click();
  await alice.dialog.getByLabel("Title").waitFor();

  assert.equal(await alice.dialog.getByLabel("Title").inputValue(), "Last");
});

scenario("a task that the API refuses can be mended or discarded", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.newTask.fill("Pay the rent");
  await alice.button("Due today").click();
  await alice.page.getByLabel("Repeat", { exact: true }).selectOption("Other rule…");
  await alice.context.setOffline(true); // the rule is not checked before it is sent
  await alice.page.getByLabel("Rule (RFC 5545)").fill("FREQ=NEVER");
  await alice.button("Done").click();
  await alice.button("Add task").click();
  await alice.page.getByText("Offline. 1 change will be sent later").waitFor();
  await alice.context.setOffline(false);

  await alice.page.getByText("“Pay the rent” was not added").waitFor();
  await alice.page.getByText("1 change not saved").waitFor();
  await alice.button("Edit").click();
  await alice.dialog.getByRole("button", { name: "Due today" }).click();
  await alice.page.getByLabel("Repeat", { exact: true }).selectOption("Every month");
  await alice.button("Done").click();
  await alice.dialog.getByRole("button", { name: "Save" }).click();
  await alice.saved();

  await eventually(async () =>
    assert.equal((await alice.apiTasks())[0]?.repeat.rule, "FREQ=MONTHLY"),
  );
});

/** Presses a button that stays pressed, or releases it. */
async function press(button, pressed = true) {
  const isPressed = (await button.getAttribute("aria-pressed")) === "true";
  if (isPressed !== pressed) await button.click();
}
