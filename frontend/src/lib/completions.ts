// What can complete a #tag or a !priority in the field for new tasks.
import { PRIORITIES } from "./task.ts";
import { fold } from "./text.ts";

export type Completion = { label: string; insert: string };
/** What can complete the word before the cursor, which begins at `start`. */
export type Completions = { start: number; options: Completion[] };
const MAX_OPTIONS = 6;

export function completionsAt(
  text: string,
  cursor: number,
  tags: string[],
): Completions | undefined {
  const word = /(?:^|\s)([#!])([^\s#!]*)$/.exec(text.slice(0, cursor));
  if (!word) return undefined;
  const [, sign = "", typed = ""] = word;
  const start = cursor - typed.length - 1;
  const options = (sign === "#" ? tagOptions(typed, tags) : priorityOptions(typed)).slice(
    0,
    MAX_OPTIONS,
  );
  const isComplete = options.length === 1 && options[0]?.insert === text.slice(start, cursor);
  return options.length && !isComplete ? { start, options } : undefined;
}

function tagOptions(typed: string, tags: string[]): Completion[] {
  const wanted = fold(typed);
  const found = tags.filter((tag) => fold(tag).startsWith(wanted));
  const options = found.map((tag) => ({ label: `#${tag}`, insert: tagToken(tag) }));
  const isNew = /^\p{L}/u.test(typed) && !tags.some((tag) => fold(tag) === wanted);
  return isNew ? [...options, { label: `New tag #${typed}`, insert: `#${typed}` }] : options;
}

const tagToken = (tag: string) => (/^\p{L}[^\s#"]*$/u.test(tag) ? `#${tag}` : `#"${tag}"`);

function priorityOptions(typed: string): Completion[] {
  return Object.entries(PRIORITIES)
    .filter(([name]) => name.startsWith(typed.toLowerCase()))
    .reverse()
    .map(([name, label]) => ({ label: `${label} priority`, insert: `!${name}` }));
}

/** Returns the text with the completion in place of the word before the cursor, and the new cursor. */
export function complete(text: string, cursor: number, start: number, insert: string) {
  const rest = text.slice(cursor);
  const before = `${text.slice(0, start)}${insert}${rest.startsWith(" ") ? "" : " "}`;
  return { text: before + rest, cursor: before.length };
}
