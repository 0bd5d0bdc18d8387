// The admin of the API, as operators see it on a desktop and on a phone.
import assert from "node:assert/strict";
import { checker } from "./checker.mjs";
import { day } from "./days.mjs";
import { scenario } from "./scenario.mjs";
import { API, manage } from "./services.mjs";

const EMAIL = "support@todo.test";
const PASSWORD = "many words for the support";
const TASKS = [
  { title: "Renew the passport", priority: "urgent", due_date: day(-2), tags: ["travel"] },
  { title: "Book the train", due_date: day(0), tags: ["travel", "friends"] },
  { title: "Send the invoice", completed: true },
  { title: "Old list" },
];

scenario("the admin's pages are accessible and fit the screen", async (newUser) => {
  const alice = await newUser("Alice");
  // axe adds inline styles, which the pages' own policy refuses. pages.mjs has the policy.
  const operator = await newUser("Operator", { bypassCSP: true });
  await alice.signUp();
  await alice.create(TASKS);
  const [old] = (await alice.apiTasks()).filter(({ title }) => title === "Old list");
  await alice.callApi("DELETE", `/api/tasks/${old.id}`);
  await manage(`createsuperuser --noinput --email ${EMAIL}`, {
    DJANGO_SUPERUSER_PASSWORD: PASSWORD,
  });
  const { page } = operator;
  const check = checker(operator);
  const admin = `${API}/admin/`;
  const user = `accounts/user/${alice.id}`;

  await page.goto(admin);
  await check("admin-sign-in");
  await page.getByLabel("Email").fill(EMAIL);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "Dashboard" }).waitFor();
  const see = async (name, path) => {
    const response = await page.goto(admin + path);
    assert.equal(response.status(), name === "not-found" ? 404 : 200, path);
    await check(`admin-${name}`, { fullPage: true });
  };

  await page.goto(`${admin}accounts/user/act/suspend/?person=${alice.id}`);
  await page.getByLabel("Reason").fill("Ticket 12");
  await page.getByRole("button", { name: "Suspend Alice" }).click();
  await page.getByRole("heading", { name: `Alice (${alice.email})` }).waitFor();
  const pages = {
    dashboard: "",
    help: "help/",
    users: "accounts/user/",
    "users-found": "accounts/user/?q=ali&is_active__exact=0",
    user: `${user}/change/`,
    history: `${user}/history/`,
    erase: `accounts/user/act/erase/?person=${alice.id}`,
    tasks: `tasks/task/?user__id__exact=${alice.id}`,
    "tasks-none": "tasks/task/?completed_at__gte=2100-01-01T00:00Z",
    task: `tasks/task/${old.id}/change/`,
    traffic: "operations/traffic/",
    log: "admin/logentry/",
    group: "auth/group/add/",
    password: "password_change/",
    "not-found": "nothing/",
  };
  for (const [name, path] of Object.entries(pages)) await see(name, path);

  assert.deepEqual(check.violations, []);
});
