/** The day of a moment on this person's calendar, as the API writes it: 2026-12-01. */
export function dayOf(moment: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

/** Says when a task is due, seen from `today`. Words, so that nobody has to know a colour. */
export function dueInWords(due: string, today: string): { words: string; overdue: boolean } {
  const days = (Date.parse(due) - Date.parse(today)) / 86_400_000;
  if (days < 0)
    return { words: `Overdue by ${days === -1 ? "1 day" : `${-days} days`}`, overdue: true };
  if (days === 0) return { words: "Due today", overdue: false };
  if (days === 1) return { words: "Due tomorrow", overdue: false };
  return { words: `Due ${dateInWords(due, today)}`, overdue: false };
}

/** 1 December, with the year where it is another one. */
export function dateInWords(date: string, today: string): string {
  const year = date.slice(0, 4) === today.slice(0, 4) ? undefined : "numeric";
  const format = new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "long",
    year,
    timeZone: "UTC",
  });
  return format.format(new Date(date));
}
