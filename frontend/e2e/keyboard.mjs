import assert from "node:assert/strict";
import { eventually, scenario } from "./scenario.mjs";

scenario("all functions work with the keyboard", async (newUser) => {
  const alice = await newUser("Alice");
  const { keyboard } = alice.page;
  await alice.goTo("/sign-up");
  await tabTo(alice.page, "Name");
  await keyboard.type("Alice");
  await tabTo(alice.page, "Email");
  await keyboard.type(alice.email);
  await tabTo(alice.page, "Password");
  await keyboard.type("four words in a row");
  await keyboard.press("Enter");
  await alice.page.waitForURL("**/dashboard");
  await alice.listed();

  await tabTo(alice.page, "Account: Alice");
  await keyboard.press("Enter");
  await alice.page.getByRole("menuitem", { name: "Sign out" }).waitFor();
  await keyboard.press("End");
  await keyboard.press("Enter");
  await alice.button("Sign in").waitFor();
  await alice.ready();

  await tabTo(alice.page, "Email");
  await keyboard.type(alice.email);
  await tabTo(alice.page, "Password");
  await keyboard.type("four words in a row");
  await tabTo(alice.page, "Sign in");
  await keyboard.press("Enter");
  await alice.page.waitForURL("**/dashboard");
  await alice.listed();

  await keyboard.press("n");
  await keyboard.type("Water the plants");
  await keyboard.press("Enter");
  await alice.checkbox("Water the plants").waitFor();

  await tabTo(alice.page, "Water the plants");
  await keyboard.press("Enter");
  await alice.dialog.getByLabel("Title").waitFor();
  await keyboard.press("Escape");
  await alice.dialog.waitFor({ state: "detached" });
  await eventually(async () => assert.equal((await focused(alice.page)).name, "Water the plants"));

  await tabTo(alice.page, "Delete Water the plants");
  await keyboard.press("Enter");
  await alice.button("Undo").waitFor();
  await keyboard.press("F6"); // moves the focus to the messages
  await tabTo(alice.page, "Undo");
  await keyboard.press("Enter");
  await eventually(async () => assert.deepEqual(await alice.tasks(), ["Water the plants"]));

  await tabTo(alice.page, "Completed: Water the plants");
  await keyboard.press("Space");
  await eventually(async () => assert.deepEqual(await alice.tasks(), []));
});

scenario("tasks are chosen and changed with single keys", async (newUser) => {
  const alice = await newUser("Alice");
  const { keyboard } = alice.page;
  const focusIs = (name) =>
    eventually(async () => assert.equal((await focused(alice.page)).name, name));
  await alice.signUp();
  for (const title of ["Third", "Second", "First"]) await alice.addAndSee(title);

  await keyboard.press("x"); // while typing, keys are text
  assert.equal(await alice.newTask.inputValue(), "x");
  await keyboard.press("Backspace");
  await keyboard.press("Escape");
  await keyboard.press("j");
  await focusIs("First");
  await keyboard.press("j");
  await focusIs("Second");
  await keyboard.press("k");
  await focusIs("First");
  assert.ok((await focused(alice.page)).hasOutline);
  await keyboard.press("x");
  await focusIs("Second"); // the row at the same place
  await keyboard.press("e");
  await alice.dialog.getByLabel("Title").waitFor();
  await keyboard.press("x");
  await keyboard.press("Control+a");
  await keyboard.type("Last");
  await keyboard.press("Enter");
  await focusIs("Last");
  await keyboard.press("Delete");
  await focusIs("Third");
  assert.deepEqual(await alice.tasks(), ["Third"]);
  await keyboard.press("Control+z");
  await eventually(async () => assert.deepEqual(await alice.tasks(), ["Last", "Third"]));

  await keyboard.press("j");
  await keyboard.press("1");
  await alice.page.getByText("Urgent priority").waitFor();
  await keyboard.press("d");
  await alice.page.getByRole("menuitemradio", { name: "Tomorrow" }).waitFor();
  await keyboard.press("Escape");

  for (const [key, view] of Object.entries(PLACES)) {
    await keyboard.press("g");
    await keyboard.press(key);
    await alice.heading(view).waitFor();
  }
  await keyboard.press("?");
  await alice.page.getByRole("dialog", { name: "Keyboard" }).waitFor();
  await keyboard.press("Escape");
  await alice.page.getByRole("dialog", { name: "Keyboard" }).waitFor({ state: "detached" });
  await keyboard.press("g");
  await keyboard.press("a");
  await keyboard.press("/");
  await keyboard.type("third");
  await alice.heading("Results for “third”").waitFor();
  await keyboard.press("Escape");
  await alice.heading("All tasks").waitFor();
});

const PLACES = {
  t: "Today",
  u: "Upcoming",
  o: "Overdue",
  a: "All tasks",
  c: "Completed",
  d: "Trash",
};

/** Presses Tab until the control has the focus, and asserts that its outline is visible. */
async function tabTo(page, name) {
  const seen = [];
  for (let presses = 0; presses < 80; presses += 1) {
    const control = await focused(page);
    if (control.name === name)
      return assert.ok(control.hasOutline, `${name} has no visible focus outline`);
    seen.push(control.name);
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab does not reach ${name}, only ${seen.join(", ")}`);
}

const focused = (page) =>
  page.evaluate(() => {
    const control = document.activeElement;
    const name = control.ariaLabel ?? (control.labels?.[0] ?? control).innerText.trim();
    const target = control.closest("label") ?? control;
    const hasOutline = [getComputedStyle(control), getComputedStyle(control, "::after")]
      .concat(getComputedStyle(target))
      .some(({ outlineStyle }) => outlineStyle !== "none");
    return { name, hasOutline };
  });
