// Recurrence rules (RFC 5545) in words.
import { formatDate, weekdayOf } from "./day.ts";
import type { Repeat } from "./task.ts";

export const PRESETS = {
  "": "Does not repeat",
  "FREQ=DAILY": "Every day",
  "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR": "Every weekday",
  "FREQ=WEEKLY": "Every week",
  "FREQ=MONTHLY": "Every month",
  "FREQ=YEARLY": "Every year",
} as const;

const UNITS = { DAILY: "day", WEEKLY: "week", MONTHLY: "month", YEARLY: "year" } as const;
export const WEEKDAY_NAMES = {
  MO: "Monday",
  TU: "Tuesday",
  WE: "Wednesday",
  TH: "Thursday",
  FR: "Friday",
  SA: "Saturday",
  SU: "Sunday",
} as const;
const ORDINALS: Record<string, string> = {
  "1": "first",
  "2": "second",
  "3": "third",
  "4": "fourth",
  "5": "fifth",
  "-1": "last",
  "-2": "second to last",
};
const KNOWN = ["FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "COUNT", "UNTIL"];

/** Returns a text such as "Every Friday at 17:00". `day` is the due date. */
export function repeatText(
  { rule, from }: Repeat,
  day: string | null,
  time: string | null = null,
): string {
  const parts = Object.fromEntries(
    rule
      .replace(/^RRULE:/i, "")
      .toUpperCase()
      .split(";")
      .map((part) => part.split("=") as [string, string]),
  );
  const unit = UNITS[parts.FREQ as keyof typeof UNITS];
  const days =
    unit && Object.keys(parts).every((name) => KNOWN.includes(name)) && daysText(parts, unit, day);
  if (!days) return `By the rule ${rule}`;
  return [
    days,
    time ? ` at ${time}` : "",
    parts.COUNT ? (parts.COUNT === "1" ? ", once" : `, ${parts.COUNT} times`) : "",
    parts.UNTIL ? `, until ${dateText(parts.UNTIL)}` : "",
    from === "completion" ? ", counted from completion" : "",
  ].join("");
}

type Parts = Record<string, string>;

/** Returns the part of the text about the days; undefined for a rule that has no short description. */
function daysText(parts: Parts, unit: string, day: string | null): string | undefined {
  const interval = Number(parts.INTERVAL ?? 1);
  const every = interval === 1 ? `Every ${unit}` : `Every ${interval} ${unit}s`;
  const { BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS } = parts;
  if (unit === "day") return BYDAY || BYMONTHDAY || BYMONTH || BYSETPOS ? undefined : every;
  if (unit === "week") {
    if (BYMONTHDAY || BYMONTH || BYSETPOS) return undefined;
    if (sorted(BYDAY) === "FR,MO,TH,TU,WE" && interval === 1) return "Every weekday";
    const names = BYDAY ? list(BYDAY.split(",").map(dayText)) : day && weekdayOf(day);
    if (!names) return every;
    return interval === 1 ? `Every ${names}` : `${every} on ${names}`;
  }
  if (unit === "month" && BYMONTH) return undefined;
  const date = monthDays(parts) ?? (day && !BYDAY && !BYMONTHDAY ? ordinalDay(day.slice(8)) : "");
  if (date === "" && (BYDAY || BYMONTHDAY)) return undefined;
  if (unit === "month") return date ? `${every} on the ${date}` : every;
  if (!BYMONTH && !BYMONTHDAY && !BYDAY) {
    return day ? `${every} on ${formatDate(day, day)}` : every;
  }
  if (!BYMONTH || !date) return undefined;
  const months = list(BYMONTH.split(",").map(monthText));
  return /^\d+$/.test(BYMONTHDAY ?? "")
    ? `${every} on ${BYMONTHDAY} ${months}`
    : `${every} on the ${date} of ${months}`;
}

/** Returns "15th", "last day" or "second Tuesday"; "" for other rules, undefined without a day. */
function monthDays({ BYDAY, BYMONTHDAY, BYSETPOS }: Parts): string | undefined {
  if (BYMONTHDAY && !BYDAY && !BYSETPOS) {
    return list(BYMONTHDAY.split(",").map(ordinalDay));
  }
  if (!BYDAY || BYMONTHDAY) return BYDAY ? "" : undefined;
  if (BYSETPOS) {
    const position = ORDINALS[BYSETPOS];
    const isWeekdays = sorted(BYDAY) === "FR,MO,TH,TU,WE";
    if (!position || (!isWeekdays && BYDAY.includes(","))) return "";
    return `${position} ${isWeekdays ? "weekday" : dayText(BYDAY)}`;
  }
  const names = BYDAY.split(",").map((each) => {
    const [, position = "", name = ""] = /^([+-]?\d+)?(..)$/.exec(each) ?? [];
    const ordinal = ORDINALS[String(Number(position))];
    return ordinal && `${ordinal} ${dayText(name)}`;
  });
  return names.every(Boolean) ? list(names as string[]) : "";
}

const sorted = (days = "") => days.split(",").sort().join(",");
const dayText = (code: string) => WEEKDAY_NAMES[code as keyof typeof WEEKDAY_NAMES] ?? code;
const monthText = (number: string) =>
  formatDate(`2026-${number.padStart(2, "0")}-01`, "2026-01-01").replace(/^1 /, "");
const list = (words: string[]) =>
  words.length < 2 ? (words[0] ?? "") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

/** Returns a day of the month as "1st", or "last day" for -1. */
function ordinalDay(text: string): string {
  const day = Number(text);
  if (day === -1) return "last day";
  if (day < 0) return `${ordinalDay(String(-day))} to last day`;
  const isTeen = day > 10 && day < 14;
  return `${day}${(!isTeen && { 1: "st", 2: "nd", 3: "rd" }[day % 10]) || "th"}`;
}

function dateText(until: string): string {
  const day = until.replace(/^(\d{4})-?(\d\d)-?(\d\d).*$/, "$1-$2-$3");
  return Number.isNaN(Date.parse(day)) ? until : formatDate(day, "");
}
