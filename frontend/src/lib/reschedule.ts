// Moving tasks to another day.
import { addDays, nextMonday } from "./day.ts";
import { dueDay, dueFields, dueTime } from "./due.ts";
import { reminderAt, reminderOf } from "./reminder.ts";
import { parseRule, weekdayCode } from "./rule.ts";
import type { Task, TaskFields } from "./task.ts";

/** Returns the fields that move a task to a day, with its time and reminder; null is no due date. A task
 *  that repeats keeps its days: only this one is moved. */
export function movedTo(task: Task, day: string | null, timeZone: string): Partial<TaskFields> {
  const due = dueFields(day, dueTime(task), timeZone);
  const remind_at = reminderAt(due.due_at, reminderOf(task));
  return { ...due, remind_at, repeat: day ? pinned(task) : null };
}

/** Returns the rule with the weekday or the day of the month, which it otherwise takes from the due date. */
function pinned(task: Task): Task["repeat"] {
  const day = dueDay(task);
  const { repeat } = task;
  const rule = repeat?.from === "due" ? parseRule(repeat.rule) : undefined;
  if (!day || !repeat || !rule || rule.weekdays.length || rule.monthDay) return repeat;
  const [, month, date] = day.split("-").map(Number);
  const on = {
    DAILY: "",
    WEEKLY: `;BYDAY=${weekdayCode(day)}`,
    MONTHLY: `;BYMONTHDAY=${date}`,
    YEARLY: `;BYMONTH=${month};BYMONTHDAY=${date}`,
  }[rule.unit];
  return { ...repeat, rule: repeat.rule + on };
}

/** The days that menus offer. */
export const DAYS = [
  { name: "Today", of: (today: string) => today },
  { name: "Tomorrow", of: (today: string) => addDays(today, 1) },
  { name: "Next week", of: nextMonday },
] as const;
