// Reminders, as a time before the due time. Calendar programs show them, from the calendar feed.
import type { TaskFields } from "./task.ts";

type Times = Pick<TaskFields, "due_at" | "remind_at">;

/** The minutes before the due time. "" is none. */
export const REMINDERS = {
  "": "No reminder",
  "0": "At the due time",
  "10": "10 minutes before",
  "60": "1 hour before",
  "1440": "1 day before",
} as const;

/** Returns the minutes before the due time as a text, which may be another one than those above. */
export function reminderOf({ due_at, remind_at }: Times): string {
  if (!due_at || !remind_at) return "";
  return String((Date.parse(due_at) - Date.parse(remind_at)) / 60_000);
}

/** Returns the time of a reminder as the API writes it; null without one or without a due time. */
export function reminderAt(due_at: string | null, minutes: string): string | null {
  if (!due_at || minutes === "") return null;
  const moment = new Date(Date.parse(due_at) - Number(minutes) * 60_000);
  return moment.toISOString().replace(".000Z", "Z");
}

export const reminderText = (minutes: string): string =>
  REMINDERS[minutes as keyof typeof REMINDERS] ?? `${minutes} minutes before`;
