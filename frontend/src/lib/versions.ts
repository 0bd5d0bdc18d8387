import type { Task, TaskFields } from "./api-client.ts";

const NAMES = ["title", "description", "priority", "due_date"] as const;

/** The fields that differ between two versions of a task, with their values in the second. */
export function changedFields(from: TaskFields, to: TaskFields): Partial<TaskFields> {
  const changed = NAMES.filter((name) => from[name] !== to[name]);
  return Object.fromEntries(changed.map((name) => [name, to[name]]));
}

/** Whether somebody else has changed fields that the person has not, or has changed otherwise. */
export function needsChoice(base: Task, mine: Partial<TaskFields>, theirs: Task): boolean {
  const wanted = { ...base, ...mine };
  return NAMES.some((name) => theirs[name] !== base[name] && theirs[name] !== wanted[name]);
}

/** What the person chooses between: each field that they or somebody else have changed, unless both
 *  ended up the same. `mine` is undefined where they changed nothing. */
export function differences(base: Task, mine: Partial<TaskFields>, theirs: Task) {
  const wanted = { ...base, ...mine };
  return NAMES.filter((name) => theirs[name] !== wanted[name]).map((name) => ({
    name,
    theirs: theirs[name],
    mine: mine[name],
  }));
}
