// What each view shows: the tasks in it, in which order and groups, and their numbers.
import { addDays, dayHeading, dayOf, formatDate, weekdayOf } from "./day.ts";
import { dueDay } from "./due.ts";
import type { Priority, Task, TaskFields } from "./task.ts";
import { fold } from "./text.ts";
import { kindOf, type UsualOrder, usualOrderOf, type View, type ViewName } from "./views.ts";

export const TRASH_DAYS = 30;

/** Returns the fields that a new task has from the view in which it is added. */
export function defaultsOf({ view, tag, priority }: View, today: string): Partial<TaskFields> {
  if (tag) return { tags: [tag] };
  if (priority) return { priority };
  if (view === "today") return { due_date: today };
  return view === "upcoming" ? { due_date: addDays(today, 1) } : {};
}

/** The key of the group of overdue tasks in Today. */
export const OVERDUE = "1";

/** Tasks under a title. With `isDay`, all of them are due on the day of the title. */
export type Group = { key: string; title?: string; isDay?: boolean; tasks: Task[] };

/** Returns the tasks of a view in groups, which are never empty. */
export function groupsOf(view: View, all: Iterable<Task>, today: string): Group[] {
  const tasks = [...all].filter((task) => belongs(task, view, today));
  const groups = new Map<string, Group>();
  for (const task of tasks.sort(orderOf(view))) {
    const key = groupKey(task, view, today);
    const group = groups.get(key) ?? { key, ...groupTitle(key, view, today), tasks: [] };
    group.tasks.push(task);
    groups.set(key, group);
  }
  const direction = kindOf(view) === "completed" && !view.search ? -1 : 1;
  return [...groups.values()].sort((one, other) => direction * compare(one.key, other.key));
}

const isOverdue = (task: Task, today: string) => {
  const day = dueDay(task);
  return day !== null && day < today;
};

function belongs(task: Task, view: View, today: string): boolean {
  const kind = kindOf(view);
  if ((task.deleted_at !== null) !== (kind === "trash")) return false;
  if (view.search) return matches(task, view.search);
  if (kind === "trash") return true;
  if (task.completed !== (kind === "completed")) return false;
  if (view.tag) return hasTag(task, view.tag);
  if (view.priority) return task.priority === view.priority;
  const day = dueDay(task);
  if (kind === "today") return day !== null && day <= today;
  if (kind === "upcoming") return day !== null && day > today;
  return kind !== "overdue" || isOverdue(task, today);
}

/** Whether the groups are days, or the overdue tasks. With another order they would cut it into pieces. */
const isByDay = ({ sort }: View): boolean => sort === "" || sort === "due";

/** Returns the key of the group of a task. Groups are shown in the order of their keys. */
function groupKey(task: Task, view: View, today: string): string {
  const kind = kindOf(view);
  if (kind === "trash") return "";
  if (view.search) return task.completed ? "2" : "1";
  if (!isByDay(view)) return "";
  if (kind === "today") return isOverdue(task, today) ? OVERDUE : "2";
  if (kind === "completed") return task.completed_at ? dayOf(new Date(task.completed_at)) : "";
  return kind === "upcoming" ? (dueDay(task) ?? "") : "";
}

function groupTitle(key: string, view: View, today: string): Pick<Group, "title" | "isDay"> {
  const kind = kindOf(view);
  if (kind === "trash" || (!view.search && !isByDay(view))) return {};
  if (view.search) return { title: key === "1" ? "Open" : "Completed" };
  if (kind === "today" && key === OVERDUE) return { title: "Overdue" };
  if (kind === "today") {
    return { title: `${weekdayOf(today)} ${formatDate(today, today)}`, isDay: true };
  }
  if (kind === "completed") return { title: key ? dayHeading(key, today) : "Earlier" };
  return kind === "upcoming" ? { title: dayHeading(key, today), isDay: true } : {};
}

/** Returns a function that computes a text of each task once. */
function remembered(textOf: (task: Task) => string): (task: Task) => string {
  const known = new WeakMap<Task, string>();
  return (task) => {
    let text = known.get(task);
    if (text === undefined) {
      text = textOf(task);
      known.set(task, text);
    }
    return text;
  };
}

const searchText = remembered(({ title, description, priority, tags }) =>
  fold([title, description ?? "", `!${priority}`, ...tags.map((tag) => `#${tag}`)].join("\n")),
);

/** Returns whether each word of the search is in the title, the description, a tag as "#home", or the
 *  priority as "!high". */
function matches(task: Task, search: string): boolean {
  const text = searchText(task);
  return fold(search)
    .split(/\s+/)
    .every((word) => text.includes(word));
}

export const hasTag = (task: Task, tag: string): boolean =>
  task.tags.some((other) => other.toLowerCase() === tag.toLowerCase());

type Order = (one: Task, other: Task) => number;
const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
const RANKS: Record<Priority, number> = { urgent: 0, high: 1, medium: 2, low: 3 };
const TITLES = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

// "~" is after all digits: tasks without a time are after those with one, and those without a day last.
const dueKey = remembered((task) => `${dueDay(task) ?? "~"} ${task.due_at ?? "~"}`);
const byDay: Order = (one, other) => compare(dueKey(one), dueKey(other));
const byPriority: Order = (one, other) => RANKS[one.priority] - RANKS[other.priority];
const newest: Order = (one, other) =>
  compare(other.created_at, one.created_at) || compare(other.id, one.id);
const first =
  (...orders: Order[]): Order =>
  (one, other) => {
    for (const order of orders) {
      const result = order(one, other);
      if (result) return result;
    }
    return 0;
  };
const ORDERS: Record<Exclude<View["sort"], "">, Order> = {
  due: first(byDay, byPriority, newest),
  priority: first(byPriority, byDay, newest),
  newest,
  oldest: (one, other) => newest(other, one),
  title: first((one, other) => TITLES.compare(one.title, other.title), newest),
};

const USUAL_ORDERS: Record<UsualOrder, Order> = {
  deleted: (one, other) => compare(other.deleted_at ?? "", one.deleted_at ?? ""),
  completed: (one, other) => compare(other.completed_at ?? "", one.completed_at ?? ""),
  due: ORDERS.due,
  newest,
};

const orderOf = (view: View): Order =>
  view.sort ? ORDERS[view.sort] : USUAL_ORDERS[usualOrderOf(view)];

export type Counts = Record<ViewName, number> & {
  tags: { name: string; open: number }[];
  priorities: Record<Priority, number>;
};

/** Returns the number of tasks in each view. Tags are in the order of the alphabet. */
export function countsOf(all: Iterable<Task>, today: string): Counts {
  const counts: Counts = {
    today: 0,
    upcoming: 0,
    overdue: 0,
    all: 0,
    completed: 0,
    trash: 0,
    tags: [],
    priorities: { urgent: 0, high: 0, medium: 0, low: 0 },
  };
  const tags = new Map<string, { name: string; open: number }>();
  for (const task of all) {
    if (task.deleted_at) {
      counts.trash += 1;
      continue;
    }
    for (const name of task.tags) {
      const key = name.toLowerCase();
      const tag = tags.get(key) ?? { name, open: 0 };
      if (!task.completed) tag.open += 1;
      tags.set(key, tag);
    }
    if (task.completed) {
      counts.completed += 1;
      continue;
    }
    counts.all += 1;
    counts.priorities[task.priority] += 1;
    const day = dueDay(task);
    if (day === null) continue;
    if (day < today) counts.overdue += 1;
    if (day <= today) counts.today += 1;
    else counts.upcoming += 1;
  }
  counts.tags = [...tags.values()].sort((one, other) => TITLES.compare(one.name, other.name));
  return counts;
}

/** Returns in words when a task in the trash is deleted for good. */
export function trashText({ deleted_at }: Task, now: number): string {
  if (!deleted_at) return "";
  const days = Math.ceil(TRASH_DAYS - (now - Date.parse(deleted_at)) / 86_400_000);
  if (days <= 0) return "Will be deleted for good soon";
  return `Will be deleted for good in ${days === 1 ? "1 day" : `${days} days`}`;
}
