// When a new task is due, in the words of its title. This module is loaded when the field for new tasks
// is used, because the library for dates is large.
import { findDate } from "./date-entry.ts";
import { addDays, dayOf, timeZone } from "./day.ts";
import type { DueFields } from "./drafts.ts";
import { dueDay, dueFields, dueTime } from "./due.ts";
import { findRepeat } from "./repeat-entry.ts";
import { hidden, type Span } from "./spans.ts";

export type When = { due: DueFields; dateSpans: Span[]; repeatSpans: Span[] };
/** `day` is the due date without words, and `chosen` what the user has chosen in the menu. */
export type Given = { now: Date; day?: string | null | undefined; chosen?: DueFields | undefined };
export type FindWhen = typeof findWhen;

/** Returns when a task is due, and the words that say it; undefined without such words. Words about what
 *  was chosen have no meaning. */
export function findWhen(text: string, { now, day, chosen }: Given): When | undefined {
  const repeat = chosen?.repeat ? undefined : findRepeat(text);
  const rest = repeat ? hidden(text, repeat) : text;
  const date = chosen ? undefined : findDate(rest, now, Boolean(repeat));
  if (!repeat && !date) return undefined;
  const chosenDay = chosen ? dueDay(chosen) : null;
  const today = dayOf(now);
  const time = date?.time ?? null;
  const isOver = time !== null && time <= (timeOf(now) ?? "");
  const firstDay = chosenDay ?? date?.day ?? day ?? today;
  const from = isOver && !date?.day && firstDay === today ? addDays(today, 1) : firstDay;
  const due =
    chosen && chosenDay
      ? chosen
      : { ...dueFields(repeat?.first(from) ?? from, time, timeZone()), remind_at: null };
  return {
    due: { ...due, repeat: repeat ? { rule: repeat.rule, from: "due" } : null },
    dateSpans: date?.spans ?? [],
    repeatSpans: repeat ? [repeat] : [],
  };
}

const timeOf = (now: Date) => dueTime({ due_date: null, due_at: now.toISOString() });
