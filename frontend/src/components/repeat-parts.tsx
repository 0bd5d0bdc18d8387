import { useState } from "react";
import { repeatText, WEEKDAY_NAMES } from "@/lib/repeat";
import { monthDaysOf, type Rule, UNITS, WEEKDAYS, weekdayCode } from "@/lib/rule";
import { Field } from "./field";
import { Select } from "./select";

type Props = { rule: Rule; day: string; onChange: (rule: Rule) => void };

/** The parts of a rule: every so many units, on which weekdays or on which day of the month. */
export function RepeatParts({ rule, day, onChange }: Props) {
  const { unit } = rule;
  return (
    <>
      <div className="grid grid-cols-2 gap-3">
        <IntervalField
          interval={rule.interval}
          onChange={(interval) => onChange({ ...rule, interval })}
        />
        <Field label="Unit">
          {(control) => (
            <Select
              {...control}
              options={UNITS}
              value={unit}
              onChange={({ target }) => onChange({ ...rule, unit: target.value as Rule["unit"] })}
            />
          )}
        </Field>
      </div>
      {unit === "WEEKLY" && <Weekdays rule={rule} day={day} onChange={onChange} />}
      {unit === "MONTHLY" && <MonthDay rule={rule} day={day} onChange={onChange} />}
    </>
  );
}

type IntervalProps = { interval: number; onChange: (interval: number) => void };

/** The field shows what is typed. The rule has the last valid number. */
function IntervalField({ interval, onChange }: IntervalProps) {
  const [typed, type] = useState(String(interval));
  return (
    <Field label="Every">
      {(control) => (
        <input
          {...control}
          type="number"
          min={1}
          max={999}
          className="control"
          value={typed}
          onChange={({ target }) => {
            type(target.value);
            const number = target.valueAsNumber;
            if (Number.isInteger(number) && number >= 1 && number <= 999) onChange(number);
          }}
          onBlur={() => type(String(interval))}
        />
      )}
    </Field>
  );
}

function Weekdays({ rule, day, onChange }: Props) {
  const pressed = rule.weekdays.length ? rule.weekdays : [weekdayCode(day)];
  return (
    <fieldset className="flex justify-between">
      <legend className="sr-only">On these days</legend>
      {WEEKDAYS.map((each) => {
        const isPressed = pressed.includes(each);
        const others = pressed.filter((other) => other !== each);
        return (
          <button
            key={each}
            type="button"
            aria-label={WEEKDAY_NAMES[each]}
            aria-pressed={isPressed}
            disabled={isPressed && others.length === 0}
            onClick={() => {
              const next = isPressed ? others : [...pressed, each];
              onChange({ ...rule, weekdays: WEEKDAYS.filter((one) => next.includes(one)) });
            }}
            className="size-9 rounded-full border border-edge text-sm font-medium hover:bg-sunken aria-pressed:border-accent aria-pressed:bg-accent aria-pressed:text-on-accent"
          >
            {WEEKDAY_NAMES[each][0]}
          </button>
        );
      })}
    </fieldset>
  );
}

function MonthDay({ rule, day, onChange }: Props) {
  const monthDays = [...new Set([...monthDaysOf(day), rule.monthDay])];
  const textOf = (each: string) =>
    repeatText({ rule: `FREQ=MONTHLY;${each}`.replace(/;$/, ""), from: "due" }, day).replace(
      "Every month on ",
      "",
    );
  return (
    <Field label="On">
      {(control) => (
        <Select
          {...control}
          options={Object.fromEntries(monthDays.map((each) => [each, textOf(each)]))}
          value={rule.monthDay}
          onChange={({ target }) => onChange({ ...rule, monthDay: target.value })}
        />
      )}
    </Field>
  );
}
