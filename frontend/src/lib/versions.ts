import type { Task, TaskFields } from "./api-client.ts";

const NAMES = ["title", "description", "priority", "due_date"] as const;

/** Returns the fields that differ between two versions of a task, with the values of `to`. */
export function changedFields(from: TaskFields, to: TaskFields): Partial<TaskFields> {
  const changed = NAMES.filter((name) => from[name] !== to[name]);
  return Object.fromEntries(changed.map((name) => [name, to[name]]));
}

/** Returns whether the user must choose a version: a field was changed elsewhere to another value than
 *  it will have after saving `mine`. */
export function needsChoice(base: Task, mine: Partial<TaskFields>, theirs: Task): boolean {
  const afterSaving = { ...base, ...mine };
  return NAMES.some((name) => theirs[name] !== base[name] && theirs[name] !== afterSaving[name]);
}

/** Returns the fields that differ between the saved version and the user's. `mine` is undefined for
 *  fields that the user did not change. */
export function differences(base: Task, mine: Partial<TaskFields>, theirs: Task) {
  const afterSaving = { ...base, ...mine };
  return NAMES.filter((name) => theirs[name] !== afterSaving[name]).map((name) => ({
    name,
    theirs: theirs[name],
    mine: mine[name],
  }));
}
