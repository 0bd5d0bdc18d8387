// Lists that are pasted into the field for new tasks.
export const MAX_LINES = 200;
const MARK = /^\s*(?:[-–—*•◦+]\s+|\(?\d{1,3}[.)]\s+)?(?:(?:\[[ xX]?\]|[☐☑])\s+)?/; // "- ", "1. ", "- [ ] "

/** Returns the lines of a text that are not empty, without the marks of a list. */
export const linesOf = (text: string): string[] =>
  text
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(MARK, "").trim())
    .filter(Boolean);
