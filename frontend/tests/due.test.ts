import assert from "node:assert/strict";
import { test } from "node:test";
import { dayHeading, dayName, dayOf, formatDate, nextMonday } from "../src/lib/day.ts";
import { dueDay, dueFields, dueTime, formatDue } from "../src/lib/due.ts";

const due = (due_date: string, completed = false) => ({ due_date, due_at: null, completed });

test("formatDue returns the distance in days, over month ends and the end of summer time", () => {
  const days = ["2026-10-23", "2026-10-24", "2026-10-25", "2026-10-26", "2026-10-28", "2026-11-01"];
  const formatted = days.map((day) => formatDue(due(day), "2026-10-25"));

  assert.deepEqual(formatted, [
    { text: "Overdue by 2 days", overdue: true },
    { text: "Due yesterday", overdue: true },
    { text: "Due today", overdue: false },
    { text: "Due tomorrow", overdue: false },
    { text: "Due Wednesday", overdue: false },
    { text: "Due 1 November", overdue: false },
  ]);
});

test("a task of today is overdue after its time, unless it is completed", () => {
  const at = (minutes: number, completed = false) => {
    const time = new Date(Date.now() + minutes * 60_000);
    const due = { due_date: dayOf(time), due_at: time.toISOString(), completed };
    return formatDue(due, dayOf(time))?.overdue;
  };

  assert.deepEqual([at(-1), at(1), at(-1, true)], [true, false, false]);
});

test("a completed task is due on its date, and never overdue", () => {
  assert.deepEqual(formatDue(due("2026-12-08", true), "2026-12-01"), {
    text: "Due 8 December",
    overdue: false,
  });
  assert.deepEqual(formatDue(due("2026-11-08", true), "2026-12-01"), {
    text: "Due 8 November",
    overdue: false,
  });
  assert.equal(formatDue({ due_date: null, due_at: null, completed: false }, "2026-12-01"), null);
});

test("a due time is shown in the time zone of the user", () => {
  const fields = dueFields("2026-12-01", "17:00", "Europe/Berlin");

  assert.equal(dueDay(fields), "2026-12-01");
  assert.equal(dueTime(fields), "17:00");
  assert.equal(
    formatDue({ ...fields, completed: false }, "2026-12-01")?.text,
    "Due today at 17:00",
  );
  assert.equal(new Date(fields.due_at ?? "").getTime(), new Date(2026, 11, 1, 17).getTime());
  assert.match(fields.due_at ?? "", /:00Z$/);
});

test("without a time there is no time zone, and without a day no time", () => {
  assert.deepEqual(dueFields("2026-12-01", null, "Europe/Berlin"), {
    due_date: "2026-12-01",
    due_at: null,
    time_zone: null,
  });
  assert.deepEqual(dueFields(null, "17:00", "Europe/Berlin"), {
    due_date: null,
    due_at: null,
    time_zone: null,
  });
});

test("formatDate contains the year if it is not the current one", () => {
  assert.equal(formatDate("2027-01-02", "2026-12-31"), "2 January 2027");
});

test("dayName and dayHeading name near days", () => {
  assert.equal(dayName("2026-12-07", "2026-12-01"), "Monday");
  assert.equal(dayName("2026-12-08", "2026-12-01"), "8 December");
  assert.equal(dayHeading("2026-12-02", "2026-12-01"), "Tomorrow, Wednesday 2 December");
  assert.equal(dayHeading("2026-12-08", "2026-12-01"), "Tuesday 8 December");
});

test("dayOf uses the local time zone", () => {
  assert.equal(dayOf(new Date(2026, 0, 5, 23, 59)), "2026-01-05");
});

test("nextMonday is always later than the day", () => {
  assert.equal(nextMonday("2026-12-01"), "2026-12-07");
  assert.equal(nextMonday("2026-12-07"), "2026-12-14");
  assert.equal(nextMonday("2026-12-06"), "2026-12-07");
});
