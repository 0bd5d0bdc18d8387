import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { send } from "./agent.mjs";
import { checker } from "./checker.mjs";
import { eventually, scenario } from "./scenario.mjs";
import { API, APP, sql } from "./services.mjs";
import { PASSWORD } from "./user.mjs";

const NEW_PASSWORD = "five words in one row";

scenario("a user changes name and password", async (newUser) => {
  const alice = await newUser("Alice");
  const check = checker(alice);
  await alice.signUp();
  await alice.button("Account: Alice").click();
  await alice.page.getByRole("menuitem", { name: "Account" }).click();
  await alice.page.waitForURL("**/account");
  await alice.page.getByText("This device").waitFor();
  await check("account-page", { fullPage: true });

  await alice.page.getByLabel("Name", { exact: true }).fill("Alicia");
  await alice.button("Save name").click();
  await alice.button("Account: Alicia").waitFor();

  await changePassword(alice, "not the password");
  await alice.page.getByText("This is not your password.").waitFor();
  await alice.page.getByLabel("Name", { exact: true }).fill("");
  await alice.button("Save name").click();
  await alice.page.getByText("Enter your name.").waitFor();
  await check("account-problems", { fullPage: true });
  await changePassword(alice, PASSWORD);
  await alice.page.getByText("Your password is changed").waitFor();

  await alice.context.clearCookies();
  await alice.goTo("/account");
  await alice.page.waitForURL("**/sign-in");
  await alice.ready();
  await alice.enterCredentials("Sign in", NEW_PASSWORD);
  await alice.button("Account: Alicia").waitFor();
  assert.deepEqual(check.violations, []);
});

scenario("a user signs out another browser", async (newUser) => {
  const [alice, other] = [await newUser("Alice"), await newUser("Alice")];
  const check = checker(alice);
  await alice.signUp();
  other.email = alice.email;
  await other.signIn();

  await alice.goTo("/account");
  await alice.button("Sign out Chrome on Linux").waitFor();
  await check("account-sessions", { fullPage: true });
  await alice.button("Sign out Chrome on Linux").click();
  await alice.page.getByRole("alertdialog").getByText("Sign out", { exact: true }).click();
  await alice.button("Sign out Chrome on Linux").waitFor({ state: "detached" });
  await other.page.reload();
  await other.page.waitForURL("**/sign-in");

  await other.ready();
  await other.enterCredentials("Sign in");
  await alice.page.reload();
  await alice.ready();
  await alice.button("Sign out all others").click();
  await alice.page.getByRole("alertdialog").getByText("Sign out all others").click();
  await alice.button("Sign out all others").waitFor({ state: "detached" });
  await other.page.reload();
  await other.page.waitForURL("**/sign-in");
  await alice.page.getByText("This device").waitFor();
  assert.deepEqual(check.violations, []);
});

scenario("the account page tells what it cannot load", async (newUser) => {
  const alice = await newUser("Alice");
  const check = checker(alice);
  await alice.signUp();
  await makeSessionOld(alice);
  await alice.context.route(`${API}/**`, (route) => route.abort());

  await alice.goTo("/account");
  await alice.button("Sign in again").waitFor();
  await alice.page.getByText("This list could not be loaded.").waitFor();
  await alice.button("Download everything").click();
  await alice.page.getByText("The file could not be downloaded.").waitFor();
  await check("account-not-loaded", { fullPage: true });
  await alice.button("Sign in again").click();
  await alice.button("Sign in").waitFor();
  assert.deepEqual(check.violations, []);
});

scenario("a script uses an API key until it is deleted", async (newUser) => {
  const alice = await newUser("Alice");
  const check = checker(alice);
  await alice.signUp();
  await alice.addAndSee("Water the plants");
  await alice.goTo("/account");

  const reading = await createKey(alice, "Backup script", "Only read");
  await alice.page.getByText("It is not shown again").waitFor();
  await check("account-new-key", { fullPage: true });
  const example = await alice.page.locator("pre").innerText();
  await alice.button("Done").click();
  const output = execFileSync("bash", ["-c", example], {
    env: { ...process.env, KEY: reading },
    stdio: ["ignore", "pipe", "ignore"],
  });
  assert.deepEqual(titles(JSON.parse(output)), ["Water the plants"]);
  const refused = await send(await tokenOf(reading), "POST", "/api/tasks", { title: "A" });
  assert.deepEqual([refused.status, refused.code], [403, "insufficient_scope"]);

  const changing = await createKey(alice, "Import script", "Read and change");
  const created = await send(await tokenOf(changing), "POST", "/api/tasks", { title: "A" });
  assert.equal(created.status, 201);
  const account = await send(await tokenOf(changing), "GET", "/api/me/export");
  assert.deepEqual([account.status, account.code], [403, "insufficient_scope"]);

  await alice.page.reload();
  await alice.button("Delete Import script").waitFor();
  await check("account-keys", { fullPage: true });
  await alice.button("Delete Backup script").click();
  await alice.page.getByRole("alertdialog").getByText("Delete", { exact: true }).click();
  await alice.button("Delete Backup script").waitFor({ state: "detached" });
  assert.equal(await tokenOf(reading), undefined);
  assert.ok(await tokenOf(changing));
  assert.deepEqual(check.violations, []);
});

scenario("a user downloads everything", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.addAndSee("Water the plants");
  await alice.goTo("/account");

  const everything = JSON.parse(await download(alice, "everything"));
  const table = await download(alice, "tasks as a table");
  const toDos = await download(alice, "tasks as to-dos");

  assert.deepEqual(titles(everything.tasks), ["Water the plants"]);
  assert.equal(everything.user.email, alice.email);
  assert.match(table, /^\ufeff.*title/);
  assert.match(table, /Water the plants/);
  assert.match(toDos, /^BEGIN:VCALENDAR[\s\S]*SUMMARY:Water the plants/);
});

scenario("a calendar program reads the feed until it is revoked", async (newUser) => {
  const alice = await newUser("Alice");
  const check = checker(alice);
  await alice.signUp();
  // The app would give it the date of the view.
  await send(alice.token, "POST", "/api/tasks", { title: "Water the plants" });
  await send(alice.token, "POST", "/api/tasks", { title: "Pay rent", due_date: "2030-01-01" });
  await alice.goTo("/account");

  await alice.button("Make address").click();
  const shown = alice.page.getByLabel("Address of your calendar feed");
  const address = await shown.inputValue();
  await check("account-calendar", { fullPage: true });
  const calendar = await (await fetch(address)).text();
  await alice.button("Make a new address").click();
  await alice.page
    .getByRole("alertdialog")
    .getByText("Make a new address", { exact: true })
    .click();
  const next = await eventually(async () => {
    const value = await shown.inputValue();
    assert.notEqual(value, address);
    return value;
  });
  const statuses = [(await fetch(address)).status, (await fetch(next)).status];
  await alice.button("Revoke the address").click();
  await alice.page.getByRole("alertdialog").getByText("Revoke", { exact: true }).click();
  await alice.button("Make address").waitFor();

  assert.match(calendar, /SUMMARY:Pay rent/);
  assert.doesNotMatch(calendar, /Water the plants/);
  assert.deepEqual(statuses, [404, 200]);
  assert.equal((await fetch(next)).status, 404);
  assert.deepEqual(check.violations, []);
});

scenario("a user erases the account", async (newUser) => {
  const alice = await newUser("Alice");
  const check = checker(alice);
  await alice.signUp();
  await alice.addAndSee("Water the plants");
  const { token } = alice;
  await alice.goTo("/account");
  const key = await createKey(alice, "Backup script", "Only read");
  await makeSessionOld(alice);

  await alice.button("Erase account…").click();
  const dialog = alice.page.getByRole("dialog");
  await dialog.getByLabel("to confirm").fill("someone@todo.test");
  await dialog.getByRole("button", { name: "Erase my account" }).click();
  await dialog.getByText("This is not your email address.").waitFor();
  await check("account-erase");
  await dialog.getByLabel("to confirm").fill(alice.email);
  await dialog.getByLabel("Password", { exact: true }).fill("not the password");
  await dialog.getByRole("button", { name: "Erase my account" }).click();
  await dialog.getByText("This is not your password.").waitFor();
  assert.equal((await send(token, "GET", "/api/tasks")).json.length, 1);
  await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await dialog.getByRole("button", { name: "Erase my account" }).click();
  await alice.page.waitForURL("**/erased");
  await check("erased");

  const later = await send(token, "GET", "/api/tasks");
  assert.deepEqual([later.status, later.code], [403, "account_suspended"]);
  assert.equal(await tokenOf(key), undefined);
  assert.equal(
    (await sql("SELECT FROM better_auth.apikey WHERE start = $1", [key.slice(0, 14)])).rowCount,
    0,
  );
  await alice.goTo("/sign-in");
  await alice.fillCredentials("Sign in");
  await alice.page.getByText("Incorrect email or password.").waitFor();
  await alice.signUp();
  assert.deepEqual(await alice.tasks(), []);
  assert.deepEqual(check.violations, []);
});

async function changePassword({ page }, current) {
  await page.getByLabel("Current password").fill(current);
  await page.getByLabel("New password").fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Change password" }).click();
}

const makeSessionOld = ({ email }) =>
  sql(
    `UPDATE better_auth.session SET "createdAt" = now() - interval '2 days'
     WHERE "userId" = (SELECT id FROM better_auth."user" WHERE email = $1)`,
    [email],
  );

async function createKey({ page }, name, access) {
  await page.getByLabel("Name of the key").fill(name);
  await page.getByLabel("Access to your tasks").selectOption(access);
  await page.getByRole("button", { name: "Create key" }).click();
  return page.getByLabel("Your new API key").inputValue();
}

/** Returns a token of the API for a key; undefined if the key is refused. */
async function tokenOf(key) {
  const response = await fetch(`${APP}/api/auth/token`, { headers: { "x-api-key": key } });
  return (await response.json()).token;
}

async function download({ page }, what) {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: `Download ${what}` }).click(),
  ]);
  return readFileSync(await file.path(), "utf8");
}

const titles = (tasks) => tasks.map(({ title }) => title);
