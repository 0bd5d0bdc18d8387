import { useEffect, useRef } from "react";
import { dayOf } from "@/lib/day";
import { dueDay, dueTime, formatDue } from "@/lib/due";
import { reminderOf, reminderText } from "@/lib/reminder";
import { repeatText } from "@/lib/repeat";
import { PRIORITIES, type Task, type TaskFields } from "@/lib/task";
import { changedFields, differences, type Name } from "@/lib/versions";
import { Button } from "./button";

const LABELS: Record<Name, string> = {
  title: "Title",
  description: "Description",
  priority: "Priority",
  due: "Due date",
  remind_at: "Reminder",
  repeat: "Repeat",
  tags: "Tags",
};

function textOf(name: Name, task: Task): string {
  if (name === "due") {
    return formatDue({ ...task, completed: true }, dayOf(new Date()))?.text ?? "No due date";
  }
  if (name === "priority") return PRIORITIES[task.priority];
  if (name === "tags") return task.tags.join(", ") || "No tags";
  if (name === "repeat") {
    return task.repeat ? repeatText(task.repeat, dueDay(task), dueTime(task)) : "Does not repeat";
  }
  if (name === "remind_at") return reminderText(reminderOf(task));
  return task[name] || "Empty";
}

type Props = {
  base: Task;
  mine: Partial<TaskFields>;
  theirs: Task;
  onSave: () => void;
  onDiscard: () => void;
};

/** Shows the saved and the edited version of a task. The user chooses one. */
export function Conflict({ base, mine, theirs, onSave, onDiscard }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const own = { ...base, ...mine };
  const others = Object.keys(changedFields(base, theirs)).some((name) => !(name in mine));
  return (
    <div>
      <h3 ref={heading} tabIndex={-1} className="font-medium outline-none">
        This task was changed while you were editing it
      </h3>
      <p className="mt-1 mb-5 text-sm text-muted">
        The change was made in another tab or on another device. Choose the version to keep.
        {others && " Other fields that were changed there stay as they are saved."}
      </p>
      <dl className="mb-6 flex flex-col gap-4">
        {differences(base, mine, theirs).map((name) => (
          <div key={name} className="overflow-hidden rounded-lg border border-line text-sm">
            <dt className="bg-sunken px-4 py-2 font-medium">{LABELS[name]}</dt>
            <dd className="grid grid-cols-[4rem_1fr] gap-x-3 gap-y-2 px-4 py-3 wrap-anywhere whitespace-pre-line">
              <span className="text-muted">Saved</span>
              <span dir="auto">{textOf(name, theirs)}</span>
              <span className="text-muted">Yours</span>
              <span dir="auto">{textOf(name, own)}</span>
            </dd>
          </div>
        ))}
      </dl>
      <div className="flex flex-wrap justify-end gap-3">
        <Button variant="secondary" onClick={onDiscard}>
          Keep saved version
        </Button>
        <Button onClick={onSave}>Save my changes</Button>
      </div>
    </div>
  );
}
