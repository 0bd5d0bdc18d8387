// "every 3 days" and the like in the field for new tasks, as a recurrence rule (RFC 5545).
import { addDays } from "./day.ts";
import { formatRule, WEEKDAYS, weekdayCode } from "./rule.ts";
import type { Span } from "./spans.ts";

/** A rule in words. `first` returns the first day of the rule that is not before a day. */
export type RepeatWords = Span & { rule: string; first: (from: string) => string };

const UNITS = { day: "DAILY", week: "WEEKLY", month: "MONTHLY", year: "YEARLY" } as const;
const NUMBERS: Record<string, number> = { other: 2, second: 2, two: 2, three: 3, four: 4 };
const INTERVAL = `\\d{1,3}(?:nd|rd|th)?|${Object.keys(NUMBERS).join("|")}`;
const NAME =
  "(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs?(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)s?";
const NAMES = `${NAME}(?:(?:\\s*,\\s*(?:and\\s+)?|\\s*[&/]\\s*|\\s+and\\s+)${NAME})*`;
const UNIT = `(?<unit>day|week|month|year)s?|(?<workday>week|work)days?|(?<names>${NAMES})`;
const ON_DAYS = `(?<=weeks?)\\s+on\\s+(?<onNames>${NAMES})`;
const ON_DATE =
  "(?<=months?)\\s+on\\s+the\\s+(?:(?<onDate>\\d{1,2})(?:st|nd|rd|th)|(?<last>last\\s+day))";
const DATE = "(?<date>\\d{1,2})(?:st|nd|rd|th)(?:\\s+of\\s+the\\s+month)?";
// The end refuses "every Friday's" and "every second Tuesday of the month".
const EVERY = new RegExp(
  `(?<![\\p{L}\\d])every\\s+(?:(?:(?<interval>${INTERVAL})\\s+)?(?:${UNIT})(?:${ON_DAYS}|${ON_DATE})?|${DATE})(?![\\p{L}\\d'’/-]|\\s+(?:of|${NAME})\\b)`,
  "iu",
);

/** Returns the first rule in words. */
export function findRepeat(text: string): RepeatWords | undefined {
  const found = EVERY.exec(text);
  if (!found) return undefined;
  const { unit, workday, names, onNames, interval: typed, last, onDate, date } = found.groups ?? {};
  const interval = typed ? (NUMBERS[typed.toLowerCase()] ?? Number.parseInt(typed, 10)) : 1;
  const weekdays = workday ? WEEKDAYS.slice(0, 5) : weekdaysIn(names ?? onNames ?? "");
  const monthDay = Number(onDate ?? date ?? 0);
  if (interval < 1 || monthDay > 31) return undefined;
  const named = UNITS[unit?.toLowerCase() as keyof typeof UNITS] ?? (date ? "MONTHLY" : "WEEKLY");
  const rule = formatRule({
    unit: named,
    interval,
    weekdays,
    monthDay: last ? "BYMONTHDAY=-1" : "",
  });
  const isOn = (day: string) => {
    if (weekdays.length) return weekdays.includes(weekdayCode(day));
    if (last) return addDays(day, 1).endsWith("-01");
    return !monthDay || Number(day.slice(8)) === monthDay; // the rule repeats the day of the due date
  };
  const first = (from: string): string => (isOn(from) ? from : first(addDays(from, 1)));
  return { start: found.index, end: found.index + found[0].length, rule, first };
}

const weekdaysIn = (names: string) =>
  WEEKDAYS.filter((day) => new RegExp(`\\b${day}`, "i").test(names));
