// Dates and times in words, such as "tomorrow 5pm", in the field for new tasks.
import { Chrono, configuration, type ParsedResult } from "chrono-node/en";
import { dayOf, nextMonday } from "./day.ts";
import { dueTime } from "./due.ts";
import type { Span } from "./spans.ts";

/** A day and a time, and the words that say them. */
export type DateWords = { day?: string | undefined; time?: string | undefined; spans: Span[] };

const parser = new Chrono(configuration.createCasualConfiguration(true)); // the day before the month
const WEEKDAY = "(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?";
const MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*";
const THIS = "this (?:morning|afternoon|evening)";
// The library also finds "now", "for 2 hours", "1/2" and "a week", which are seldom due dates.
const DAY = new RegExp(
  `\\b(?:today|tonight|tomorrow|tmrw?|${WEEKDAY}|${MONTH})\\b|^in |^next week\\b|^(?:this|next) weekend|^${THIS}|\\d{4}-\\d\\d-\\d\\d|\\d[/.]\\d{4}`,
  "i",
);
const HAS_DAY = new RegExp(`^in .*(?:month|year)s?$|^${THIS}`, "i"); // which the library calls uncertain
const OTHER_MEANING = /^(?:sun|sat|wed|mon)$/i; // "Buy sun cream"
const TIME = /^(?:at )?noon$|^(?:at )?\d{1,2}(?:[:.]\d\d)? ?[ap]m$|^at \d{1,2}[:.]\d\d$/i;
const SHORT_TIME = /^(?:at )?\d{1,2}(?:[:.]\d\d)?$/i;
const TIMES = { morning: "09:00", afternoon: "15:00", evening: "19:00", night: "20:00" };

const PREPOSITION = /\b(?:(?:due|starting|by|on|for|at)\s+)+$/i;
// "the Monday meeting", "from Monday", "tomorrow's" and "Friday or Saturday" stay in the title.
const REFUSED_AFTER =
  /(?:\b(?:the|an?|of|from|since|until|till?|to|before|after|than|or|(?:an?|one|two|\d+) weeks?|black|cyber|good|last|past|previous|every(?: \w+)?)\s+|[\w'’#@/.-])$/i;
const REFUSED_BEFORE = /^(?:\s+(?:or|to|until)\b|['’/@-]|\.?\w)/i;

/** Returns the day and the time in a text, unless they are uncertain or there are several. With
 *  `isRepeated`, the text is about a task that repeats, so that "at 9" is a time. */
export function findDate(text: string, now: Date, isRepeated: boolean): DateWords | undefined {
  const all = parser
    .parse(text, now, { forwardDate: true })
    .filter(({ end }) => !end) // a range
    .map((result) => read(result, text, now));
  if (all.some(({ day, isRefused }) => day && isRefused)) return undefined; // "tomorrow's 5pm call"
  const found = all.filter(({ isRefused }) => !isRefused);
  const [date, otherDate] = found.filter(({ day }) => day);
  if (otherDate) return undefined;
  const times = found.filter(
    ({ day, words }) =>
      !day && (TIME.test(words) || ((date || isRepeated) && SHORT_TIME.test(words))),
  );
  const time = date?.time || times.length > 1 ? undefined : times[0]; // "tomorrow call Ann at 9"
  if (!date && !time) return undefined;
  return {
    day: date?.day,
    time: (time ?? date)?.time,
    spans: [date, time].filter((part) => part !== undefined),
  };
}

/** Returns the words of a result, with the day if it is certain, and the time. */
function read({ index, text: raw, start: components }: ParsedResult, text: string, now: Date) {
  const from = index + raw.search(/[^\s(]/);
  const end = index + raw.replace(/[\s),]+$/, "").length;
  const start = from - (PREPOSITION.exec(text.slice(0, from))?.[0].length ?? 0);
  const words = text.slice(start, end);
  const found = text.slice(from, end);
  const moment = components.date();
  if (/\bat [1-6]\b(?![:.]\d)/.test(found) && !components.isCertain("meridiem")) {
    moment.setHours(moment.getHours() + 12); // "at 3" is seldom at night
  }
  const isCertain =
    DAY.test(found) &&
    !OTHER_MEANING.test(words) &&
    (components.isCertain("day") || components.isCertain("weekday") || HAS_DAY.test(found));
  const day = /^next week\b/i.test(found) ? nextMonday(dayOf(now)) : dayOf(moment);
  const part = /(morning|afternoon|evening|(?<!fort)night)\b/i.exec(found)?.[1]?.toLowerCase();
  const time = components.isCertain("hour")
    ? dueTime({ due_date: null, due_at: moment.toISOString() })
    : TIMES[part as keyof typeof TIMES];
  return {
    start,
    end,
    words,
    day: isCertain && day >= dayOf(now) ? day : undefined,
    time: time ?? undefined,
    isRefused:
      /^(?:last|past|previous)\b/i.test(found) ||
      REFUSED_AFTER.test(text.slice(0, from)) ||
      REFUSED_BEFORE.test(text.slice(end)),
  };
}
