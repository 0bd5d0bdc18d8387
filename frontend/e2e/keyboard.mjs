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

  await tabTo(alice.page, "Completed: Water the plants");
  await keyboard.press("Space");
  await eventually(async () => assert.deepEqual(await alice.tasks(), ["✓ Water the plants"]));

  await tabTo(alice.page, "Edit Water the plants");
  await keyboard.press("Enter");
  await alice.dialog.getByLabel("Title").waitFor();
  await keyboard.press("Escape");
  await alice.dialog.waitFor({ state: "detached" });
  assert.equal((await focused(alice.page)).name, "Edit Water the plants");

  await tabTo(alice.page, "Delete Water the plants");
  await keyboard.press("Enter");
  await alice.button("Undo").waitFor();
  await keyboard.press("F6"); // moves the focus to the messages
  await tabTo(alice.page, "Undo");
  await keyboard.press("Enter");
  await eventually(async () => assert.deepEqual(await alice.tasks(), ["✓ Water the plants"]));

  const deleted = alice.page.waitForResponse(
    (response) => response.request().method() === "DELETE",
  );
  await tabTo(alice.page, "Delete Water the plants");
  await keyboard.press("Enter");
  assert.equal((await deleted).status(), 204);
  assert.deepEqual(await alice.tasks(), []);
});

/** Presses Tab until the control has the focus, and asserts that its outline is visible. */
async function tabTo(page, name) {
  const seen = [];
  for (let presses = 0; presses < 60; presses += 1) {
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
    const hasOutline = [control, target].some(
      (one) => getComputedStyle(one).outlineStyle !== "none",
    );
    return { name, hasOutline };
  });
