import assert from "node:assert/strict";
import { test } from "node:test";
import { repeatText } from "../src/lib/repeat.ts";

const FRIDAY = "2026-12-04";
const text = (rule: string, from: "due" | "completion" = "due") =>
  repeatText({ rule, from }, FRIDAY);

test("rules are described in words", () => {
  const texts = {
    "FREQ=DAILY": "Every day",
    "FREQ=DAILY;INTERVAL=3": "Every 3 days",
    "FREQ=WEEKLY": "Every Friday",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR": "Every weekday",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH": "Every 2 weeks on Monday and Thursday",
    "FREQ=MONTHLY": "Every month on the 4th",
    "FREQ=MONTHLY;BYMONTHDAY=31": "Every month on the 31st",
    "FREQ=MONTHLY;BYMONTHDAY=-1": "Every month on the last day",
    "FREQ=MONTHLY;BYDAY=2TU": "Every month on the second Tuesday",
    "FREQ=MONTHLY;BYDAY=-1FR": "Every month on the last Friday",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": "Every month on the last weekday",
    "FREQ=YEARLY": "Every year on 4 December",
    "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24": "Every year on 24 December",
    "FREQ=WEEKLY;COUNT=5": "Every Friday, 5 times",
    "FREQ=DAILY;UNTIL=20270108T000000Z": "Every day, until 8 January 2027",
  };

  for (const [rule, expected] of Object.entries(texts)) assert.equal(text(rule), expected);
});

test("the time and the start of counting are part of the text", () => {
  const repeat = { rule: "FREQ=WEEKLY", from: "due" } as const;

  assert.equal(repeatText(repeat, FRIDAY, "17:00"), "Every Friday at 17:00");
  assert.equal(text("FREQ=DAILY", "completion"), "Every day, counted from completion");
  assert.equal(repeatText(repeat, null), "Every week");
});

test("a rule without a short description is shown itself", () => {
  for (const rule of [
    "FREQ=HOURLY",
    "FREQ=YEARLY;BYWEEKNO=20",
    "FREQ=DAILY;BYMONTH=1",
    "nonsense",
  ]) {
    assert.equal(text(rule), `By the rule ${rule}`);
  }
});
