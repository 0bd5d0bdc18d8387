import assert from "node:assert/strict";
import { test } from "node:test";
import { countsOf, defaultsOf, groupsOf, trashText } from "../src/lib/groups.ts";
import type { Task } from "../src/lib/task.ts";
import { HOME, queryOf, sortsOf, type View, viewFrom } from "../src/lib/views.ts";
import { task } from "./task.ts";

const TODAY = "2026-12-01";
const TASKS = [
  task("late", { due_date: "2026-11-28" }),
  task("today", { due_date: TODAY, priority: "high", tags: ["Home"] }),
  task("timed", { due_date: TODAY, due_at: new Date(2026, 11, 1, 9).toISOString() }),
  task("soon", { due_date: "2026-12-02", title: "Café", tags: ["home"] }),
  task("someday", { description: "Grüße an alle" }),
  task("done", { completed: true, completed_at: "2026-11-30T12:00:00Z", due_date: TODAY }),
  task("trashed", { deleted_at: "2026-11-30T12:00:00Z", due_date: TODAY }),
];
const shown = (view: Partial<View>, tasks: Task[] = TASKS) =>
  groupsOf({ ...HOME, ...view }, tasks, TODAY).map(({ title, tasks }) => [
    title,
    ...tasks.map(({ id }) => id),
  ]);

test("the query string contains only values that differ from the defaults, and can be parsed", () => {
  const view = { ...HOME, view: "all", sort: "title", search: "plants & cats" } as const;

  const query = queryOf(view);

  assert.equal(query, "?view=all&search=plants+%26+cats&sort=title");
  assert.deepEqual(viewFrom(new URLSearchParams(query)), view);
  assert.equal(queryOf(HOME), "");
});

test("invalid values in a query string are ignored", () => {
  const query = "view=constructor&sort=colour&search=+&priority=blue";

  assert.deepEqual(viewFrom(new URLSearchParams(query)), HOME);
});

test("Today has the overdue tasks on top, then those with a time", () => {
  assert.deepEqual(shown({}), [
    ["Overdue", "late"],
    ["Tuesday 1 December", "timed", "today"],
  ]);
});

test("each view has its tasks", () => {
  assert.deepEqual(shown({ view: "upcoming" }), [["Tomorrow, Wednesday 2 December", "soon"]]);
  assert.deepEqual(shown({ view: "overdue" }), [[undefined, "late"]]);
  assert.deepEqual(shown({ view: "completed" }), [["Yesterday, Monday 30 November", "done"]]);
  assert.deepEqual(shown({ view: "trash" }), [[undefined, "trashed"]]);
  assert.deepEqual(shown({ tag: "HOME", sort: "due" }), [[undefined, "today", "soon"]]);
  assert.deepEqual(shown({ priority: "high" }), [[undefined, "today"]]);
  assert.equal(shown({ view: "all" })[0]?.length, 6);
});

test("a search ignores accents and case, and is in all tasks but those in the trash", () => {
  assert.deepEqual(shown({ search: "cafe" }), [["Open", "soon"]]);
  assert.deepEqual(shown({ search: "GRUSSE" }), []);
  assert.deepEqual(shown({ search: "gruß alle" }), [["Open", "someday"]]);
  assert.deepEqual(shown({ search: "#home" }).flat().sort(), ["Open", "soon", "today"]);
  assert.equal(shown({ search: "plants" }).at(-1)?.[1], "done");
  assert.deepEqual(shown({ search: "plants", view: "trash" }), [[undefined, "trashed"]]);
});

test("tasks are sorted by day, priority, age and title", () => {
  const tasks = [
    task("a", { title: "Task 10", priority: "low", created_at: "2026-11-01T00:00:00Z" }),
    task("b", { title: "Task 2", priority: "urgent", due_date: "2026-12-24" }),
    task("c", { title: "écran", due_date: "2026-12-03", created_at: "2026-11-25T00:00:00Z" }),
  ];
  const sorted = (sort: View["sort"]) => shown({ view: "all", sort }, tasks)[0]?.slice(1).join("");

  assert.equal(sorted(""), "cba");
  assert.equal(sorted("due"), "cba");
  assert.equal(sorted("priority"), "bca");
  assert.equal(sorted("oldest"), "abc");
  assert.equal(sorted("title"), "cba");
});

test("counts are those of the views, and tags of any case are one", () => {
  const { tags, priorities, ...counts } = countsOf(TASKS, TODAY);

  assert.deepEqual(counts, { today: 3, upcoming: 1, overdue: 1, all: 5, completed: 1, trash: 1 });
  assert.deepEqual(tags, [{ name: "Home", open: 2 }]);
  assert.deepEqual(priorities, { urgent: 0, high: 1, medium: 4, low: 0 });
});

test("a new task belongs to the view in which it is added", () => {
  assert.deepEqual(defaultsOf(HOME, TODAY), { due_date: TODAY });
  assert.deepEqual(defaultsOf({ ...HOME, view: "upcoming" }, TODAY), { due_date: "2026-12-02" });
  assert.deepEqual(defaultsOf({ ...HOME, tag: "home" }, TODAY), { tags: ["home"] });
  assert.deepEqual(defaultsOf({ ...HOME, view: "all" }, TODAY), {});
});

test("the trash says when a task is deleted for good", () => {
  const trashed = task("a", { deleted_at: "2026-11-11T12:00:00Z" });

  const text = trashText(trashed, Date.parse("2026-12-01T11:00:00Z"));

  assert.equal(text, "Will be deleted for good in 11 days");
});

test("10,000 tasks are counted and sorted in little time", () => {
  const many = Array.from({ length: 10_000 }, (_, index) =>
    task(String(index), {
      title: `Task ${index}`,
      due_date: `2026-${String((index % 12) + 1).padStart(2, "0")}-15`,
    }),
  );
  const start = performance.now();

  countsOf(many, TODAY);
  groupsOf({ ...HOME, view: "all", sort: "title" }, many, TODAY);

  assert.ok(performance.now() - start < 1_000);
});

test("a view names its usual order, and offers it once", () => {
  const [, ...others] = Object.keys(sortsOf(HOME));

  assert.equal(sortsOf(HOME)[""], "Due date");
  assert.deepEqual(others, ["priority", "newest", "oldest", "title"]);
  assert.equal(sortsOf({ ...HOME, tag: "home" })[""], "Newest first");
  assert.equal(sortsOf({ ...HOME, view: "trash" })[""], "Last deleted");
});

test("another order than by day has no groups", () => {
  assert.deepEqual(shown({ sort: "title" }).length, 1);
  assert.equal(shown({ sort: "due" }).length, 2);
});

test("a search finds tags and priorities", () => {
  assert.deepEqual(shown({ search: "#home !high" }), [["Open", "today"]]);
  assert.deepEqual(shown({ search: "#home !low" }), []);
});
