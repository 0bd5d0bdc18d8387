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
export const SORTS = {
  "": "Default order",
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
  sort: keyof typeof SORTS;
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

export function titleOf({ view, tag, priority, search }: View): string {
  if (search && view !== "trash") return `Results for “${search}”`;
  if (tag) return `#${tag}`;
  return priority ? `${PRIORITIES[priority]} priority` : VIEWS[view];
}
