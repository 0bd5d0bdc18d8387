const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "long" });

/** Returns the day of a time in the user's time zone, such as "1 December 2026". */
export function dayText(time: Date | string): string {
  return DAY.format(new Date(time));
}
