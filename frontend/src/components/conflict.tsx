import { useEffect, useRef } from "react";
import type { Task, TaskFields } from "@/lib/api-client";
import { dayOf, formatDate } from "@/lib/due";
import { PRIORITIES } from "@/lib/task-fields";
import { differences } from "@/lib/versions";
import { Button } from "./button";

const LABELS = {
  title: "Title",
  description: "Description",
  priority: "Priority",
  due_date: "Due date",
};
type Name = keyof TaskFields;

function displayValue(name: Name, value: string | null): string {
  if (value === null || value === "") return name === "due_date" ? "No due date" : "Empty";
  if (name === "priority") return PRIORITIES[value as Task["priority"]];
  return name === "due_date" ? formatDate(value, dayOf(new Date())) : value;
}

type Props = {
  base: Task;
  mine: Partial<TaskFields>;
  theirs: Task;
  busy: boolean;
  problem: string | undefined;
  onSave: () => void;
  onDiscard: () => void;
};

/** Shows the saved and the edited version of a task. The user chooses one. */
export function Conflict({ base, mine, theirs, busy, problem, onSave, onDiscard }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div>
      <h3 ref={heading} tabIndex={-1} className="font-medium outline-none">
        This task was changed while you were editing it
      </h3>
      <p className="mt-1 mb-5 text-sm text-muted">
        The change was made in another tab or on another device. Choose the version to keep. Saving
        your changes overwrites only the fields that you edited.
      </p>
      <dl className="mb-6 flex flex-col gap-4">
        {differences(base, mine, theirs).map((field) => (
          <div key={field.name} className="overflow-hidden rounded-lg border border-line text-sm">
            <dt className="bg-sunken px-4 py-2 font-medium">{LABELS[field.name]}</dt>
            <dd className="grid grid-cols-[6rem_1fr] gap-x-3 gap-y-2 px-4 py-3 wrap-anywhere whitespace-pre-line">
              <span className="text-muted">Saved</span>
              <span>{displayValue(field.name, field.theirs)}</span>
              <span className="text-muted">Yours</span>
              <span>
                {field.mine === undefined ? "Not changed" : displayValue(field.name, field.mine)}
              </span>
            </dd>
          </div>
        ))}
      </dl>
      {problem && (
        <p role="alert" className="mb-4 rounded-lg bg-danger-soft px-4 py-3 text-sm text-danger">
          Not saved: {problem}. Your changes are still here.
        </p>
      )}
      <div className="flex flex-wrap justify-end gap-3">
        <Button variant="secondary" onClick={onDiscard}>
          Keep saved version
        </Button>
        <Button disabled={busy} onClick={onSave}>
          Save my changes
        </Button>
      </div>
    </div>
  );
}
