// Comparing versions of a task, to merge changes of two devices.
import type { Task, TaskFields } from "./task.ts";

/** What a user can change. A due date and its time are one thing. */
const GROUPS = {
  title: ["title"],
  description: ["description"],
  priority: ["priority"],
  due: ["due_date", "due_at", "time_zone"],
  remind_at: ["remind_at"],
  repeat: ["repeat"],
  tags: ["tags"],
} as const satisfies Record<string, readonly (keyof TaskFields)[]>;
export type Name = keyof typeof GROUPS;
const NAMES = Object.keys(GROUPS) as Name[];

/** Returns the value as a text, for comparisons. */
function textOf(task: TaskFields, name: Name): string {
  if (name === "due") return task.due_at ?? task.due_date ?? "";
  if (name === "repeat") return task.repeat ? `${task.repeat.rule} ${task.repeat.from}` : "";
  return JSON.stringify(task[name]);
}

const differs = (one: TaskFields, other: TaskFields, name: Name) =>
  textOf(one, name) !== textOf(other, name);

/** Returns the fields that differ between two versions of a task, with the values of `to`. */
export function changedFields(from: TaskFields, to: TaskFields): Partial<TaskFields> {
  const names = NAMES.filter((name) => differs(from, to, name)).flatMap((name) => [
    ...GROUPS[name],
  ]);
  return Object.fromEntries(names.map((name) => [name, to[name]]));
}

/** Returns whether the user must choose a version: the same thing was changed in both, to different
 *  values. Changes of different things are merged. */
export function needsChoice(base: Task, mine: Partial<TaskFields>, theirs: Task): boolean {
  const own = { ...base, ...mine };
  return NAMES.some(
    (name) => differs(base, own, name) && differs(base, theirs, name) && differs(own, theirs, name),
  );
}

/** Returns what differs between the saved version and the one that the user wants. */
export function differences(base: Task, mine: Partial<TaskFields>, theirs: Task): Name[] {
  return NAMES.filter(
    (name) =>
      differs({ ...base, ...mine }, theirs, name) && differs(base, { ...base, ...mine }, name),
  );
}
