import assert from "node:assert/strict";
import { test } from "node:test";
import { complete, completionsAt, parseEntry } from "../src/lib/quick-entry.ts";

test("tags and a priority are taken out of the title", () => {
  assert.deepEqual(parseEntry('Water #home the plants !High #"two words" #Home'), {
    title: "Water the plants",
    tags: ["home", "two words"],
    priority: "high",
  });
});

test("signs that mean nothing stay in the title", () => {
  for (const title of ["Order #12 for C# today!", "Hurry!high", "!highest", "#", "a#b", "mail!"]) {
    assert.deepEqual(parseEntry(title), { title, tags: [] });
  }
});

test("tags may have letters of every script", () => {
  assert.deepEqual(parseEntry("Blumen gießen #Zuhause/Küche #مهم").tags, ["Zuhause/Küche", "مهم"]);
});

test("a tag that is being typed is completed, without accents and case", () => {
  const text = "Water #CA now";
  const completions = completionsAt(text, 9, ["café", "cat food", "home"]);

  assert.deepEqual(completions, {
    start: 6,
    options: [
      { label: "#café", insert: "#café" },
      { label: "#cat food", insert: '#"cat food"' },
      { label: "New tag #CA", insert: "#CA" },
    ],
  });
  assert.deepEqual(complete(text, 9, 6, "#café"), { text: "Water #café now", cursor: 11 });
});

test("priorities are completed, the most urgent first", () => {
  const labels = (text: string) =>
    completionsAt(text, text.length, [])?.options.map(({ label }) => label);

  assert.deepEqual(labels("!"), [
    "Urgent priority",
    "High priority",
    "Medium priority",
    "Low priority",
  ]);
  assert.deepEqual(labels("Call !h"), ["High priority"]);
  assert.equal(labels("Call !x"), undefined);
  assert.equal(labels("Call!"), undefined);
});
