import assert from "node:assert/strict";
import { test } from "node:test";
import type { DueFields } from "../src/lib/drafts.ts";
import { dueDay, dueTime } from "../src/lib/due.ts";
import { NO_DUE, parseEntry } from "../src/lib/quick-entry.ts";
import { findWhen } from "../src/lib/when.ts";

const NOW = new Date(2026, 11, 1, 10, 30); // a Tuesday

/** Returns the title, and when the task is due: "2026-12-02 17:00 FREQ=DAILY". */
function understood(text: string, day: string | null = null, kept: string[] = []) {
  const { fields } = parseEntry({ text, kept }, { due_date: day }, NOW, findWhen);
  const due = [dueDay(fields), dueTime(fields), fields.repeat?.rule];
  return [fields.title, due.filter(Boolean).join(" ")];
}

const DATES = {
  "Call the dentist tomorrow 5pm": ["Call the dentist", "2026-12-02 17:00"],
  "Call the dentist tomorrow at 9": ["Call the dentist", "2026-12-02 09:00"],
  "Tomorrow, call the dentist at 17:00": ["call the dentist", "2026-12-02 17:00"],
  "Fetch the kids at 3 tomorrow": ["Fetch the kids", "2026-12-02 15:00"],
  "Fetch the kids tomorrow at 3:30pm": ["Fetch the kids", "2026-12-02 15:30"],
  "Get up at 6am tomorrow": ["Get up", "2026-12-02 06:00"],
  "Tomorrow, call Ann": ["call Ann", "2026-12-02"],
  "Party fri": ["Party", "2026-12-04"],
  "Party on Sat": ["Party", "2026-12-05"],
  "Swim sun 8:15": ["Swim", "2026-12-06 08:15"],
  "Plan the week next week": ["Plan the week", "2026-12-07"],
  "Wrap the presents on 24 Dec": ["Wrap the presents", "2026-12-24"],
  "Dentist 24 December 2027 at 8:30am": ["Dentist", "2027-12-24 08:30"],
  "Renew the passport by January 5": ["Renew the passport", "2027-01-05"],
  "Report due 2026-12-15": ["Report", "2026-12-15"],
  "Report on 3/4/2027": ["Report", "2027-04-03"],
  "Call back in 2 hours": ["Call back", "2026-12-01 12:30"],
  "Water the plants in 3 days": ["Water the plants", "2026-12-04"],
  "Check the tyres in two weeks": ["Check the tyres", "2026-12-15"],
  "See the doctor in 6 months": ["See the doctor", "2027-06-01"],
  "Write to Bob (tomorrow)": ["Write to Bob", "2026-12-02"],
  "Write to Bob tomorrow, then to Ann": ["Write to Bob, then to Ann", "2026-12-02"],
  "Write to Bob #work tomorrow !high 5pm": ["Write to Bob", "2026-12-02 17:00"],
  "Read a book this evening": ["Read a book", "2026-12-01 19:00"],
  "Meet Ann tomorrow morning": ["Meet Ann", "2026-12-02 09:00"],
  "Call Ann 5pm": ["Call Ann", "2026-12-01 17:00"],
  "Call Ann at 9:15": ["Call Ann", "2026-12-02 09:15"], // it is later than 9:15
  "Party on 24 Dec #home !high": ["Party", "2026-12-24"],
  "See you tomorrow :)": ["See you :)", "2026-12-02"],
  "Clean up this weekend": ["Clean up", "2026-12-05"],
};

const REPEATED = {
  "Pay rent every month": ["Pay rent", "2026-12-01 FREQ=MONTHLY"],
  "Pay rent every month on the 15th": ["Pay rent", "2026-12-15 FREQ=MONTHLY"],
  "Pay rent every 3rd": ["Pay rent", "2026-12-03 FREQ=MONTHLY"],
  "Count cash every month on the last day": ["Count cash", "2026-12-31 FREQ=MONTHLY;BYMONTHDAY=-1"],
  "Water the plants every 3 days": ["Water the plants", "2026-12-01 FREQ=DAILY;INTERVAL=3"],
  "Every other week clean up": ["clean up", "2026-12-01 FREQ=WEEKLY;INTERVAL=2"],
  "Train every Monday and Thursday": ["Train", "2026-12-03 FREQ=WEEKLY;BYDAY=MO,TH"],
  "Train every tue, thu & sat at 18:00": ["Train", "2026-12-01 18:00 FREQ=WEEKLY;BYDAY=TU,TH,SA"],
  "Stand-up every weekday at 9": ["Stand-up", "2026-12-02 09:00 FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"],
  "Train every 2 weeks on Friday 17:00": [
    "Train",
    "2026-12-04 17:00 FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
  ],
  "Gift for Mum every year on 24 Dec": ["Gift for Mum", "2026-12-24 FREQ=YEARLY"],
  "Pills every day 9am": ["Pills", "2026-12-02 09:00 FREQ=DAILY"],
  "Cake on 3 March every year": ["Cake", "2027-03-03 FREQ=YEARLY"],
  "Gym every tue/thu": ["Gym", "2026-12-01 FREQ=WEEKLY;BYDAY=TU,TH"],
  "Jog every day starting tomorrow": ["Jog", "2026-12-02 FREQ=DAILY"],
};

const NOT_DATES = [
  "Write up last Friday meeting",
  "Past Monday notes",
  "Previous Friday notes",
  "Cyber Monday deals",
  "Prepare tomorrow's 5pm call",
  "Buy 3 apples",
  "May I ask",
  "Call Mark in the second room",
  "Buy sun cream",
  "Sat down with Bob",
  "Take a second look",
  "Buy 1/2 pint of milk",
  "Install version 2.10.3",
  "Read John 3:16",
  "Walk for 2 hours",
  "Do it now",
  "Read today's paper",
  "The Monday meeting",
  "Tell Ann what happened yesterday",
  "Sum up the last 3 weeks",
  'Watch "Friday night tomorrow" again',
  "Read “Tomorrow and tomorrow”",
  "Open https://example.org/2026-12-24/today",
  "Ask for Friday or Saturday",
  "Rent a car from Monday until Friday",
  "Everyday life",
  "Count every hour",
  "Book club every first Monday",
  "Meet at 9",
  "Book club every 2nd Tuesday of the month",
  "Look for Black Friday deals",
  "A week today",
  "Friday",
  "every month",
  "Room 5",
  "Mail info@friday.example",
];

for (const [kind, table] of Object.entries({ dates: DATES, rules: REPEATED })) {
  test(`${kind} in words are understood, and taken out of the title`, () => {
    const results = Object.keys(table).map((text) => [text, understood(text)]);
    assert.deepEqual(Object.fromEntries(results), table);
  });
}

test("words that are seldom a date stay in the title", () => {
  for (const text of NOT_DATES) assert.deepEqual(understood(text), [text, ""]);
});

test("words that the user keeps have no meaning", () => {
  const text = "Read Tomorrow and Friday at 9";

  assert.deepEqual(understood(text, null, ["Tomorrow"]), ["Read Tomorrow and", "2026-12-04 09:00"]);
  assert.deepEqual(understood(text, null, ["Tomorrow", "Friday at 9"]), [text, ""]);
});

test("a date in words wins over that of the view, and one that was chosen over both", () => {
  const defaults = { due_date: "2026-12-01" };
  const chosen = { ...NO_DUE, due_date: "2026-12-10" };
  const read = (text: string, due?: DueFields) =>
    parseEntry({ text, due }, defaults, NOW, findWhen).fields;

  assert.equal(read("Call Ann").due_date, "2026-12-01");
  assert.equal(read("Call Ann tomorrow").due_date, "2026-12-02");
  assert.equal(read("Call Ann tomorrow", chosen).due_date, "2026-12-10");
  assert.equal(read("Call Ann tomorrow", chosen).title, "Call Ann tomorrow");
  assert.equal(read("Call Ann", NO_DUE).due_date, null);
  const repeated = read("Call Ann every week", chosen);
  assert.deepEqual(repeated.repeat, { rule: "FREQ=WEEKLY", from: "due" });
  assert.equal(repeated.due_date, "2026-12-10");
});

test("a time without a day is on the day of the view", () => {
  assert.deepEqual(understood("Call Ann 9am", "2026-12-02"), ["Call Ann", "2026-12-02 09:00"]);
});

test("no dates are looked for in a text that is much too long, which would take minutes", () => {
  assert.equal(understood(`a${" ".repeat(9_000)}b tomorrow`)[0], "a b tomorrow");
});

test("without the parser, which is loaded later, dates stay in the title", () => {
  assert.equal(parseEntry({ text: "Call Ann today" }, {}, NOW).fields.title, "Call Ann today");
});
