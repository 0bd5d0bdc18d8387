import assert from "node:assert/strict";
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
