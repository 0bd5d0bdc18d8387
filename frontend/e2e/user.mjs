// The actions of a user in the app. Controls are found by their accessible names.
import { API, APP } from "./services.mjs";

export const PASSWORD = "four words in a row";

export class User {
  unexpected = [];
  /** The requests of the page to the API: `{ method, pathname, status, token }`. */
  calls = [];

  constructor(name, email, context) {
    Object.assign(this, { name, email, context });
    context.on("response", (response) => this.recordCall(response));
  }

  recordCall(response) {
    const request = response.request();
    const { origin, pathname } = new URL(response.url());
    if (origin !== API || request.method() === "OPTIONS") return;
    const token = request.headers().authorization?.replace("Bearer ", "");
    this.calls.push({ method: request.method(), pathname, status: response.status(), token });
  }

  /** Returns the same user in another tab. */
  async inAnotherTab(path) {
    const other = Object.create(this);
    other.page = await this.context.newPage();
    await other.goTo(path);
    await other.listed();
    return other;
  }

  /** The token of the last request to the API. */
  get token() {
    return this.calls.findLast(({ token }) => token)?.token;
  }

  /** The statuses of the responses that are not successful. */
  get failures() {
    return this.calls.map(({ status }) => status).filter((status) => status >= 400);
  }

  /** The id of the user at the API. */
  get id() {
    return JSON.parse(Buffer.from(this.token.split(".")[1], "base64url")).sub;
  }

  /** The id of a shown task. */
  async idOf(title) {
    const row = this.page.locator("[data-task]").filter({ has: this.checkbox(title) });
    return row.getAttribute("data-task");
  }

  async goTo(path) {
    await this.page.goto(APP + path);
    await this.ready();
  }

  /** Waits until React has attached the event handlers. */
  async ready() {
    await this.page.waitForFunction(() => {
      const buttons = [...document.querySelectorAll("button")];
      const isReady = (button) =>
        Object.keys(button).some((name) => name.startsWith("__reactProps"));
      return buttons.length > 0 && buttons.every(isReady);
    });
  }

  async signUp() {
    await this.goTo("/sign-up");
    await this.page.getByLabel("Name", { exact: true }).fill(this.name);
    await this.enterCredentials("Create account");
  }

  async signIn() {
    await this.goTo("/sign-in");
    await this.enterCredentials("Sign in");
  }

  async fillCredentials(submitLabel, password = PASSWORD) {
    await this.page.getByLabel("Email").fill(this.email);
    await this.page.getByLabel("Password", { exact: true }).fill(password);
    await this.page.getByRole("button", { name: submitLabel }).click();
  }

  async enterCredentials(submitLabel, password = PASSWORD) {
    await this.fillCredentials(submitLabel, password);
    await this.page.waitForURL("**/dashboard");
    await this.listed();
  }

  /** Waits until the list or a message in its place is shown. */
  async listed() {
    await this.ready();
    await this.page.getByText("Loading your tasks").waitFor({ state: "detached" });
    await this.page.getByText("Loading…").waitFor({ state: "detached" });
    await this.button(/^Account/).waitFor(); // the menus are loaded last
  }

  async reload() {
    await this.page.reload();
    await this.listed();
  }

  /** Waits until the service worker has the page, and all files that were loaded. */
  async hasOfflinePage() {
    const isKept = async () => {
      const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
      const files = loaded.filter((name) => name.includes("/_next/static/"));
      const kept = await Promise.all(["/dashboard", ...files].map((file) => caches.match(file)));
      const hasDialogs = files.length > 25;
      return hasDialogs && kept.every(Boolean);
    };
    while (!(await this.page.evaluate(isKept))) await this.page.waitForTimeout(100);
  }

  get newTask() {
    return this.page.getByRole("combobox", { name: "New task" });
  }

  async add(title) {
    await this.newTask.fill(title);
    await this.page.keyboard.press("Enter");
  }

  /** Adds a task and waits until the API has created it. */
  async addAndSee(title) {
    await this.add(title);
    await this.checkbox(title).waitFor();
    await this.saved();
  }

  /** Waits until the API has all changes. */
  async saved() {
    await this.page.getByText("All changes saved", { exact: true }).waitFor();
  }

  /** Goes to a view by its name in the sidebar. */
  async show(view) {
    await this.view(view).click();
    await this.page.getByRole("heading", { level: 1, name: view }).waitFor();
  }

  /** A link of the sidebar. Its name ends with the number of tasks. */
  view(name) {
    return this.page.getByRole("link", { name: new RegExp(`^${name}( [\\d,]+ tasks?)?$`) });
  }

  heading(name) {
    return this.page.getByRole("heading", { level: 1, name, exact: true });
  }

  checkbox(title) {
    return this.page.getByRole("checkbox", { name: `Completed: ${title}`, exact: true });
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: typeof name === "string" });
  }

  async complete(title, { isSaved = true } = {}) {
    await this.checkbox(title).click();
    await this.checkbox(title).waitFor({ state: "detached" });
    if (isSaved) await this.saved();
  }

  async openEdit(title) {
    await this.button(title).click();
    await this.dialog.getByLabel("Title").waitFor();
  }

  get dialog() {
    return this.page.getByRole("dialog", { name: "Edit task" });
  }

  async edit(title, change) {
    await this.openEdit(title);
    await this.fillEdit(change);
    await this.dialog.waitFor({ state: "detached" });
  }

  /** Changes fields of the open dialog, which are given by label, and saves. */
  async fillEdit(change) {
    for (const [label, value] of Object.entries(change)) {
      const field = this.dialog.getByLabel(label, { exact: true });
      if (label === "Priority") await field.selectOption(value);
      else await field.fill(value);
    }
    await this.dialog.getByRole("button", { name: "Save" }).click();
  }

  /** Returns the titles of the shown tasks, with a mark if completed: `✓ Water the plants`. */
  async tasks() {
    const boxes = await this.page.getByRole("checkbox").all();
    const lines = boxes.map(async (box) => {
      const title = (await box.getAttribute("aria-label")).replace("Completed: ", "");
      return (await box.isChecked()) ? `✓ ${title}` : title;
    });
    return Promise.all(lines);
  }

  /** Creates tasks directly through the API, the first one as the oldest. */
  async create(tasks) {
    for (const task of tasks) {
      const response = await this.callApi("POST", "/api/tasks", task);
      if (response.status !== 201) throw new Error(await response.text());
    }
  }

  /** Imports many tasks. */
  async insert(tasks) {
    for (let start = 0; start < tasks.length; start += 5_000) {
      const response = await this.callApi("POST", "/api/import", tasks.slice(start, start + 5_000));
      const { created } = await response.json();
      if (created !== Math.min(5_000, tasks.length - start)) throw new Error(`created ${created}`);
    }
  }

  /** Returns the tasks of the user at the API, without the trash. */
  async apiTasks() {
    return (await this.callApi("GET", "/api/tasks")).json();
  }

  callApi(method, path, body) {
    const headers = { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" };
    return fetch(API + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  }

  /** Sends a request to the API from the page's origin, with any token. */
  request(method, path, token) {
    const request = { method, headers: { Authorization: `Bearer ${token}` } };
    return this.page.evaluate(
      async ([url, request]) => {
        const response = await fetch(url, request);
        return { status: response.status, body: await response.json() };
      },
      [API + path, request],
    );
  }

  /** The error messages of the page, without the empty alert element of Next.js. */
  get alert() {
    return this.page.getByRole("alert").filter({ hasText: /./ });
  }
}
