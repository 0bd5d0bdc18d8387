import { Calendar, CalendarArrowDown, CalendarX2, Sunrise } from "lucide-react";
import { useRef } from "react";
import { formatDate, timeZone, weekdayOf } from "@/lib/day";
import { dueDay, dueFields, dueTime } from "@/lib/due";
import { REMINDERS, reminderAt, reminderOf, reminderText } from "@/lib/reminder";
import { repeatText } from "@/lib/repeat";
import { DAYS } from "@/lib/reschedule";
import { type RulePreview, usePreview } from "@/lib/use-preview";
import { useToday } from "@/lib/use-today";
import { Button } from "./button";
import type { DueValue } from "./date-menu";
import { Field } from "./field";
import { RepeatFields } from "./repeat-fields";
import { Select } from "./select";

const ICONS = { Today: Calendar, Tomorrow: Sunrise, "Next week": CalendarArrowDown };

type Props = { value: DueValue; onChange: (value: DueValue) => void; onDone: () => void };

/** Due date, time and repeating. */
export function DateFields({ value, onChange, onDone }: Props) {
  const today = useToday();
  const day = dueDay(value);
  const time = dueTime(value);
  const reminder = reminderOf(value);
  const preview = usePreview(value);
  const fields = useRef<HTMLDivElement>(null);
  function set(newDay: string | null, newTime: string | null) {
    const due = dueFields(newDay, newTime, timeZone());
    const remind_at = reminderAt(due.due_at, reminder);
    onChange({ ...due, remind_at, repeat: newDay ? value.repeat : null });
  }
  /** Does not accept a rule that is known to be wrong. */
  function done() {
    if (!preview.problem) onDone();
    else fields.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }
  const choose = (newDay: string) => {
    set(newDay, time);
    done();
  };
  const clear = () => {
    set(null, null);
    onDone();
  };
  return (
    // The margin keeps a field that gets the focus above the footer.
    <div ref={fields} className="flex flex-col gap-3 [&_:is(input,select,button)]:scroll-mb-32">
      <div className="flex flex-col">
        {DAYS.map(({ name, of }) => {
          const [choice, Icon] = [of(today), ICONS[name]];
          return (
            <button
              key={name}
              type="button"
              aria-pressed={day === choice}
              onClick={() => choose(choice)}
              className="menu-item hover:bg-sunken aria-pressed:font-semibold"
            >
              <Icon className="size-4 text-accent" aria-hidden="true" />
              {name}
              <span className="ml-auto font-normal text-muted">
                {name === "Next week" ? formatDate(choice, today) : weekdayOf(choice)}
              </span>
            </button>
          );
        })}
        {day && (
          <button type="button" onClick={clear} className="menu-item hover:bg-sunken">
            <CalendarX2 className="size-4 text-muted" aria-hidden="true" />
            No due date
          </button>
        )}
      </div>
      <div className="grid grid-cols-2 gap-3 border-t border-line pt-3">
        <Field label="Date">
          {(control) => (
            <input
              {...control}
              type="date"
              max="9999-12-31"
              className="control h-10"
              value={day ?? ""}
              onChange={({ target }) => set(target.value || null, target.value ? time : null)}
            />
          )}
        </Field>
        <Field label="Time">
          {(control) => (
            <input
              {...control}
              type="time"
              className="control h-10"
              value={time ?? ""}
              onChange={({ target }) => set(day ?? today, target.value || null)}
            />
          )}
        </Field>
      </div>
      {time && (
        <Field
          label="Reminder"
          hint="Your calendar program reminds you. Connect it on the account page."
        >
          {(control) => (
            <Select
              {...control}
              options={{ ...REMINDERS, [reminder]: reminderText(reminder) }}
              value={reminder}
              onChange={({ target }) =>
                onChange({ ...value, remind_at: reminderAt(value.due_at, target.value) })
              }
            />
          )}
        </Field>
      )}
      <RepeatFields
        value={value}
        problem={preview.problem}
        onChange={(repeat) => {
          const start = day ?? today;
          onChange({ ...value, ...(repeat && !day && dueFields(start, null, timeZone())), repeat });
        }}
      />
      <div className="sticky -bottom-3 -mx-3 -mb-3 flex flex-col gap-3 border-t border-line bg-surface p-3">
        <RepeatSummary value={value} preview={preview} />
        <Button variant="secondary" onClick={done}>
          Done
        </Button>
      </div>
    </div>
  );
}

/** The rule in words, and the next dates. */
function RepeatSummary({ value, preview }: { value: DueValue; preview: RulePreview }) {
  const today = useToday();
  if (!value.repeat || preview.problem) return null;
  const dates = preview.dates?.slice(0, 3).map((each) => formatDate(each, today));
  return (
    <p className="text-sm wrap-anywhere text-muted" aria-live="polite">
      {repeatText(value.repeat, dueDay(value), dueTime(value))}
      {dates && `. Next: ${dates.join(", ")}`}
    </p>
  );
}
