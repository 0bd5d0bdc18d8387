// Moving tasks to another day.
import { addDays, nextMonday } from "./day.ts";
import { dueFields, dueTime } from "./due.ts";
import { reminderAt, reminderOf } from "./reminder.ts";
import type { Task, TaskFields } from "./task.ts";

/** Returns the fields that move a task to a day, with its time and reminder; null is no due date. */
export function movedTo(task: Task, day: string | null, timeZone: string): Partial<TaskFields> {
  const due = dueFields(day, dueTime(task), timeZone);
  const remind_at = reminderAt(due.due_at, reminderOf(task));
  return { ...due, remind_at, repeat: day ? task.repeat : null };
}

export const DAYS = [
  { name: "Today", of: (today: string) => today },
  { name: "Tomorrow", of: (today: string) => addDays(today, 1) },
  { name: "Next week", of: nextMonday },
];
