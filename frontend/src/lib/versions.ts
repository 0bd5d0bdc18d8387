import type { Task, TaskFields } from "./api-client.ts";

const NAMES = ["title", "description", "priority", "due_date"] as const;

/** The fields that differ between two versions of a task, with their values in the second. */
export function changedFields(from: TaskFields, to: TaskFields): Partial<TaskFields> {
  const changed = NAMES.filter((name) => from[name] !== to[name]);
  return Object.fromEntries(changed.map((name) => [name, to[name]]));
}

/** What the person must know before they choose: each field that somebody else has changed, and each
 *  that they would overwrite. Fields that ended up the same are no difference. */
export function differences(base: Task, mine: Partial<TaskFields>, theirs: Task) {
  const changed = { ...changedFields(base, theirs), ...mine };
  return NAMES.filter((name) => name in changed && theirs[name] !== { ...base, ...mine }[name]).map(
    (name) => ({ name, theirs: theirs[name], mine: name in mine ? mine[name] : undefined }),
  );
}
