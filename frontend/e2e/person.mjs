// What a person does in the app, by the names that controls have for everybody.
import { API, APP } from "./services.mjs";

const PASSWORD = "four words in a row";

export class Person {
  surprises = [];
  /** What the page and the API have said to each other: `{ method, path, status, token }`. */
  calls = [];

  constructor(name, email, context) {
    Object.assign(this, { name, email, context });
    context.on("response", (response) => this.note(response));
  }

  note(response) {
    const request = response.request();
    const { origin, pathname } = new URL(response.url());
    if (origin !== API || request.method() === "OPTIONS") return;
    const token = request.headers().authorization?.replace("Bearer ", "");
    this.calls.push({ method: request.method(), pathname, status: response.status(), token });
  }

  /** The same person, in one more tab. */
  async inAnotherTab(path) {
    const other = Object.create(this);
    other.page = await this.context.newPage();
    await other.goTo(path);
    await other.listed();
    return other;
  }

  /** What the API was last asked with. */
  get token() {
    return this.calls.findLast(({ token }) => token)?.token;
  }

  statuses(method) {
    return this.calls.filter((call) => call.method === method).map(({ status }) => status);
  }

  async goTo(path) {
    await this.page.goto(APP + path);
    await this.ready();
  }

  /** Until then the page has been sent, but does not listen. */
  async ready() {
    await this.page.waitForFunction(() =>
      [...document.querySelectorAll("button")].some((button) =>
        Object.keys(button).some((name) => name.startsWith("__reactProps")),
      ),
    );
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

  async enterCredentials(verb) {
    await this.page.getByLabel("E-mail").fill(this.email);
    await this.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await this.page.getByRole("button", { name: verb }).click();
    await this.page.waitForURL("**/dashboard");
    await this.listed();
  }

  /** The list, or the words that stand in its place, instead of its outline. */
  async listed() {
    await this.ready();
    await this.page.getByText("Loading your tasks").waitFor({ state: "detached" });
  }

  async reload() {
    await this.page.reload();
    await this.listed();
  }

  get newTask() {
    return this.page.getByRole("textbox", { name: "New task" });
  }

  async add(title) {
    await this.newTask.fill(title);
    await this.page.keyboard.press("Enter");
  }

  /** Adds it and waits until the API has it. */
  async addAndSee(title) {
    await this.add(title);
    await this.checkbox(title).waitFor();
  }

  checkbox(title) {
    return this.page.getByRole("checkbox", { name: `Completed: ${title}`, exact: true });
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  async complete(title) {
    const answer = this.page.waitForResponse((response) => response.url().endsWith("/complete"));
    await this.checkbox(title).click();
    await answer;
  }

  async openEdit(title) {
    await this.button(`Edit ${title}`).click();
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

  /** Changes fields of the open dialog, by their labels, and saves. */
  async fillEdit(change) {
    for (const [label, value] of Object.entries(change)) {
      const field = this.dialog.getByLabel(label, { exact: true });
      if (label === "Priority") await field.selectOption(value);
      else await field.fill(value);
    }
    await this.dialog.getByRole("button", { name: "Save" }).click();
  }

  /** The shown tasks, each as its title and its first mark: `✓ Water the plants`. */
  async tasks() {
    const boxes = await this.page.getByRole("checkbox").all();
    const lines = boxes.map(async (box) => {
      const title = (await box.getAttribute("aria-label")).replace("Completed: ", "");
      return (await box.isChecked()) ? `✓ ${title}` : title;
    });
    return Promise.all(lines);
  }

  /** Asks the API from the page, past the app: with the page's origin, and any token. */
  ask(method, path, token) {
    const request = { method, headers: { Authorization: `Bearer ${token}` } };
    return this.page.evaluate(
      async ([url, request]) => {
        const response = await fetch(url, request);
        return { status: response.status, body: await response.json() };
      },
      [API + path, request],
    );
  }

  /** What the page complains about; Next.js keeps an empty alert of its own. */
  get alert() {
    return this.page.getByRole("alert").filter({ hasText: /./ });
  }
}
