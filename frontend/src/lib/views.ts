// The views of the tasks, and their addresses.
import { PRIORITIES, type Priority } from "./task.ts";

export const VIEWS = {
  today: "Today",
  upcoming: "Upcoming",
  overdue: "Overdue",
  all: "All tasks",
  completed: "Completed",
  trash: "Trash",
} as const;
const SORTS = {
  due: "Due date",
  priority: "Priority",
  newest: "Newest first",
  oldest: "Oldest first",
  title: "Title",
} as const;

export type ViewName = keyof typeof VIEWS;
/** One of the views, or the open tasks with a tag or a priority. A search is in all tasks. `task` is
 *  the id of the task that is open. */
export type View = {
  view: ViewName;
  tag: string;
  priority: Priority | "";
  search: string;
  sort: keyof typeof SORTS | "";
  task: string;
};
export const HOME: View = { view: "today", tag: "", priority: "", search: "", sort: "", task: "" };

/** Returns the view of a query string. Invalid values are ignored. */
export function viewFrom(query: URLSearchParams): View {
  const text = (name: string) => query.get(name)?.trim() ?? "";
  const oneOf = <Value extends string>(name: string, values: object, otherwise: Value) =>
    Object.hasOwn(values, text(name)) ? (text(name) as Value) : otherwise;
  return {
    view: oneOf<ViewName>("view", VIEWS, "today"),
    tag: text("tag"),
    priority: oneOf<View["priority"]>("priority", PRIORITIES, ""),
    search: text("search"),
    sort: oneOf<View["sort"]>("sort", SORTS, ""),
    task: text("task"),
  };
}

/** Returns the query string of a view, without default values. */
export function queryOf(view: Partial<View>): string {
  const changed = Object.entries(view).filter(
    ([name, value]) => value !== HOME[name as keyof View],
  );
  return changed.length ? `?${new URLSearchParams(changed)}` : "";
}

/** Returns which tasks are shown. Those with a tag or a priority are a part of all tasks. */
export const kindOf = ({ view, tag, priority }: View): ViewName => (tag || priority ? "all" : view);

export type UsualOrder = "due" | "newest" | "completed" | "deleted";
/** Returns the order of a view in which no other was chosen. */
export function usualOrderOf(view: View): UsualOrder {
  const kind = kindOf(view);
  if (kind === "trash") return "deleted";
  if (kind === "completed") return "completed";
  return kind === "all" || view.search ? "newest" : "due";
}

/** Returns the orders that can be chosen in a view, by their name in the address. */
export function sortsOf(view: View): Record<string, string> {
  const usual = usualOrderOf(view);
  const names = { ...SORTS, completed: "Last completed", deleted: "Last deleted" };
  const others = Object.entries(SORTS).filter(([name]) => name !== usual);
  return { "": names[usual], ...Object.fromEntries(others) };
}

export function titleOf({ view, tag, priority, search }: View): string {
  if (search && view !== "trash") return `Results for “${search}”`;
  if (tag) return `#${tag}`;
  return priority ? `${PRIORITIES[priority]} priority` : VIEWS[view];
}
