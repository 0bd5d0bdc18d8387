"use client";

import { CalendarDays, Flag, Hash, Plus } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { EMPTY, type NewDraft } from "@/lib/drafts";
import { dueFields, formatDue } from "@/lib/due";
import { FIELDS } from "@/lib/fields";
import { defaultsOf, groupsOf } from "@/lib/groups";
import { type Completions, complete, completionsAt, parseEntry } from "@/lib/quick-entry";
import { NO_FIELDS, PRIORITIES, problemsOf, type TaskFields, withTag } from "@/lib/task";
import { showToast } from "@/lib/toast";
import { useCounts } from "@/lib/use-counts";
import { useToday } from "@/lib/use-today";
import { useNavigate } from "@/lib/use-view";
import { useUser } from "@/lib/user-context";
import { HOME, type View } from "@/lib/views";
import { Button } from "./button";
import { DateMenu } from "./date-menu";

const NO_DUE = { ...dueFields(null, null, ""), remind_at: null, repeat: null };

/** The field for new tasks. It understands #tag and !high, and a new task belongs to the view. */
export function QuickEntry({ view }: { view: View }) {
  const { store, drafts } = useUser();
  const { tags } = useCounts();
  const today = useToday();
  const navigate = useNavigate();
  const [draft, setDraft] = useState<NewDraft>(EMPTY);
  const [problem, setProblem] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  // In an effect, because the first render must equal the server's, which has an empty field.
  useEffect(() => setDraft(drafts.readNew()), [drafts]);

  const defaults = defaultsOf(view, today);
  const due = draft.due ?? { ...NO_DUE, due_date: defaults.due_date ?? null };
  const entry = parseEntry(draft.text);
  const fields: TaskFields = {
    ...NO_FIELDS,
    ...defaults,
    ...due,
    title: entry.title,
    tags: (defaults.tags ?? []).reduce(withTag, entry.tags),
    priority: entry.priority ?? defaults.priority ?? NO_FIELDS.priority,
  };

  function change(some: Partial<NewDraft>) {
    const next = { ...draft, ...some };
    setDraft(next);
    drafts.writeNew(next);
    setProblem(undefined);
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    input.current?.focus();
    const [wrong] = Object.values(problemsOf(fields));
    setProblem(wrong);
    if (wrong) return;
    const added = store.add(fields);
    setDraft(EMPTY);
    drafts.writeNew(EMPTY);
    const task = store.snapshot().tasks.get(added.id);
    if (task && !groupsOf(view, [task], today).length) {
      showToast(`Added “${task.title}”. It is not in this view`, {
        action: { name: "Show", run: () => navigate({ task: task.id }, { from: HOME }) },
      });
    }
  }

  const dueText = formatDue({ ...due, completed: false }, today)?.text;
  const hasChips =
    draft.text.trim() !== "" && (fields.tags.length > 0 || fields.priority !== "medium");
  return (
    <form onSubmit={submit} noValidate aria-label="New task" className="card mb-5 p-1.5">
      <div className="flex items-center gap-1">
        <EntryField
          ref={input}
          text={draft.text}
          tags={tags.map(({ name }) => name)}
          problemId={problem && `${id}-problem`}
          onChange={(text) => change({ text })}
        />
        <DateMenu
          value={due}
          onChange={(chosen) => change({ due: chosen })}
          trigger={
            <Button variant="quiet" className="px-2.5" aria-label={dueText ?? "Set a due date"}>
              <CalendarDays className="size-4" aria-hidden="true" />
              <span className="max-sm:sr-only">{dueText ?? "Date"}</span>
            </Button>
          }
        />
        <Button type="submit" className="px-3">
          <Plus className="size-4" aria-hidden="true" />
          <span className="max-sm:sr-only">Add task</span>
        </Button>
      </div>
      {hasChips && (
        <p
          className="flex flex-wrap gap-x-3 px-2.5 pt-1 pb-1 text-sm text-muted"
          aria-live="polite"
        >
          {fields.priority !== "medium" && (
            <span className="inline-flex items-center gap-1">
              <Flag className="size-4" aria-hidden="true" />
              {PRIORITIES[fields.priority]} priority
            </span>
          )}
          {fields.tags.map((tag) => (
            <span key={tag} className="inline-flex items-center gap-1 wrap-anywhere">
              <Hash className="size-4 shrink-0" aria-hidden="true" />
              <span className="sr-only">Tag </span>
              <bdi>{tag}</bdi>
            </span>
          ))}
        </p>
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

type FieldProps = {
  ref: React.RefObject<HTMLInputElement | null>;
  text: string;
  tags: string[];
  problemId: string | undefined;
  onChange: (text: string) => void;
};

/** The text field, with a menu that completes tags and priorities. */
function EntryField({ ref, text, tags, problemId, onChange }: FieldProps) {
  const [completions, setCompletions] = useState<Completions>();
  const [selected, select] = useState(0);
  const id = useId();

  function update({ value, selectionStart }: HTMLInputElement) {
    onChange(value);
    setCompletions(completionsAt(value, selectionStart ?? value.length, tags));
    select(0);
  }

  function accept(index: number) {
    const field = ref.current;
    const option = completions?.options[index];
    if (!field || !completions || !option) return;
    const cursor = field.selectionStart ?? text.length;
    const completed = complete(text, cursor, completions.start, option.insert);
    onChange(completed.text);
    setCompletions(undefined);
    field.focus();
    requestAnimationFrame(() => field.setSelectionRange(completed.cursor, completed.cursor));
  }

  function press(event: KeyboardEvent) {
    if (event.key === "Escape" && !completions) ref.current?.blur();
    if (!completions || event.nativeEvent.isComposing) return;
    const { length } = completions.options;
    const typed = text.slice(completions.start, ref.current?.selectionStart ?? text.length);
    const isComplete = completions.options[selected]?.insert === typed;
    if (event.key === "ArrowDown") select((selected + 1) % length);
    else if (event.key === "ArrowUp") select((selected + length - 1) % length);
    else if (event.key === "Enter" || event.key === "Tab") {
      if (isComplete) return setCompletions(undefined); // Enter adds the task
      accept(selected);
    } else if (event.key === "Escape") setCompletions(undefined);
    else return;
    event.preventDefault();
  }

  return (
    <div className="relative min-w-0 flex-1">
      <input
        ref={ref}
        id={FIELDS.newTask}
        role="combobox"
        aria-label="New task"
        aria-autocomplete="list"
        aria-expanded={completions !== undefined}
        aria-controls={`${id}-list`}
        aria-activedescendant={completions && `${id}-${selected}`}
        aria-invalid={problemId ? true : undefined}
        aria-describedby={problemId}
        aria-keyshortcuts="n"
        placeholder="Add a task… #tag !high"
        autoComplete="off"
        dir="auto"
        value={text}
        onChange={({ currentTarget }) => update(currentTarget)}
        onKeyDown={press}
        onBlur={() => setCompletions(undefined)}
        className="min-h-10 w-full rounded-lg bg-transparent px-2.5 text-base"
      />
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label="Completions"
        hidden={!completions}
        className="menu absolute top-full left-0 mt-1"
      >
        {completions?.options.map(({ label, insert }, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the text field
          <div
            key={insert}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === selected}
            onMouseDown={(event) => event.preventDefault()} // the field keeps the focus
            onClick={() => accept(index)}
            className="menu-item aria-selected:bg-sunken"
          >
            {label}
          </div>
        ))}
      </div>
    </div>
  );
}
