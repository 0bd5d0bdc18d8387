import assert from "node:assert/strict";
import { test } from "node:test";
import { dateInWords, dayOf, dueInWords } from "../src/lib/due.ts";

test("it says in words when a task is due, over the ends of months and summer time", () => {
  const said = ["2026-10-23", "2026-10-24", "2026-10-25", "2026-10-26", "2026-11-01"].map((due) =>
    dueInWords(due, "2026-10-25"),
  );

  assert.deepEqual(said, [
    { words: "Overdue by 2 days", overdue: true },
    { words: "Overdue by 1 day", overdue: true },
    { words: "Due today", overdue: false },
    { words: "Due tomorrow", overdue: false },
    { words: "Due 1 November", overdue: false },
  ]);
});

test("it names the year where it is another one", () => {
  assert.equal(dateInWords("2027-01-02", "2026-12-31"), "2 January 2027");
});

test("it takes the day from the person's own clock", () => {
  assert.equal(dayOf(new Date(2026, 0, 5, 23, 59)), "2026-01-05");
});
