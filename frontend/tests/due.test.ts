import assert from "node:assert/strict";
import { test } from "node:test";
import { dayOf, formatDate, formatDue } from "../src/lib/due.ts";

test("formatDue returns the distance in days, over month ends and the end of summer time", () => {
  const formatted = ["2026-10-23", "2026-10-24", "2026-10-25", "2026-10-26", "2026-11-01"].map(
    (due) => formatDue(due, "2026-10-25"),
  );

  assert.deepEqual(formatted, [
    { text: "Overdue by 2 days", overdue: true },
    { text: "Overdue by 1 day", overdue: true },
    { text: "Due today", overdue: false },
    { text: "Due tomorrow", overdue: false },
    { text: "Due 1 November", overdue: false },
  ]);
});

test("formatDate contains the year if it is not the current one", () => {
  assert.equal(formatDate("2027-01-02", "2026-12-31"), "2 January 2027");
});

test("dayOf uses the local time zone", () => {
  assert.equal(dayOf(new Date(2026, 0, 5, 23, 59)), "2026-01-05");
});
