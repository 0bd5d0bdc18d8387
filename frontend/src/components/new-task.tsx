"use client";

import { ChevronDown, Plus } from "lucide-react";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { type FieldProblems, NO_FIELDS, problemsOf } from "@/lib/task-fields";
import { useDraft } from "@/lib/use-draft";
import { NEW_TASK } from "@/lib/use-shortcuts";
import { useUser } from "@/lib/user-context";
import { Button } from "./button";
import { DetailFields } from "./task-fields";

/** The form for a new task: the title, and its other fields on request. */
export function NewTask() {
  const { outbox } = useUser();
  const [draft, setDraft] = useDraft();
  const [problems, setProblems] = useState<FieldProblems>({});
  const [detailed, setDetailed] = useState(false);
  const title = useRef<HTMLInputElement>(null);
  const id = useId();

  const { description, priority, due_date } = draft;
  const hasDetails = Boolean(description || due_date || priority !== NO_FIELDS.priority);
  useEffect(() => {
    if (hasDetails) setDetailed(true); // a restored draft: all fields with values must be visible
  }, [hasDetails]);

  const change = (some: Partial<typeof draft>) => {
    setDraft({ ...draft, ...some });
    setProblems({});
  };

  function submit(event: FormEvent) {
    event.preventDefault();
    const wrong = problemsOf(draft);
    setProblems(wrong);
    title.current?.focus();
    if (wrong.description) setDetailed(true);
    if (Object.keys(wrong).length) return;
    outbox.add({ ...draft, title: draft.title.trim() });
    setDraft(NO_FIELDS);
    setDetailed(false);
  }

  return (
    <form onSubmit={submit} noValidate aria-label="New task" className="card mb-8 p-2 sm:p-2.5">
      <div className="flex gap-2">
        <input
          ref={title}
          id={NEW_TASK}
          aria-label="New task"
          aria-invalid={problems.title ? true : undefined}
          aria-describedby={problems.title ? `${id}-error` : undefined}
          aria-keyshortcuts="n"
          placeholder="What needs to be done?"
          autoComplete="off"
          value={draft.title}
          onChange={({ target }) => change({ title: target.value })}
          className="min-h-10 min-w-0 flex-1 rounded-lg bg-transparent px-3 text-base"
        />
        <Button type="submit" className="px-3 sm:px-4">
          <Plus className="size-4" aria-hidden="true" />
          <span className="sr-only sm:not-sr-only">Add task</span>
        </Button>
      </div>
      {problems.title && (
        <p id={`${id}-error`} role="alert" className="px-3 pt-1.5 text-sm font-medium text-danger">
          {problems.title}
        </p>
      )}
      <button
        type="button"
        aria-expanded={detailed}
        aria-controls={`${id}-details`}
        onClick={() => setDetailed(!detailed)}
        className="mt-1 flex min-h-8 items-center gap-1 rounded-lg px-3 text-sm text-muted hover:text-ink"
      >
        <ChevronDown
          className={`size-4 transition-transform ${detailed ? "rotate-180" : ""}`}
          aria-hidden="true"
        />
        {detailed ? "Fewer details" : "More details"}
      </button>
      <div
        id={`${id}-details`}
        hidden={!detailed}
        className="grid gap-4 px-3 pt-3 pb-2 not-hidden:grid sm:grid-cols-2"
      >
        <DetailFields fields={draft} problems={problems} onChange={change} />
      </div>
    </form>
  );
}
