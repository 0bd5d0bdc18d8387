import assert from "node:assert/strict";
import { test } from "node:test";
import { count, fold, withLinks } from "../src/lib/text.ts";

test("only addresses of http and https are links, without the punctuation around them", () => {
  const pieces = withLinks(
    "See https://example.com/a_(b), (http://example.com/x?y=1). Not javascript:alert(1) or ftp://a.",
  );

  assert.deepEqual(pieces, [
    "See ",
    { href: "https://example.com/a_(b)" },
    ", (",
    { href: "http://example.com/x?y=1" },
    "). Not javascript:alert(1) or ftp://a.",
  ]);
});

test("an address ends at white space, quotes and angle brackets", () => {
  assert.deepEqual(withLinks('<https://example.com>"'), [
    "<",
    { href: "https://example.com" },
    '>"',
  ]);
  assert.deepEqual(withLinks("https://"), ["https://"]);
});

test("fold removes accents and case", () => {
  assert.equal(fold("ÇA Été"), "ca ete");
});

test("count has the plural of a noun", () => {
  assert.deepEqual([count(1, "change"), count(1_200, "task")], ["1 change", "1,200 tasks"]);
});
