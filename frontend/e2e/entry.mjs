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
