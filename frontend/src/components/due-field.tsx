import { Calendar, CircleAlert, Repeat2 } from "lucide-react";
import { useId } from "react";
import { dueDay, dueTime, formatDue } from "@/lib/due";
import { repeatText } from "@/lib/repeat";
import type { TaskFields } from "@/lib/task";
import { useToday } from "@/lib/use-today";
import { DateMenu } from "./date-menu";

type Props = {
  fields: TaskFields;
  completed: boolean;
  problem: string | undefined;
  onChange: (some: Partial<TaskFields>) => void;
};

/** The due date in words, on a button that opens the menu to change it. */
export function DueField({ fields, completed, problem, onChange }: Props) {
  const { repeat } = fields;
  const due = formatDue({ ...fields, completed }, useToday());
  const id = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <span className="text-sm font-medium" id={`${id}-label`}>
        Due
      </span>
      <DateMenu
        value={fields}
        onChange={({ due_date, due_at, time_zone, remind_at, repeat }) =>
          onChange({ due_date, due_at, time_zone, remind_at, repeat })
        }
        trigger={
          <button
            type="button"
            aria-describedby={problem ? `${id}-label ${id}-problem` : `${id}-label`}
            data-invalid={problem && true}
            className={`control flex items-center gap-2 text-start data-invalid:border-danger ${due?.overdue ? "text-danger" : ""}`}
          >
            <Calendar className="size-4 shrink-0 text-muted" aria-hidden="true" />
            {due?.text ?? "No due date"}
          </button>
        }
      />
      {repeat && (
        <p className="flex items-start gap-1.5 text-sm wrap-anywhere text-muted">
          <Repeat2 className="mt-0.5 size-4 shrink-0" aria-hidden="true" />
          {repeatText(repeat, dueDay(fields), dueTime(fields))}
        </p>
      )}
      {problem && (
        <p
          id={`${id}-problem`}
          className="flex items-start gap-1.5 text-sm font-medium text-danger"
        >
          <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden="true" />
          {problem}
        </p>
      )}
    </div>
  );
}
