// When a task is due, in the user's time zone and in words.
import { dayName, dayOf, daysBetween } from "./day.ts";
import { lowerFirst } from "./errors.ts";
import type { Task } from "./task.ts";

type Due = Pick<Task, "due_date" | "due_at">;

/** Returns the day on which a task is due. */
export const dueDay = ({ due_date, due_at }: Due): string | null =>
  due_at ? dayOf(new Date(due_at)) : due_date;

/** Returns the time at which a task is due, as 17:00, or null. */
export function dueTime({ due_at }: Due): string | null {
  if (!due_at) return null;
  const time = new Date(due_at);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${two(time.getHours())}:${two(time.getMinutes())}`;
}

/** Returns the fields of a due date with or without a time, both in the user's time zone. */
export function dueFields(day: string | null, time: string | null, timeZone: string) {
  if (!day || !time) return { due_date: day, due_at: null, time_zone: null };
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const moment = new Date(year, month - 1, date, hours, minutes);
  moment.setFullYear(year); // years before 100
  return {
    due_date: day,
    due_at: moment.toISOString().replace(".000Z", "Z"), // as the API writes it
    time_zone: timeZone,
  };
}

/** Returns a text such as "Due tomorrow at 17:00", and whether the task is overdue; null without a due
 *  date. A completed task is never overdue, one of today is after its time. */
export function formatDue(
  task: Due & { completed: boolean },
  today: string,
): { text: string; overdue: boolean } | null {
  const day = dueDay(task);
  if (!day) return null;
  const days = daysBetween(today, day);
  const overdue = days < 0 && !task.completed;
  if (overdue) {
    return { text: days === -1 ? "Due yesterday" : `Overdue by ${-days} days`, overdue };
  }
  const name = dayName(day, today);
  const time = dueTime(task);
  const words = /^(Today|Tomorrow|Yesterday)$/.test(name) ? lowerFirst(name) : name;
  const isLate = !task.completed && task.due_at !== null && Date.parse(task.due_at) < Date.now();
  return { text: `Due ${words}${time ? ` at ${time}` : ""}`, overdue: isLate };
}
