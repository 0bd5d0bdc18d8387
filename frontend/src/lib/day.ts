// Days in the API's format, 2026-12-01, and their names.
const MILLISECONDS = 86_400_000;

const format = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" });
const DAY_AND_MONTH = format({ day: "numeric", month: "long" });
const WITH_YEAR = format({ day: "numeric", month: "long", year: "numeric" });
const WEEKDAY = format({ weekday: "long" });

/** Returns the time zone of the browser. */
export const timeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Returns the day of a time in the user's time zone. */
export function dayOf(time: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${String(time.getFullYear()).padStart(4, "0")}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

export function addDays(day: string, count: number): string {
  return new Date(Date.parse(day) + count * MILLISECONDS).toISOString().slice(0, 10);
}

/** Returns the number of days from one day to another. */
export const daysBetween = (from: string, to: string): number =>
  (Date.parse(to) - Date.parse(from)) / MILLISECONDS;

/** Returns the Monday after the day. */
export function nextMonday(day: string): string {
  const weekday = new Date(day).getUTCDay(); // Sunday is 0
  return addDays(day, (8 - weekday) % 7 || 7);
}

export const weekdayOf = (day: string): string => WEEKDAY.format(new Date(day));

/** Returns a day as "1 December", with the year if it is not the year of `today`. */
export function formatDate(day: string, today: string): string {
  const isThisYear = day.slice(0, 4) === today.slice(0, 4);
  return (isThisYear ? DAY_AND_MONTH : WITH_YEAR).format(new Date(day));
}

/** Returns "Today", "Tomorrow", "Yesterday", the weekday of the next days, or the date. */
export function dayName(day: string, today: string): string {
  const days = daysBetween(today, day);
  if (days === 0) return "Today";
  if (days === 1) return "Tomorrow";
  if (days === -1) return "Yesterday";
  return days > 1 && days < 7 ? weekdayOf(day) : formatDate(day, today);
}

/** Returns a heading such as "Tomorrow, Wednesday 2 December". */
export function dayHeading(day: string, today: string): string {
  const date = `${weekdayOf(day)} ${formatDate(day, today)}`;
  const near = ["Yesterday", "Today", "Tomorrow"][daysBetween(today, day) + 1];
  return near ? `${near}, ${date}` : date;
}

/** Returns the day of a time in the user's time zone, such as "1 December 2026". */
export function dayText(time: Date | string): string {
  return WITH_YEAR.format(new Date(dayOf(new Date(time))));
}
