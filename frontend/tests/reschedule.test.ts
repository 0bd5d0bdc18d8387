import assert from "node:assert/strict";
import { test } from "node:test";
import { movedTo } from "../src/lib/reschedule.ts";
import { task } from "./task.ts";

const ruleAfter = (rule: string, from: "due" | "completion" = "due") =>
  movedTo(task("one", { due_date: "2026-10-31", repeat: { rule, from } }), "2026-12-01", "UTC")
    .repeat?.rule;

test("a task that repeats keeps its days when it is moved", () => {
  assert.equal(ruleAfter("FREQ=DAILY"), "FREQ=DAILY");
  assert.equal(ruleAfter("FREQ=WEEKLY"), "FREQ=WEEKLY;BYDAY=SA");
  assert.equal(ruleAfter("FREQ=WEEKLY;BYDAY=MO"), "FREQ=WEEKLY;BYDAY=MO");
  assert.equal(ruleAfter("FREQ=MONTHLY;INTERVAL=2"), "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=31");
  assert.equal(ruleAfter("FREQ=YEARLY"), "FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=31");
  assert.equal(ruleAfter("FREQ=MONTHLY", "completion"), "FREQ=MONTHLY");
});

test("a time and its reminder move with the day", () => {
  const due_at = new Date(2026, 10, 30, 17).toISOString();
  const remind_at = new Date(2026, 10, 30, 16).toISOString();
  const fields = { due_date: "2026-11-30", due_at, time_zone: "UTC", remind_at };

  const moved = movedTo(task("one", fields), "2026-12-02", "UTC");

  assert.equal(Date.parse(moved.due_at ?? ""), new Date(2026, 11, 2, 17).getTime());
  assert.equal(Date.parse(moved.remind_at ?? ""), new Date(2026, 11, 2, 16).getTime());
  assert.equal(movedTo(task("one", fields), null, "UTC").due_at, null);
});
