// Checks every page and state with axe, in light and dark, wide and narrow, and keeps screenshots.
import assert from "node:assert/strict";
import { checker } from "./checker.mjs";
import { scenario } from "./scenario.mjs";
import { API, killApi, sql, startApi } from "./services.mjs";

const DAY = 86_400_000; // milliseconds
const TASKS = [
  { title: "Send the invoice for November", priority: "low", completed: true },
  { title: "Learn the second verse", description: "Practise it before the concert." },
  { title: "Call the dentist", priority: "high", due_date: day(3) },
  { title: "Water the plants", due_date: day(1) },
  { title: "Book the train to Vienna", priority: "urgent", due_date: day(0) },
  { title: "Renew the passport", priority: "urgent", due_date: day(-2) },
];

scenario("sign-in and sign-up have no serious accessibility violations", async (newUser) => {
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

scenario("the dashboard has no serious accessibility violations", async (newUser) => {
  const alice = await newUser("Alice", { clock: Date.now() });
  const check = checker(alice);
  await alice.signUp();
  await check("empty");
  for (const task of TASKS) await create(alice, task);

  await alice.context.route(`${API}/**`, () => {}); // no response
  await alice.page.reload();
  await alice.page.getByText("Loading your tasks").waitFor();
  await check("loading");
  await alice.context.unroute(`${API}/**`);
  await alice.reload();
  await check("tasks");

  await alice.button("Add task").click();
  await alice.alert.waitFor();
  await check("new-task-problem");
  await alice.button("More details").click();
  await alice.newTask.fill("Plan the summer");
  await check("new-task-details");
  await alice.newTask.fill("");
  await alice.button("Fewer details").click();

  await alice.page.getByRole("searchbox").fill("mountain");
  await alice.page.getByText("No matching tasks").waitFor();
  await check("no-matches");
  await alice.button("Show all tasks").click();
  await alice.page.getByText("Completed", { exact: true }).click();
  await alice.page.getByText("1 task", { exact: true }).waitFor();
  await check("completed");
  await alice.page.getByText("All", { exact: true }).click();
  await alice.page.getByText("6 tasks").waitFor();

  await alice.button("Theme").click();
  await alice.page.getByRole("menu").waitFor();
  await check("theme");
  await alice.page.keyboard.press("Escape");
  await alice.button("Account: Alice").click();
  await alice.page.getByRole("menu").waitFor();
  await check("account");
  await alice.page.keyboard.press("Escape");

  await alice.openEdit("Call the dentist");
  await check("edit");
  await alice.fillEdit({ Title: "" });
  await alice.page.getByText("Enter a title.").waitFor();
  await check("edit-problem");
  const other = await alice.inAnotherTab("/dashboard");
  await other.edit("Call the dentist", { Title: "Call the new dentist", Priority: "urgent" });
  await other.page.close();
  await alice.fillEdit({ Title: "Call the dentist again" });
  await alice.button("Save my changes").waitFor();
  await check("conflict");
  await alice.button("Keep saved version").click();

  await alice.button("Delete Water the plants").click();
  await alice.button("Undo").waitFor();
  await check.withMessages("deleted");
  await alice.button("Undo").click();

  assert.deepEqual(check.violations, []);
});

scenario("error states have no serious accessibility violations", async (newUser) => {
  const alice = await newUser("Alice", { clock: Date.now() });
  const check = checker(alice);
  await alice.signUp();
  for (const task of TASKS.slice(2)) await create(alice, task);
  await alice.reload();

  await alice.context.setOffline(true);
  await alice.page.getByText("You are offline.").waitFor();
  await check("offline");
  await alice.context.setOffline(false);

  await killApi();
  try {
    await alice.add("Buy a lamp");
    await alice.page.getByText("Not saved yet").waitFor();
    await alice.checkbox("Water the plants").click();
    await alice.page.getByText("could not be completed").waitFor();
    await check.withMessages("api-down");
    await alice.reload();
    await alice.page.getByText("Your tasks could not be loaded").waitFor();
    await check("api-down-at-start");
  } finally {
    await startApi();
  }

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

/** Creates a task directly through the API, which is faster than in the app. */
async function create({ token }, task) {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const body = JSON.stringify(task);
  const response = await fetch(`${API}/api/tasks`, { method: "POST", headers, body });
  assert.equal(response.status, 201);
}

/** Returns the date `days` from today in the API's format. */
function day(days) {
  return new Date(Date.now() + days * DAY).toISOString().slice(0, 10);
}
