import assert from "node:assert/strict";
import { test } from "node:test";
import { reminderAt, reminderOf, reminderText } from "../src/lib/reminder.ts";

test("a reminder is a time before the due time, and moves with it", () => {
  const task = { due_at: "2026-12-01T08:00:00Z", remind_at: "2026-12-01T07:00:00Z" };

  assert.equal(reminderOf(task), "60");
  assert.equal(reminderAt("2026-12-03T08:00:00Z", reminderOf(task)), "2026-12-03T07:00:00Z");
});

test("without a due time there is no reminder", () => {
  assert.equal(reminderOf({ due_at: null, remind_at: "2026-12-01T07:00:00Z" }), "");
  assert.equal(reminderAt(null, "60"), null);
  assert.equal(reminderAt("2026-12-01T08:00:00Z", ""), null);
});

test("reminders are described in words", () => {
  assert.deepEqual(["", "0", "1440", "25"].map(reminderText), [
    "No reminder",
    "At the due time",
    "1 day before",
    "25 minutes before",
  ]);
});
