// Every page and state, light and dark, wide and narrow: seen by axe, and kept for people to look at.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { scenario } from "./scenario.mjs";
import { API, killApi, sql, startApi } from "./services.mjs";

const SCREENSHOTS = fileURLToPath(new URL("screenshots/", import.meta.url));
const WIDTHS = { wide: 1280, narrow: 390 };
const DAY = 86_400_000; // milliseconds
const TASKS = [
  { title: "Send the invoice for November", priority: "low", completed: true },
  { title: "Learn the second verse", description: "The one that everybody else forgets." },
  { title: "Call the dentist", priority: "high", due_date: day(3) },
  { title: "Water the plants", due_date: day(1) },
  { title: "Book the train to Vienna", priority: "urgent", due_date: day(0) },
  { title: "Renew the passport", priority: "urgent", due_date: day(-2) },
];

scenario("signing in and up has no serious barrier, however it looks", async (arrive) => {
  const alice = await arrive("Alice");
  const look = looks(alice);

  await alice.goTo("/sign-up");
  await look("sign-up");
  await alice.button("Create account").click();
  await alice.page.getByText("Use at least 8 characters.").waitFor();
  await look("sign-up-problems");
  await alice.goTo("/sign-in");
  await look("sign-in");
  await alice.page.getByLabel("E-mail").fill(alice.email);
  await alice.page.getByLabel("Password", { exact: true }).fill("not the password");
  await alice.button("Sign in").click();
  await alice.alert.waitFor();
  await look("sign-in-refused");
  await alice.page.goto(new URL("/nowhere", alice.page.url()).href);
  await look("not-found");

  assert.deepEqual(look.barriers, []);
});

scenario("the dashboard has no serious barrier, however it looks", async (arrive) => {
  const alice = await arrive("Alice", { clock: Date.now() });
  const look = looks(alice);
  await alice.signUp();
  await look("empty");
  for (const task of TASKS) await create(alice, task);

  await alice.context.route(`${API}/**`, () => {}); // an API that thinks
  await alice.page.reload();
  await alice.page.getByText("Loading your tasks").waitFor();
  await look("loading");
  await alice.context.unroute(`${API}/**`);
  await alice.reload();
  await look("tasks");

  await alice.button("Add task").click();
  await alice.alert.waitFor();
  await look("new-task-problem");
  await alice.button("More details").click();
  await alice.newTask.fill("Plan the summer");
  await look("new-task-details");
  await alice.newTask.fill("");
  await alice.button("Fewer details").click();

  await alice.page.getByRole("searchbox").fill("mountain");
  await alice.page.getByText("No task matches").waitFor();
  await look("nothing-matches");
  await alice.button("Show all tasks").click();
  await alice.page.getByText("Completed", { exact: true }).click();
  await alice.page.getByText("1 task", { exact: true }).waitFor();
  await look("completed");
  await alice.page.getByText("All", { exact: true }).click();
  await alice.page.getByText("6 tasks").waitFor();

  await alice.button("Colours").click();
  await alice.page.getByRole("menu").waitFor();
  await look("colours");
  await alice.page.keyboard.press("Escape");
  await alice.button("Account of Alice").click();
  await alice.page.getByRole("menu").waitFor();
  await look("account");
  await alice.page.keyboard.press("Escape");

  await alice.openEdit("Call the dentist");
  await look("edit");
  await alice.fillEdit({ Title: "" });
  await alice.page.getByText("Write what there is to do.").waitFor();
  await look("edit-problem");
  const other = await alice.inAnotherTab("/dashboard");
  await other.edit("Call the dentist", { Title: "Call the new dentist", Priority: "urgent" });
  await other.page.close();
  await alice.fillEdit({ Title: "Call the dentist again" });
  await alice.button("Save mine").waitFor();
  await look("conflict");
  await alice.button("Keep what is saved").click();

  await alice.button("Delete Water the plants").click();
  await alice.button("Undo").waitFor();
  await look.inPassing("deleted");
  await alice.button("Undo").click();

  assert.deepEqual(look.barriers, []);
});

scenario("trouble has no serious barrier, however it looks", async (arrive) => {
  const alice = await arrive("Alice", { clock: Date.now() });
  const look = looks(alice);
  await alice.signUp();
  for (const task of TASKS.slice(2)) await create(alice, task);
  await alice.reload();

  await alice.context.setOffline(true);
  await alice.page.getByText("You are offline.").waitFor();
  await look("offline");
  await alice.context.setOffline(false);

  await killApi();
  try {
    await alice.add("Buy a lamp");
    await alice.page.getByText("Not saved yet").waitFor();
    await alice.checkbox("Water the plants").click();
    await alice.page.getByText("could not be completed").waitFor();
    await look.inPassing("api-away");
    await alice.reload();
    await alice.page.getByText("Your tasks could not be loaded").waitFor();
    await look("api-away-from-the-start");
  } finally {
    await startApi();
  }

  await alice.context.route("**/api/auth/token", (route) => route.fulfill({ status: 401 }));
  await alice.reload();
  await alice.page.getByRole("heading", { name: "You are signed out" }).waitFor();
  await look("signed-out");
  await alice.context.unroute("**/api/auth/token");

  await sql("UPDATE accounts_user SET is_active = false WHERE email = $1", [alice.email]);
  await alice.reload();
  await alice.page.getByText("Your account is suspended").waitFor();
  await look("suspended");

  assert.deepEqual(look.barriers, []);
});

/** Looks at the page as it is now, and collects what axe finds in `barriers`. */
function looks({ page }) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const barriers = [];
  const look = async (state) => {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      for (const [size, width] of Object.entries(WIDTHS)) {
        const name = `${state}-${colorScheme}-${size}`;
        await page.setViewportSize({ width, height: 800 });
        await page.screenshot({ path: `${SCREENSHOTS}${name}.png`, animations: "disabled" });
        const found = await examine(page);
        barriers.push(...found.map((barrier) => `${name}: ${barrier}`));
      }
    }
    await page.setViewportSize({ width: WIDTHS.wide, height: 800 });
  };
  /** Stops the page's clock meanwhile, so that what it says in passing stays. */
  const inPassing = async (state) => {
    await page.clock.pauseAt(await page.evaluate(() => Date.now() + 500));
    await look(state);
    await page.clock.resume();
  };
  return Object.assign(look, { barriers, inPassing });
}

async function examine(page) {
  await page.evaluate(axe.source);
  let done = false;
  const run = page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
  run.finally(() => (done = true)).catch(() => {});
  while (!done) await page.clock.runFor(1); // axe waits for timers, also while the clock stands
  const { violations } = await run;
  const sideways = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth;
  });
  return violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} at ${target}`))
    .concat(sideways ? "it scrolls sideways" : []);
}

/** Past the app, which would take longer. */
async function create({ token }, task) {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const body = JSON.stringify(task);
  const answer = await fetch(`${API}/api/tasks`, { method: "POST", headers, body });
  assert.equal(answer.status, 201);
}

/** The day so many days from today, as the API writes it. */
function day(days) {
  return new Date(Date.now() + days * DAY).toISOString().slice(0, 10);
}
