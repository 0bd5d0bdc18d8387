import {
  ArchiveRestore,
  CalendarDays,
  Check,
  ChevronsUp,
  ChevronUp,
  ExternalLink,
  Hash,
  Minus,
  PencilLine,
  Repeat2,
  Trash2,
} from "lucide-react";
import { memo } from "react";
import { dueDay, dueTime, formatDue } from "@/lib/due";
import { trashText } from "@/lib/groups";
import { repeatText } from "@/lib/repeat";
import type { Task } from "@/lib/task";
import { linksOf } from "@/lib/text";
import { useActions } from "@/lib/use-actions";
import { IconButton } from "./button";
import { LinkedText } from "./linked-text";
import { RowMenu } from "./row-menu";

type Props = {
  task: Task;
  today: string;
  /** Whether the day is the title of the group, so that only the time is shown. */
  isDayKnown: boolean;
  hasDraft: boolean;
  /** The tag of the view, which is not repeated. */
  tag: string;
  onOpen: (task: Task) => void;
};

export const TaskRow = memo(function TaskRow({ onOpen, ...shown }: Props) {
  const { task, today } = shown;
  const { setCompleted, remove } = useActions();
  return (
    <li
      data-task={task.id}
      className="group relative flex items-start gap-1 border-b border-line transition-colors focus-within:bg-sunken/60 hover:bg-sunken/60"
    >
      <label className="relative z-1 flex size-10 shrink-0 cursor-pointer items-center justify-center">
        <input
          type="checkbox"
          aria-label={`Completed: ${task.title}`}
          checked={task.completed}
          onChange={({ target }) => setCompleted(task, target.checked)}
          className={`peer size-5 cursor-pointer appearance-none rounded-full border-[1.5px] transition-colors checked:border-accent checked:bg-accent hover:bg-accent-soft checked:hover:bg-accent ${RINGS[task.priority]}`}
        />
        <Check
          className="pointer-events-none absolute size-3 text-on-accent opacity-0 peer-checked:opacity-100"
          strokeWidth={3.5}
          aria-hidden="true"
        />
      </label>
      <div dir="auto" className="min-w-0 flex-1 py-2 text-[0.9375rem] leading-6">
        <TitleButton task={task} onOpen={() => onOpen(task)} />
        <Details {...shown} />
      </div>
      <span className="relative z-1 mr-0.5 flex shrink-0 pointer-fine:opacity-0 pointer-fine:group-focus-within:opacity-100 pointer-fine:group-hover:opacity-100 pointer-fine:has-aria-expanded:opacity-100">
        <RowMenu task={task} today={today} onOpen={onOpen} />
        <IconButton
          name={`Delete ${task.title}`}
          onClick={() => remove(task)}
          className="hover:text-danger pointer-coarse:hidden"
        >
          <Trash2 className="size-4" aria-hidden="true" />
        </IconButton>
      </span>
    </li>
  );
});

const RINGS = {
  urgent: "border-danger",
  high: "border-warning",
  medium: "border-edge",
  low: "border-edge",
};

/** A row of the trash. */
export const TrashRow = memo(function TrashRow({ task }: { task: Task }) {
  const { restore, purge } = useActions();
  return (
    <li data-task={task.id} className="flex items-start gap-1 border-b border-line py-1.5 pl-2">
      <div className="min-w-0 flex-1 py-1.5 leading-6">
        <p dir="auto" className="wrap-anywhere">
          {task.title}
        </p>
        {task.description && (
          <p dir="auto" className="text-sm leading-5 wrap-anywhere whitespace-pre-line text-muted">
            <LinkedText text={task.description} />
          </p>
        )}
        <p className="text-sm text-muted">{trashText(task, Date.now())}</p>
      </div>
      <IconButton name={`Restore ${task.title}`} data-primary onClick={() => restore(task)}>
        <ArchiveRestore className="size-4" aria-hidden="true" />
      </IconButton>
      <IconButton
        name={`Delete ${task.title} for good`}
        className="hover:text-danger"
        onClick={() => purge([task])}
      >
        <Trash2 className="size-4" aria-hidden="true" />
      </IconButton>
    </li>
  );
});

/** The title, which opens the task. The whole row can be clicked. */
function TitleButton({ task, onOpen }: { task: Task; onOpen: () => void }) {
  return (
    <button
      type="button"
      data-primary
      onClick={onOpen}
      className={`block w-full text-start wrap-anywhere outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent ${task.completed ? "text-muted line-through" : ""}`}
    >
      {task.title}
    </button>
  );
}

const PRIORITY_LABELS = {
  urgent: { icon: ChevronsUp, text: "Urgent", className: "text-danger" },
  high: { icon: ChevronUp, text: "High", className: "text-warning" },
  low: { icon: Minus, text: "Low", className: "text-muted" },
};

/** The description, and on one line: due date, repeating, priority (unless medium), tags. Colour adds
 *  no information to the text. */
function Details({ task, today, isDayKnown, hasDraft, tag: known }: Omit<Props, "onOpen">) {
  const { priority, repeat, completed } = task;
  const tags = task.tags.filter((tag) => tag.toLowerCase() !== known.toLowerCase());
  const links = linksOf(task.title);
  const label = priority === "medium" ? undefined : PRIORITY_LABELS[priority];
  const time = dueTime(task);
  // The time is shown once: with the date, or with the repeating.
  const timeAlone = time && !repeat && { text: `At ${time}`, overdue: false };
  const due = isDayKnown ? timeAlone : formatDue(task, today);
  return (
    <>
      {task.description && (
        <p
          dir="auto"
          className="line-clamp-2 text-sm leading-5 wrap-anywhere whitespace-pre-line text-muted"
        >
          <LinkedText text={task.description} />
        </p>
      )}
      {(label || due || repeat || tags.length > 0 || links.length > 0 || hasDraft) && (
        <p className="mt-0.5 flex flex-wrap gap-x-3.5 gap-y-0.5 text-sm leading-5 text-muted">
          {due && (
            <Detail icon={CalendarDays} className={due.overdue ? "text-danger" : ""}>
              <time dateTime={task.due_at ?? task.due_date ?? ""}>{due.text}</time>
            </Detail>
          )}
          {repeat && (
            <Detail icon={Repeat2}>
              {repeatText(repeat, dueDay(task), isDayKnown ? time : null)}
            </Detail>
          )}
          {label && (
            <Detail icon={label.icon} className={completed ? "" : label.className}>
              {label.text}
              <span className="sr-only"> priority</span>
            </Detail>
          )}
          {tags.map((tag) => (
            <Detail key={tag} icon={Hash}>
              <bdi>{tag}</bdi>
            </Detail>
          ))}
          {links.map((link) => (
            <Detail key={link} icon={ExternalLink}>
              <LinkedText text={link} />
            </Detail>
          ))}
          {hasDraft && (
            <Detail icon={PencilLine} className="text-warning">
              Unsaved draft
            </Detail>
          )}
        </p>
      )}
    </>
  );
}

type DetailProps = { icon: typeof Hash; className?: string; children: React.ReactNode };

function Detail({ icon: Icon, className = "", children }: DetailProps) {
  return (
    <span className={`inline-flex items-start gap-1 wrap-anywhere ${className}`}>
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden="true" />
      <span>{children}</span>
    </span>
  );
}
