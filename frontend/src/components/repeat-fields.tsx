import { useState } from "react";
import { formatDate } from "@/lib/day";
import { dueDay, dueTime } from "@/lib/due";
import { PRESETS, repeatText, WEEKDAY_NAMES } from "@/lib/repeat";
import {
  formatRule,
  monthDaysOf,
  parseRule,
  type Rule,
  UNITS,
  WEEKDAYS,
  weekdayCode,
} from "@/lib/rule";
import { usePreview } from "@/lib/use-preview";
import { useToday } from "@/lib/use-today";
import type { DueValue } from "./date-menu";
import { Field } from "./field";
import { Select } from "./select";

const MODES = { ...PRESETS, custom: "Custom…", text: "Other rule…" };
type Props = { value: DueValue; onChange: (repeat: DueValue["repeat"]) => void };

/** Whether and how a task repeats: a usual rule, the parts of a rule, or a rule as a text. */
export function RepeatFields({ value, onChange }: Props) {
  const { repeat } = value;
  const today = useToday();
  const day = dueDay(value) ?? today;
  const [mode, setMode] = useState(() => modeOf(repeat?.rule ?? ""));
  const isPreset = Object.hasOwn(PRESETS, mode);
  const preview = usePreview(isPreset ? undefined : value);
  const from = repeat?.from ?? "due";
  const set = (rule: string) => onChange(rule ? { rule, from } : null);

  function choose(chosen: string) {
    setMode(chosen);
    if (Object.hasOwn(PRESETS, chosen)) set(chosen);
    else if (chosen === "custom" && !parseRule(repeat?.rule ?? "")) {
      set(`FREQ=WEEKLY;BYDAY=${weekdayCode(day)}`);
    }
  }

  const rule = mode === "custom" && repeat ? parseRule(repeat.rule) : undefined;
  return (
    <>
      <Field label="Repeat">
        {(control) => (
          <Select
            {...control}
            options={MODES}
            value={repeat || !isPreset ? mode : ""}
            onChange={({ target }) => choose(target.value)}
          />
        )}
      </Field>
      {rule && <Parts rule={rule} day={day} onChange={(next) => set(formatRule(next))} />}
      {mode === "text" && (
        <Field
          label="Rule (RFC 5545)"
          hint="For example FREQ=MONTHLY;BYDAY=-1FR"
          {...(preview.problem && { error: preview.problem })}
        >
          {(control) => (
            <input
              {...control}
              className="control"
              autoComplete="off"
              spellCheck={false}
              value={repeat?.rule ?? ""}
              onChange={({ target }) => set(target.value.trim())}
            />
          )}
        </Field>
      )}
      {repeat && (
        <>
          <label className="flex items-center gap-2 text-sm">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={from === "completion"}
              onChange={({ target }) =>
                onChange({ ...repeat, from: target.checked ? "completion" : "due" })
              }
            />
            Count from the day of completion
          </label>
          <p className="text-sm text-muted" aria-live="polite">
            {repeatText(repeat, dueDay(value), dueTime(value))}
            {preview.dates && (
              <>
                . Next:{" "}
                {preview.dates
                  .slice(0, 3)
                  .map((each) => formatDate(each, today))
                  .join(", ")}
              </>
            )}
          </p>
        </>
      )}
    </>
  );
}

function modeOf(rule: string): string {
  if (Object.hasOwn(PRESETS, rule)) return rule;
  return parseRule(rule) ? "custom" : "text";
}

type PartsProps = { rule: Rule; day: string; onChange: (rule: Rule) => void };

/** Every so many units, on which weekdays or on which day of the month. */
function Parts({ rule, day, onChange }: PartsProps) {
  const { unit, interval, weekdays, monthDay } = rule;
  const pressed = weekdays.length ? weekdays : [weekdayCode(day)];
  const monthDays = [...new Set([...monthDaysOf(day), monthDay])];
  const textOf = (each: string) =>
    repeatText({ rule: `FREQ=MONTHLY;${each}`.replace(/;$/, ""), from: "due" }, day).replace(
      "Every month on",
      "On",
    );
  return (
    <>
      <div className="grid grid-cols-2 gap-3">
        <Field label="Every">
          {(control) => (
            <input
              {...control}
              type="number"
              min={1}
              max={999}
              className="control"
              value={interval}
              onChange={({ target }) =>
                onChange({
                  ...rule,
                  interval: Math.min(Math.max(target.valueAsNumber || 1, 1), 999),
                })
              }
            />
          )}
        </Field>
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
      {unit === "WEEKLY" && (
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
      )}
      {unit === "MONTHLY" && (
        <Field label="On">
          {(control) => (
            <Select
              {...control}
              options={Object.fromEntries(monthDays.map((each) => [each, textOf(each)]))}
              value={monthDay}
              onChange={({ target }) => onChange({ ...rule, monthDay: target.value })}
            />
          )}
        </Field>
      )}
    </>
  );
}
