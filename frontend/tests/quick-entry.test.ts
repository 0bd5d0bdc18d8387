import assert from "node:assert/strict";
import { test } from "node:test";
import { complete, completionsAt } from "../src/lib/completions.ts";
import { linesOf } from "../src/lib/entry-list.ts";
import { parseEntry } from "../src/lib/quick-entry.ts";
import { NO_FIELDS } from "../src/lib/task.ts";

const fields = (text: string, defaults = {}) => parseEntry({ text }, defaults, new Date()).fields;

test("tags and a priority are taken out of the title", () => {
  assert.deepEqual(fields('Water #home the plants !High #"two words" #Home'), {
    ...NO_FIELDS,
    title: "Water the plants",
    tags: ["home", "two words"],
    priority: "high",
  });
});

test("punctuation after a tag or a priority stays in the title", () => {
  const read = (text: string) => {
    const { title, tags, priority } = fields(text);
    return [title, tags.join(), priority];
  };

  assert.deepEqual(read("Call Ann #work, then Bob"), ["Call Ann, then Bob", "work", "medium"]);
  assert.deepEqual(read("Call Ann #work, #home"), ["Call Ann", "work,home", "medium"]);
  assert.deepEqual(read("Call Ann !high."), ["Call Ann.", "", "high"]);
  assert.deepEqual(read("#work: call Ann (see #node.js)"), [
    "call Ann (see)",
    "work,node.js",
    "medium",
  ]);
});

test("signs that mean nothing stay in the title", () => {
  for (const title of ["Order #12 for C# today!", "Hurry!high", "!highest", "#", "a#b", "mail!"]) {
    assert.deepEqual(fields(title), { ...NO_FIELDS, title });
  }
});

test("tags may have letters of every script", () => {
  assert.deepEqual(fields("Blumen gießen #Zuhause/Küche #مهم").tags, ["Zuhause/Küche", "مهم"]);
});

test("a new task has the fields of the view, unless its text says otherwise", () => {
  const defaults = { due_date: "2026-12-01", tags: ["home"], priority: "low" as const };

  assert.deepEqual(fields("Water the plants", defaults), {
    ...NO_FIELDS,
    ...defaults,
    title: "Water the plants",
  });
  const other = fields("Water the plants #garden !urgent", defaults);
  assert.deepEqual(other.tags, ["garden", "home"]);
  assert.equal(other.priority, "urgent");
});

test("a list has a task in each line, without the marks", () => {
  const text =
    "- Milk\r\n* Eggs\n\n  1. Bread\n2) Salt\n- [ ] Tea\n- [x] Rice\n• Oil\n-5 °C\n3 apples";

  assert.deepEqual(linesOf(text), [
    "Milk",
    "Eggs",
    "Bread",
    "Salt",
    "Tea",
    "Rice",
    "Oil",
    "-5 °C",
    "3 apples",
  ]);
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
  assert.equal(labels("Call !high"), undefined); // it is complete
  assert.equal(labels("Call !x"), undefined);
  assert.equal(labels("Call!"), undefined);
});
