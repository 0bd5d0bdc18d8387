// The words with a meaning in the field for new tasks: #tag, #"two words", !high, and those of dates.
import type { DueFields, NewDraft } from "./drafts.ts";
import { hidden, type Span, spansOf, without } from "./spans.ts";
import { NO_FIELDS, type Priority, type TaskFields, withTag } from "./task.ts";
import type { FindWhen } from "./when.ts";

export const NO_DUE: DueFields = {
  due_date: null,
  due_at: null,
  time_zone: null,
  remind_at: null,
  repeat: null,
};
// A tag begins with a letter, so that "#12" stays in the title. Punctuation after it belongs to the title.
const TAG = `#(?:"([^"]+)"|(\\p{L}[^\\s#"]*?))`;
const TOKEN = new RegExp(
  `(?<=^|\\s)(?:${TAG}|!(low|medium|high|urgent))(?=[,.;:!?)]*(?:\\s|$))`,
  "giu",
);
const QUOTED = /"[^"]*"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|\S+:\/\/\S+/g; // or an address of the web

const MAX_LENGTH = 500; // of a text with dates; the parser is slow with more

type Tokens = { tags: string[]; priority?: Priority; spans: Span[] };

function tokensOf(text: string): Tokens {
  const tokens: Tokens = { tags: [], spans: spansOf(TOKEN, text) };
  for (const [, quoted, tag, priority] of text.matchAll(TOKEN)) {
    if (priority) tokens.priority = priority.toLowerCase() as Priority;
    else tokens.tags = withTag(tokens.tags, quoted ?? tag ?? "");
  }
  return tokens;
}

/** A new task as it will be added. */
export type Entry = {
  fields: TaskFields;
  due: DueFields;
  /** The words of the text that say the date, and how the task repeats; and the text without them. */
  dateWords: string[];
  repeatWords: string[];
  rest: string;
};

/** Returns the task of a draft. `defaults` are the fields that it has from the view. Without `find`, which
 *  is loaded later, the words about dates stay in the title. */
export function parseEntry(
  { text, due: chosen, kept = [] }: NewDraft,
  defaults: Partial<TaskFields>,
  now: Date,
  find?: FindWhen,
): Entry {
  const tokens = tokensOf(text);
  const other = [QUOTED, ...kept].flatMap((each) => spansOf(each, text));
  const visible = [...tokens.spans, ...other].reduce((some, span) => hidden(some, span), text);
  const day = defaults.due_date ?? null;
  const found = text.length <= MAX_LENGTH ? find?.(visible, { now, day, chosen }) : undefined;
  const words = found ? [...found.dateSpans, ...found.repeatSpans] : [];
  const title = without(text, [...tokens.spans, ...words]);
  const when = title ? found : undefined; // "Friday" alone is a title
  const due = when?.due ?? chosen ?? { ...NO_DUE, due_date: day };
  const wordsIn = (spans: Span[] = []) => spans.map(({ start, end }) => text.slice(start, end));
  return {
    fields: {
      ...NO_FIELDS,
      ...defaults,
      ...due,
      title: when ? title : without(text, tokens.spans),
      tags: (defaults.tags ?? []).reduce(withTag, tokens.tags),
      priority: tokens.priority ?? defaults.priority ?? NO_FIELDS.priority,
    },
    due,
    dateWords: wordsIn(when?.dateSpans),
    repeatWords: wordsIn(when?.repeatSpans),
    rest: when ? without(text, words) : text,
  };
}
