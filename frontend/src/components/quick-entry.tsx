"use client";

import { CalendarDays, Plus } from "lucide-react";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { EMPTY, type NewDraft } from "@/lib/drafts";
import { formatDue } from "@/lib/due";
import { linesOf } from "@/lib/entry-list";
import { defaultsOf } from "@/lib/groups";
import { parseEntry } from "@/lib/quick-entry";
import { problemsOf, type TaskFields } from "@/lib/task";
import { closeToasts, showToast } from "@/lib/toast";
import { undoLast } from "@/lib/undo";
import { useAddTasks } from "@/lib/use-add-tasks";
import { useCounts } from "@/lib/use-counts";
import { useFindWhen } from "@/lib/use-find-when";
import { useNewDraft } from "@/lib/use-new-draft";
import { useToday } from "@/lib/use-today";
import type { View } from "@/lib/views";
import { Button } from "./button";
import { DateMenu } from "./date-menu";
import { EntryChips } from "./entry-chips";
import { EntryField } from "./entry-field";
import { PastedList } from "./pasted-list";

/** The field for new tasks. It understands #tag, !high and dates, and a new task belongs to the view. */
export function QuickEntry({ view }: { view: View }) {
  const { tags } = useCounts();
  const today = useToday();
  const addTasks = useAddTasks(view);
  const [draft, write] = useNewDraft(`${view.view} ${view.tag} ${view.priority}`);
  const { find, isReady } = useFindWhen(draft.text !== "");
  const [isWaiting, setWaiting] = useState(false); // to add the task when dates are understood
  const [problem, setProblem] = useState<string>();
  const [pasted, setPasted] = useState<{ lines: string[]; asOne: string }>();
  const input = useRef<HTMLInputElement>(null);
  const hasJustAdded = useRef(false);
  const id = useId();

  const defaults = defaultsOf(view, today);
  const entry = parseEntry(draft, defaults, new Date(), find);

  function change(some: Partial<NewDraft>) {
    const next = { ...draft, ...some };
    write(next.text ? next : { text: "", due: next.due });
    setProblem(undefined);
    setPasted(undefined);
    hasJustAdded.current = false;
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    input.current?.focus();
    if (!draft.text.trim()) return;
    if (isReady) addEntry();
    else setWaiting(true);
  }

  useEffect(() => {
    if (!isWaiting || !isReady) return;
    setWaiting(false);
    addEntry();
  });

  function addEntry() {
    const [wrong] = Object.values(problemsOf(entry.fields));
    setProblem(wrong);
    if (wrong) return;
    add([entry.fields]);
    write(EMPTY);
  }

  function add(tasks: TaskFields[]) {
    addTasks(tasks);
    hasJustAdded.current = true;
  }

  /** Returns whether the text is a list, about which the user is asked. */
  function paste(text: string): boolean {
    const lines = linesOf(text);
    if (lines.length < 2) return false;
    const { selectionStart, selectionEnd } = input.current ?? {};
    const before = draft.text.slice(0, selectionStart ?? draft.text.length);
    const after = draft.text.slice(selectionEnd ?? draft.text.length);
    setPasted({ lines, asOne: before + lines.join(" ") + after });
    return true;
  }

  function closeList() {
    setPasted(undefined);
    setProblem(undefined);
    input.current?.focus();
  }

  /** Undoes adding a task while the field is empty. Otherwise the browser undoes typing. */
  function undo(): boolean {
    if (!hasJustAdded.current) return false;
    hasJustAdded.current = false;
    void undoLast().then(showUndone);
    return true;
  }

  const dueText = formatDue({ ...entry.due, completed: false }, today)?.text;
  const hasChips = draft.text.trim() !== "" || draft.due !== undefined;
  return (
    <form onSubmit={submit} noValidate aria-label="New task" className="card mb-5 p-1.5">
      <div className="flex items-center gap-1">
        <EntryField
          ref={input}
          text={draft.text}
          tags={tags.map(({ name }) => name)}
          problemId={problem && `${id}-problem`}
          isReadOnly={isWaiting}
          onChange={(text) => change({ text })}
          onPaste={paste}
          onUndo={undo}
        />
        <DateMenu
          value={entry.due}
          onChange={(due) => change({ due, text: entry.rest })}
          finalFocus={input}
          trigger={
            <Button variant="quiet" className="px-2.5" aria-label={dueText ?? "Set a due date"}>
              <CalendarDays className="size-4" aria-hidden="true" />
              <span className={hasChips ? "sr-only" : "max-sm:sr-only"}>{dueText ?? "Date"}</span>
            </Button>
          }
        />
        <Button type="submit" className="px-3">
          <Plus className="size-4" aria-hidden="true" />
          <span className="max-sm:sr-only">Add task</span>
        </Button>
      </div>
      <EntryChips
        draft={draft}
        entry={entry}
        today={today}
        isShown={hasChips}
        onChange={(some) => {
          change(some);
          input.current?.focus();
        }}
      />
      {pasted && (
        <PastedList
          lines={pasted.lines}
          defaults={defaults}
          onAdd={(tasks) => {
            add(tasks);
            closeList();
          }}
          onJoin={() => {
            change({ text: pasted.asOne });
            input.current?.focus();
          }}
          onCancel={closeList}
          onProblem={setProblem}
        />
      )}
      {problem && (
        <p
          id={`${id}-problem`}
          role="alert"
          className="px-2.5 pb-1 text-sm font-medium text-danger"
        >
          {problem}
        </p>
      )}
    </form>
  );
}

async function showUndone(text: string | undefined) {
  await closeToasts();
  await showToast(`Undone: ${text}`);
}
