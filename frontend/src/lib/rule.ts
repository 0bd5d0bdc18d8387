// Recurrence rules (RFC 5545) as a form edits them: every so many units, on some days.
import { addDays } from "./day.ts";

export const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export const UNITS = { DAILY: "days", WEEKLY: "weeks", MONTHLY: "months", YEARLY: "years" };
type Weekday = (typeof WEEKDAYS)[number];

export type Rule = {
  unit: keyof typeof UNITS;
  interval: number;
  /** The weekdays of a weekly rule; without any, it is that of the due date. */
  weekdays: Weekday[];
  /** The day of a monthly rule, such as "BYMONTHDAY=-1"; "" is the day of the due date. */
  monthDay: string;
};

/** Returns the parts of a rule, or undefined if the form cannot show it. */
export function parseRule(text: string): Rule | undefined {
  const {
    FREQ,
    INTERVAL = "1",
    ...rest
  } = Object.fromEntries(text.split(";").map((part) => part.split("=") as [string, string]));
  const unit = FREQ as Rule["unit"];
  const interval = Number(INTERVAL);
  if (!Object.hasOwn(UNITS, unit) || !Number.isInteger(interval) || interval < 1) return;
  const rule: Rule = { unit, interval, weekdays: [], monthDay: "" };
  const [first, second] = Object.entries(rest);
  if (!first) return rule;
  if (second) return;
  const [name, value] = first;
  if (unit === "WEEKLY" && name === "BYDAY") {
    rule.weekdays = WEEKDAYS.filter((day) => value.split(",").includes(day));
    return rule.weekdays.join() === value ? rule : undefined;
  }
  rule.monthDay = `${name}=${value}`;
  return unit === "MONTHLY" &&
    /^(BYMONTHDAY=-1|BYDAY=(-[12]|[1-5])(MO|TU|WE|TH|FR|SA|SU))$/.test(rule.monthDay)
    ? rule
    : undefined;
}

export function formatRule({ unit, interval, weekdays, monthDay }: Rule): string {
  return [
    `FREQ=${unit}`,
    interval > 1 && `INTERVAL=${interval}`,
    unit === "WEEKLY" && weekdays.length > 0 && `BYDAY=${weekdays}`,
    unit === "MONTHLY" && monthDay,
  ]
    .filter(Boolean)
    .join(";");
}

/** Returns the weekday of a day. */
export const weekdayCode = (day: string): Weekday =>
  WEEKDAYS[(new Date(day).getUTCDay() + 6) % 7] as Weekday; // Sunday is 0

/** Returns the ways to say which day of each month a day is: the 15th, the third Friday, and so on. */
export function monthDaysOf(day: string): string[] {
  const weekday = weekdayCode(day);
  const week = Math.ceil(Number(day.slice(8)) / 7); // not every month has a fifth one
  const isIn = (other: string) => other.slice(0, 7) === day.slice(0, 7);
  return [
    "",
    ...(week < 5 ? [`BYDAY=${week}${weekday}`] : []),
    ...(isIn(addDays(day, 7)) ? [] : [`BYDAY=-1${weekday}`]),
    ...(isIn(addDays(day, 1)) ? [] : ["BYMONTHDAY=-1"]),
  ];
}
