/** Returns the date in the user's time zone, in the API's format: 2026-12-01. */
export function dayOf(time: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

/** Returns a text such as "Due tomorrow" for a due date. Both parameters are dates like 2026-12-01. */
export function formatDue(due: string, today: string): { text: string; overdue: boolean } {
  const days = (Date.parse(due) - Date.parse(today)) / 86_400_000;
  if (days < 0)
    return { text: `Overdue by ${days === -1 ? "1 day" : `${-days} days`}`, overdue: true };
  if (days === 0) return { text: "Due today", overdue: false };
  if (days === 1) return { text: "Due tomorrow", overdue: false };
  return { text: `Due ${formatDate(due, today)}`, overdue: false };
}

/** Returns a date as "1 December", with the year if it is not the year of `today`. */
export function formatDate(date: string, today: string): string {
  const year = date.slice(0, 4) === today.slice(0, 4) ? undefined : "numeric";
  const format = new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "long",
    year,
    timeZone: "UTC",
  });
  return format.format(new Date(date));
}
