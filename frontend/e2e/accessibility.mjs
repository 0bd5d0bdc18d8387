// Checks every page and state with axe, in light and dark, wide and narrow, and keeps screenshots.
import assert from "node:assert/strict";
import { checker, WIDTHS } from "./checker.mjs";
import { day } from "./days.mjs";
import { scenario } from "./scenario.mjs";
import { API, killApi, sql, startApi } from "./services.mjs";

const TASKS = [
  { title: "Send the invoice for November", priority: "low", completed: true },
  {
    title: "Learn the second verse",
    description: "Practise it before the concert: https://example.com/songs",
    tags: ["music"],
  },
  { title: "Call the dentist", priority: "high", due_date: day(3) },
  { title: "Visit the café", due_date: day(1), tags: ["friends"] },
  {
    title: "Water the plants",
    due_at: `${day(0)}T17:00:00Z`,
    repeat: { rule: "FREQ=WEEKLY;BYDAY=TU,FR" },
    tags: ["home", "garden"],
  },
  { title: "Book the train to Vienna", priority: "urgent", due_date: day(0), tags: ["travel"] },
  { title: "Renew the passport", priority: "urgent", due_date: day(-2), tags: ["travel"] },
  { title: "Old list", description: "Not needed any more" },
];

scenario("sign-in and sign-up have no accessibility violations", async (newUser) => {
  const alice = await newUser("Alice");
  const check = checker(alice);

  await alice.goTo("/sign-up");
  await check("sign-up");
  await alice.button("Create account").click();
  await alice.page.getByText("Use at least 8 characters.").waitFor();
  await check("sign-up-problems");
  await alice.goTo("/sign-in");
  await check("sign-in");
  await alice.page.getByLabel("Email").fill(alice.email);
  await alice.page.getByLabel("Password", { exact: true }).fill("not the password");
  await alice.button("Sign in").click();
  await alice.alert.waitFor();
  await check("sign-in-refused");
  await alice.page.goto(new URL("/nowhere", alice.page.url()).href);
  await check("not-found");

  assert.deepEqual(check.violations, []);
});

scenario("the views have no accessibility violations", async (newUser) => {
  const alice = await newUser("Alice", { clock: Date.now() });
  const check = checker(alice);
  await alice.signUp();
  await check("empty");
  await alice.create(TASKS);
  await alice.reload();
  await alice.checkbox("Water the plants").waitFor();
  await check("today");
  await alice.show("All tasks");
  await alice.button("Delete Old list").click();
  await alice.saved();
  await check("all");
  for (const view of ["Upcoming", "Overdue", "Completed", "Trash"]) {
    await alice.show(view);
    await check(view.toLowerCase());
  }
  await alice.button("Empty the trash").click();
  await alice.page.getByRole("alertdialog").waitFor();
  await check("question");
  await alice.button("Cancel").click();
  await alice.view("travel").click();
  await alice.heading("#travel").waitFor();
  await check("tag");
  await alice.page.getByRole("searchbox").fill("concert");
  await alice.heading("Results for “concert”").waitFor();
  await check("search");
  await alice.page.getByRole("searchbox").fill("mountain");
  await alice.page.getByText("Nothing found").waitFor();
  await check("nothing-found");
  await alice.button("Clear search").last().click();
  await alice.show("Today");

  await alice.page.setViewportSize({ width: WIDTHS.narrow, height: 800 });
  await alice.button("Views").click();
  await alice.page.getByRole("dialog", { name: "Views" }).waitFor();
  await check("drawer", { widths: { narrow: WIDTHS.narrow } });
  await alice.page.keyboard.press("Escape");
  for (const width of [320, 768, 1024, 2560]) {
    await check(`width-${width}`, { widths: { "": width } });
  }

  assert.deepEqual(check.violations, []);
});

scenario("menus and dialogs have no accessibility violations", async (newUser) => {
  const alice = await newUser("Alice", { clock: Date.now() });
  const check = checker(alice);
  await alice.signUp();
  await alice.create(TASKS);
  await alice.reload();
  await alice.checkbox("Water the plants").waitFor();

  await alice.add("#travel");
  await alice.alert.waitFor();
  await check("new-task-problem");
  await alice.newTask.fill("");
  await alice.newTask.pressSequentially("Plan the summer #travel !");
  await alice.page.getByRole("listbox", { name: "Completions" }).waitFor();
  await check("completions");
  await alice.page.keyboard.press("Escape");
  await alice.button("Due today").click();
  await alice.page.getByLabel("Repeat", { exact: true }).selectOption("Every weekday");
  await check("date-menu");
  await alice.page.keyboard.press("Escape");
  await alice.newTask.fill("");

  await alice.button("Theme").click();
  await alice.page.getByRole("menu").waitFor();
  await check("theme");
  await alice.page.keyboard.press("Escape");
  await alice.button("Account: Alice").click();
  await alice.page.getByRole("menu").waitFor();
  await check("account");
  await alice.page.keyboard.press("Escape");
  await alice.page.getByRole("menu").waitFor({ state: "detached" });
  await alice.page.keyboard.press("?");
  await alice.page.getByRole("dialog", { name: "Keyboard" }).waitFor();
  await check("help");
  await alice.page.keyboard.press("Escape");

  await alice.openEdit("Water the plants");
  await check("task");
  await alice.dialog.getByRole("button", { name: "Due today at" }).click();
  await alice.page.getByLabel("Repeat", { exact: true }).waitFor();
  await check("task-date");
  await alice.button("Done").click();
  await alice.fillEdit({ Title: "" });
  await alice.page.getByText("Enter a title.").waitFor();
  await check("task-problem");
  const other = await alice.inAnotherTab("/dashboard");
  await other.edit("Water the plants", { Title: "Water the roses" });
  await other.page.close();
  await alice.fillEdit({ Title: "Water the lawn" });
  await alice.button("Save my changes").waitFor();
  await check("conflict");
  await alice.page.keyboard.press("Escape");
  await alice.dialog.waitFor({ state: "detached" });
  await check.withMessages("draft");
  await alice.openEdit("Water the roses");
  await check("task-draft");
  await alice.button("Discard draft").click();

  await alice.button("Delete Water the roses").click();
  await alice.button("Undo").waitFor();
  await check.withMessages("deleted");

  assert.deepEqual(check.violations, []);
});

scenario("error states have no accessibility violations", async (newUser) => {
  const alice = await newUser("Alice", { clock: Date.now() });
  const check = checker(alice);
  await alice.context.route(`${API}/**`, () => {}); // no response
  await alice.goTo("/sign-up");
  await alice.page.getByLabel("Name", { exact: true }).fill(alice.name);
  await alice.page.getByLabel("Email").fill(alice.email);
  await alice.page.getByLabel("Password", { exact: true }).fill("four words in a row");
  await alice.button("Create account").click();
  await alice.page.waitForURL("**/dashboard");
  await alice.page.getByText("Loading your tasks").waitFor();
  await check("loading");
  await alice.context.unroute(`${API}/**`);
  await alice.reload();
  await alice.create(TASKS.slice(2));
  await alice.reload();
  await alice.checkbox("Water the plants").waitFor();

  await alice.context.setOffline(true);
  await alice.page.getByText("Offline", { exact: true }).waitFor();
  await alice.add("Buy a lamp");
  await alice.page.getByText("1 change will be sent later").waitFor();
  await check("offline");
  await alice.context.setOffline(false);
  await alice.saved();

  await killApi();
  try {
    await alice.complete("Buy a lamp", { isSaved: false });
    await alice.page.getByText("The service cannot be reached.").waitFor();
    await check.withMessages("api-down");
  } finally {
    await startApi();
  }
  await alice.reload();
  await alice.saved();
  const problem = { type: "about:blank", title: "", status: 409, code: "quota_exceeded" };
  const detail = "A user can have 10000 tasks, those in the trash included";
  const results = [{ status: 409, problem: { ...problem, detail, error: detail } }];
  await alice.context.route("**/api/batch", (route) => route.fulfill({ json: { results } }));
  await alice.add("One too many");
  await alice.page.getByText("“One too many” was not added").waitFor();
  await check("refused");
  await alice.context.unroute("**/api/batch");
  await alice.button("Discard").click();

  await alice.context.route("**/api/auth/token", (route) => route.fulfill({ status: 401 }));
  await alice.reload();
  await alice.page.getByRole("heading", { name: "You are signed out" }).waitFor();
  await check("signed-out");
  await alice.context.unroute("**/api/auth/token");

  await sql("UPDATE accounts_user SET is_active = false WHERE email = $1", [alice.email]);
  await alice.reload();
  await alice.page.getByText("Your account is suspended").waitFor();
  await check("suspended");

  assert.deepEqual(check.violations, []);
});
