import assert from "node:assert/strict";
import { checker } from "./checker.mjs";
import { day } from "./days.mjs";
import { eventually, scenario } from "./scenario.mjs";

const TASKS = [
  { title: "Renew the passport", priority: "urgent", due_date: day(-2) },
  { title: "Book the train", due_date: day(0), tags: ["travel"] },
  { title: "Visit the café", due_date: day(1), tags: ["travel", "friends"] },
  { title: "Learn a song", description: "Before the concert" },
  { title: "Send the invoice", completed: true },
];

scenario(
  "each view has its tasks and their number, and is a step in the history",
  async (newUser) => {
    const alice = await newUser("Alice");
    await alice.signUp();
    await alice.create(TASKS);
    await alice.reload();
    await alice.view("Today").getByText("2").waitFor();
    const expected = {
      Today: ["Renew the passport", "Book the train"],
      Upcoming: ["Visit the café"],
      Overdue: ["Renew the passport"],
      "All tasks": ["Learn a song", "Visit the café", "Book the train", "Renew the passport"],
      Completed: ["✓ Send the invoice"],
      Urgent: ["Renew the passport"],
      travel: ["Visit the café", "Book the train"],
    };
    const titles = { Urgent: "Urgent priority", travel: "#travel" };

    for (const [name, tasks] of Object.entries(expected)) {
      await alice.view(name).click();
      await alice.heading(titles[name] ?? name).waitFor();
      assert.deepEqual(await alice.tasks(), tasks, name);
      assert.match(await alice.view(name).innerText(), new RegExp(`${tasks.length}`));
    }
    assert.match(alice.page.url(), /\?tag=travel$/);
    await alice.page.goBack();
    await alice.heading("Urgent priority").waitFor();
    await alice.page.goBack();
    await alice.heading("Completed").waitFor();
    await alice.reload();
    assert.deepEqual(await alice.tasks(), ["✓ Send the invoice"]);
    await alice.page.goForward();
    await alice.heading("Urgent priority").waitFor();
  },
);

scenario("a search ignores accents, and is in all tasks", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.create(TASKS);
  await alice.reload();
  const search = alice.page.getByRole("searchbox");

  await search.fill("CAFE");
  await alice.heading("Results for “CAFE”").waitFor();
  assert.deepEqual(await alice.tasks(), ["Visit the café"]);
  await search.fill("the invoice");
  await eventually(async () => assert.deepEqual(await alice.tasks(), ["✓ Send the invoice"]));
  await alice.reload();
  assert.equal(await search.inputValue(), "the invoice");
  await alice.page.goBack();
  await alice.heading("Today").waitFor();
  assert.equal(await search.inputValue(), "");

  await alice.show("All tasks");
  await alice.page.getByLabel("Sort by").selectOption("Title");
  await eventually(async () =>
    assert.deepEqual(await alice.tasks(), [
      "Book the train",
      "Learn a song",
      "Renew the passport",
      "Visit the café",
    ]),
  );
  assert.match(alice.page.url(), /sort=title/);
});

scenario("tasks get another day or priority in the list", async (newUser) => {
  const alice = await newUser("Alice");
  const check = checker(alice);
  await alice.signUp();
  await alice.create([{ title: "Pay the rent", due_date: day(-1) }, ...TASKS]);
  await alice.reload();
  const menuOf = (title) => alice.button(`Actions for ${title}`);
  const item = (name) => alice.page.getByRole("menuitemradio", { name, exact: true });

  await alice.checkbox("Book the train").hover();
  await menuOf("Book the train").click();
  await item("Tomorrow").waitFor();
  await check("task-menu");
  await alice.page.keyboard.press("Escape");
  await alice.page.setViewportSize({ width: 390, height: 400 });
  await menuOf("Book the train").click();
  await eventually(async () => {
    const { y, height } = await alice.page.getByRole("menu").boundingBox();
    assert.ok(y >= 0 && y + height <= 400, `from ${y}, ${height} high`);
  });
  await alice.page.setViewportSize({ width: 1280, height: 800 });
  await item("Tomorrow").click();
  await alice.page.getByText("Moved “Book the train” to tomorrow").waitFor();
  await alice.saved();
  assert.deepEqual(await alice.tasks(), ["Renew the passport", "Pay the rent"]);
  await alice.checkbox("Pay the rent").hover();
  await menuOf("Pay the rent").click();
  await item("High").click();
  await alice.saved();
  await alice.button("Move all to today").click();
  await alice.page.getByText("Moved 2 tasks to today").waitFor();
  await alice.saved();
  await alice.page.getByRole("heading", { name: /^Overdue/ }).waitFor({ state: "detached" });

  const saved = await alice.apiTasks();
  const days = Object.fromEntries(saved.map(({ title, due_date }) => [title, due_date]));
  assert.equal(days["Book the train"], day(1));
  assert.equal(days["Renew the passport"], day(0));
  assert.equal(days["Pay the rent"], day(0));
  assert.equal(saved.find(({ title }) => title === "Pay the rent").priority, "high");
  await alice.page.keyboard.press("Control+z");
  await alice.page.getByRole("heading", { name: /^Overdue/ }).waitFor();
  await alice.saved();
  assert.deepEqual(check.violations, []);
});

scenario("a search understands tags and priorities", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.create([{ title: "Call Ben", priority: "high", tags: ["travel"] }, ...TASKS]);
  await alice.reload();

  await alice.page.getByRole("searchbox").fill("#travel !high");
  await alice.heading("Results for “#travel !high”").waitFor();

  assert.deepEqual(await alice.tasks(), ["Call Ben"]);
});

scenario("a tag is renamed and removed on all tasks", async (newUser) => {
  const alice = await newUser("Alice");
  const check = checker(alice);
  await alice.signUp();
  await alice.create(TASKS);
  await alice.reload();
  await alice.view("travel").click();
  const menu = async (tag, item) => {
    await alice.button(`Actions for #${tag}`).click();
    await alice.page.getByRole("menuitem", { name: item }).click();
  };

  await menu("travel", "Rename…");
  const dialog = alice.page.getByRole("dialog", { name: "Rename #travel" });
  await dialog.waitFor();
  await alice.page.keyboard.press("Delete"); // the name is selected
  await alice.page.keyboard.press("Enter");
  await dialog.getByText("Enter a name.").waitFor();
  await check("rename-tag");
  await alice.page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await eventually(async () =>
    assert.ok(await alice.button("Actions for #travel").evaluate((it) => it.matches(":focus"))),
  );
  await menu("travel", "Rename…");
  await dialog.getByLabel("Name").fill("holidays");
  await dialog.getByRole("button", { name: "Rename" }).click();
  await alice.heading("#holidays").waitFor();
  await alice.view("holidays").getByText("2").waitFor();
  await menu("holidays", "Remove from all tasks…");
  await alice.button("Remove the tag").click();
  await alice.heading("All tasks").waitFor();
  await alice.view("holidays").waitFor({ state: "detached" });

  const tags = (await alice.apiTasks()).flatMap((task) => task.tags);
  assert.deepEqual(tags, ["friends"]);
  assert.deepEqual(check.violations, []);
});
