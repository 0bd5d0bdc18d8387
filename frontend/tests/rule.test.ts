import assert from "node:assert/strict";
import { test } from "node:test";
import { formatRule, monthDaysOf, parseRule, weekdayCode } from "../src/lib/rule.ts";

test("a rule that the form can show is the same afterwards", () => {
  const rules = [
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=WEEKLY;BYDAY=MO,TH",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;INTERVAL=6;BYDAY=3FR",
    "FREQ=YEARLY;INTERVAL=2",
  ];

  for (const rule of rules) {
    const parsed = parseRule(rule);
    assert.ok(parsed, rule);
    assert.equal(formatRule(parsed), rule);
  }
});

test("the form does not show rules of which it would lose a part", () => {
  const rules = [
    "",
    "FREQ=HOURLY",
    "FREQ=DAILY;INTERVAL=0",
    "FREQ=DAILY;COUNT=5",
    "FREQ=WEEKLY;BYDAY=2MO",
    "FREQ=WEEKLY;BYDAY=TH,MO",
    "FREQ=WEEKLY;BYDAY=MO;UNTIL=20270101",
    "FREQ=MONTHLY;BYMONTHDAY=15",
    "FREQ=MONTHLY;BYDAY=9XX",
    "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1",
    "FREQ=YEARLY;BYMONTH=12",
  ];

  for (const rule of rules) assert.equal(parseRule(rule), undefined, rule);
});

test("parts of another unit are left out", () => {
  const rule = parseRule("FREQ=WEEKLY;BYDAY=MO");

  assert.ok(rule);
  assert.equal(formatRule({ ...rule, unit: "MONTHLY", interval: 2 }), "FREQ=MONTHLY;INTERVAL=2");
});

test("a day of the month is named in the ways that fit it", () => {
  assert.deepEqual(monthDaysOf("2026-12-18"), ["", "BYDAY=3FR"]);
  assert.deepEqual(monthDaysOf("2026-12-25"), ["", "BYDAY=4FR", "BYDAY=-1FR"]);
  assert.deepEqual(monthDaysOf("2026-12-31"), ["", "BYDAY=-1TH", "BYMONTHDAY=-1"]);
  assert.equal(weekdayCode("2026-12-06"), "SU");
});
