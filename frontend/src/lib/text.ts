/** Returns the text without case and accents, for comparisons. */
export const fold = (text: string): string =>
  text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Returns the pieces of a text: strings, and links to http and https addresses. */
export function withLinks(text: string): (string | { href: string })[] {
  const pieces: (string | { href: string })[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(/\bhttps?:\/\/[^\s<>"]+/gi)) {
    const href = withoutEnd(found);
    if (!URL.canParse(href)) continue;
    pieces.push(text.slice(end, index), { href });
    end = index + href.length;
  }
  return [...pieces, text.slice(end)].filter((piece) => piece !== "");
}

/** Returns the addresses in a text, each once. */
export const linksOf = (text: string): string[] => [
  ...new Set(withLinks(text).flatMap((piece) => (typeof piece === "string" ? [] : piece.href))),
];

/** Returns the address without punctuation of the sentence around it. */
function withoutEnd(address: string): string {
  const trimmed = address.replace(/[.,;:!?'’”]+$/, "");
  const isOpen = (trimmed.match(/\(/g)?.length ?? 0) >= (trimmed.match(/\)/g)?.length ?? 0);
  return trimmed.endsWith(")") && !isOpen ? withoutEnd(trimmed.slice(0, -1)) : trimmed;
}

export const count = (number: number, noun: string): string =>
  `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
