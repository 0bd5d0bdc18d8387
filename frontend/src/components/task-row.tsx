import { CalendarDays, Check, ChevronsUp, ChevronUp, Minus, Pencil, Trash2 } from "lucide-react";
import type { Task } from "@/lib/api-client";
import { dayOf, formatDate, formatDue } from "@/lib/due";
import { useDelete, useSetCompleted } from "@/lib/use-tasks";
import { IconButton } from "./button";

export function TaskRow({ task, onEdit }: { task: Task; onEdit: () => void }) {
  const setCompleted = useSetCompleted(task);
  const remove = useDelete(task);
  return (
    <li className="group flex items-start gap-1 py-1.5 pr-2 pl-1.5 transition-colors hover:bg-sunken/50">
      <label className="relative flex size-11 shrink-0 cursor-pointer items-center justify-center">
        <input
          type="checkbox"
          aria-label={`Completed: ${task.title}`}
          checked={task.completed}
          onChange={({ target }) => setCompleted(target.checked)}
          className="peer size-5.5 cursor-pointer appearance-none rounded-full border-2 border-edge transition-colors checked:border-accent checked:bg-accent hover:border-accent"
        />
        <Check
          className="pointer-events-none absolute size-3.5 text-on-accent opacity-0 peer-checked:opacity-100"
          strokeWidth={3.5}
          aria-hidden="true"
        />
      </label>
      <div className="min-w-0 flex-1 py-2.5">
        <p
          className={`wrap-anywhere ${task.completed ? "text-muted line-through" : "font-medium"}`}
        >
          {task.title}
        </p>
        {task.description && (
          <p className="mt-0.5 line-clamp-2 text-sm wrap-anywhere whitespace-pre-line text-muted">
            {task.description}
          </p>
        )}
        <PriorityAndDue task={task} />
      </div>
      <IconButton name={`Edit ${task.title}`} onClick={onEdit} className="mt-0.5">
        <Pencil className="size-4" aria-hidden="true" />
      </IconButton>
      <IconButton
        name={`Delete ${task.title}`}
        onClick={remove}
        className="mt-0.5 hover:text-danger"
      >
        <Trash2 className="size-4" aria-hidden="true" />
      </IconButton>
    </li>
  );
}

const PRIORITY_LABELS = {
  urgent: { icon: ChevronsUp, text: "Urgent", className: "text-danger" },
  high: { icon: ChevronUp, text: "High priority", className: "text-warning" },
  low: { icon: Minus, text: "Low priority", className: "text-muted" },
};

/** The priority (unless medium) and the due date. Colour adds no information to the text. */
function PriorityAndDue({ task }: { task: Task }) {
  const { priority, due_date } = task;
  const label = priority === "medium" ? undefined : PRIORITY_LABELS[priority];
  if (!label && !due_date) return null;
  return (
    <p className="mt-1.5 flex flex-wrap gap-x-4 gap-y-1 text-sm">
      {label && (
        <span
          className={`inline-flex items-center gap-1 ${task.completed ? "text-muted" : label.className}`}
        >
          <label.icon className="size-4" aria-hidden="true" />
          {label.text}
        </span>
      )}
      {due_date && <Due date={due_date} completed={task.completed} />}
    </p>
  );
}

function Due({ date, completed }: { date: string; completed: boolean }) {
  const today = dayOf(new Date());
  const { text, overdue } = completed
    ? { text: `Was due ${formatDate(date, today)}`, overdue: false }
    : formatDue(date, today);
  return (
    <span
      className={`inline-flex items-center gap-1.5 ${overdue ? "font-medium text-danger" : "text-muted"}`}
    >
      <CalendarDays className="size-4" aria-hidden="true" />
      <time dateTime={date}>{text}</time>
    </span>
  );
}
