import { useState } from "react";
import { dueDay } from "@/lib/due";
import { PRESETS } from "@/lib/repeat";
import { formatRule, parseRule, weekdayCode } from "@/lib/rule";
import { useToday } from "@/lib/use-today";
import type { DueValue } from "./date-menu";
import { Field } from "./field";
import { RepeatParts } from "./repeat-parts";
import { Select } from "./select";

const MODES = { ...PRESETS, custom: "Custom…", text: "Other rule…" };
type Props = {
  value: DueValue;
  problem: string | undefined;
  onChange: (repeat: DueValue["repeat"]) => void;
};

/** Whether and how a task repeats: a usual rule, the parts of a rule, or a rule as a text. */
export function RepeatFields({ value, problem, onChange }: Props) {
  const { repeat } = value;
  const today = useToday();
  const day = dueDay(value) ?? today;
  const [mode, setMode] = useState(() => modeOf(repeat?.rule ?? ""));
  const isPreset = Object.hasOwn(PRESETS, mode);
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
  const error = problem && { error: problem };
  return (
    <>
      <Field label="Repeat" {...(mode !== "text" && error)}>
        {(control) => (
          <Select
            {...control}
            options={MODES}
            value={repeat || !isPreset ? mode : ""}
            onChange={({ target }) => choose(target.value)}
          />
        )}
      </Field>
      {rule && <RepeatParts rule={rule} day={day} onChange={(next) => set(formatRule(next))} />}
      {mode === "text" && (
        <Field label="Rule (RFC 5545)" hint="For example FREQ=MONTHLY;BYDAY=-1FR" {...error}>
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
        <label className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={from === "completion"}
            onChange={({ target }) =>
              onChange({ ...repeat, from: target.checked ? "completion" : "due" })
            }
          />
          Repeat after completion, not by date
        </label>
      )}
    </>
  );
}

function modeOf(rule: string): string {
  if (Object.hasOwn(PRESETS, rule)) return rule;
  return parseRule(rule) ? "custom" : "text";
}
