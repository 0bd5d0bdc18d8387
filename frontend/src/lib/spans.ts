// Parts of a text, which are taken out of it.
export type Span = { start: number; end: number };

/** Returns where words, or a pattern, are in a text. */
export function spansOf(wanted: string | RegExp, text: string): Span[] {
  const escaped = (words: string) => words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = typeof wanted === "string" ? new RegExp(escaped(wanted), "g") : wanted;
  return [...text.matchAll(pattern)].map(({ 0: found, index }) => ({
    start: index,
    end: index + found.length,
  }));
}

const HIDDEN = "\uFFFC"; // which is no word, and no space

/** Returns the text with another character in place of each one of a part. */
export const hidden = (text: string, { start, end }: Span, by = HIDDEN): string =>
  text.slice(0, start) + by.repeat(end - start) + text.slice(end);

const CUT = "\u0000";
// After the first one, there are only single spaces.
const CHANGES: [RegExp, string][] = [
  [/\s+/g, " "],
  [/\( ?(?:\0 ?)+\)/g, CUT],
  [/^(?: ?\0[ ,.;:!?)]*)+/, ""],
  [/[ ,;:]*(?: [–—-])?(?: ?\0)+ ?$/, ""],
  [/(?: ?\0)+ ?(?=(?:\)*[,;:]|[.!?)]+)(?: |$))/g, ""], // "Call Ann \0, then" is "Call Ann, then"
  [/\0/g, " "],
  [/ +/g, " "],
];

/** Returns the text without some parts, and without the spaces and the punctuation around them. */
export function without(text: string, spans: Span[]): string {
  const chars = [...spans]
    .sort((one, other) => other.start - one.start)
    .reduce((rest, span) => hidden(rest, span, CUT), text);
  return CHANGES.reduce((rest, [pattern, by]) => rest.replace(pattern, by), chars).trim();
}
