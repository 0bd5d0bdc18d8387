import { useEffect, useRef } from "react";
import { MAX_LINES } from "@/lib/entry-list";
import { parseEntry } from "@/lib/quick-entry";
import { problemsOf, type TaskFields } from "@/lib/task";
import { count } from "@/lib/text";
import { loadFindWhen } from "@/lib/use-find-when";
import { Button } from "./button";

type Props = {
  lines: string[];
  /** The fields that a new task has from the view. */
  defaults: Partial<TaskFields>;
  onAdd: (tasks: TaskFields[]) => void;
  onJoin: () => void;
  onCancel: () => void;
  onProblem: (problem: string) => void;
};

/** Asks whether the lines that were pasted are one task or several. */
export function PastedList({ lines, defaults, onAdd, onJoin, onCancel, onProblem }: Props) {
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);

  async function add() {
    if (lines.length > MAX_LINES) {
      return onProblem(`At most ${MAX_LINES} tasks can be added at once.`);
    }
    const find = await loadFindWhen();
    const tasks = lines.map((text) => parseEntry({ text }, defaults, new Date(), find).fields);
    for (const [index, fields] of tasks.entries()) {
      const [wrong] = Object.values(problemsOf(fields));
      if (wrong) return onProblem(`Line ${index + 1}: ${wrong}`);
    }
    onAdd(tasks);
  }

  return (
    <fieldset
      onKeyDown={({ key }) => key === "Escape" && onCancel()}
      className="flex flex-wrap items-center gap-2 px-2.5 py-1.5"
    >
      <legend className="sr-only">Pasted list</legend>
      <Button ref={first} variant="secondary" onClick={add}>
        Add {count(lines.length, "task")}
      </Button>
      <Button variant="secondary" onClick={onJoin}>
        As one task
      </Button>
      <Button variant="quiet" onClick={onCancel}>
        Cancel
      </Button>
    </fieldset>
  );
}
