import { Calendar, CalendarArrowDown, CalendarX2, Sunrise } from "lucide-react";
import { timeZone } from "@/lib/api-client";
import { addDays, formatDate, nextMonday, weekdayOf } from "@/lib/day";
import { dueDay, dueFields, dueTime } from "@/lib/due";
import { REMINDERS, reminderAt, reminderOf, reminderText } from "@/lib/reminder";
import { useToday } from "@/lib/use-today";
import { Button } from "./button";
import type { DueValue } from "./date-menu";
import { Field } from "./field";
import { RepeatFields } from "./repeat-fields";
import { Select } from "./select";

type Props = { value: DueValue; onChange: (value: DueValue) => void; onDone: () => void };

/** Due date, time and repeating. */
export function DateFields({ value, onChange, onDone }: Props) {
  const today = useToday();
  const day = dueDay(value);
  const time = dueTime(value);
  const reminder = reminderOf(value);
  function set(newDay: string | null, newTime: string | null) {
    const due = dueFields(newDay, newTime, timeZone());
    const remind_at = reminderAt(due.due_at, reminder);
    onChange({ ...due, remind_at, repeat: newDay ? value.repeat : null });
  }
  const choose = (newDay: string | null) => {
    set(newDay, newDay && time);
    onDone();
  };
  const monday = nextMonday(today);
  const choices = [
    { name: "Today", hint: weekdayOf(today), day: today, icon: Calendar },
    { name: "Tomorrow", hint: weekdayOf(addDays(today, 1)), day: addDays(today, 1), icon: Sunrise },
    { name: "Next week", hint: formatDate(monday, today), day: monday, icon: CalendarArrowDown },
  ];
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-col">
        {choices.map(({ name, hint, day: choice, icon: Icon }) => (
          <button
            key={name}
            type="button"
            aria-pressed={day === choice}
            onClick={() => choose(choice)}
            className="menu-item hover:bg-sunken aria-pressed:font-semibold"
          >
            <Icon className="size-4 text-accent" aria-hidden="true" />
            {name}
            <span className="ml-auto font-normal text-muted">{hint}</span>
          </button>
        ))}
        {day && (
          <button type="button" onClick={() => choose(null)} className="menu-item hover:bg-sunken">
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
              className="control"
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
              className="control"
              value={time ?? ""}
              onChange={({ target }) => set(day ?? today, target.value || null)}
            />
          )}
        </Field>
      </div>
      {time && (
        <Field label="Reminder" hint="In calendar programs that show your calendar feed">
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
        onChange={(repeat) => {
          const start = day ?? today;
          onChange({ ...value, ...(repeat && !day && dueFields(start, null, timeZone())), repeat });
        }}
      />
      <Button variant="secondary" onClick={onDone}>
        Done
      </Button>
    </div>
  );
}
