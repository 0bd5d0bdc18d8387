import { CircleCheck, RotateCcw, Trash2 } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { dayText } from "@/lib/day";
import {
  type FieldProblems,
  fieldsOf,
  PRIORITIES,
  problemsOf,
  type Task,
  type TaskFields,
} from "@/lib/task";
import { closeToast, showToast } from "@/lib/toast";
import { useActions } from "@/lib/use-actions";
import { ruleProblem } from "@/lib/use-preview";
import { useUser } from "@/lib/user-context";
import { changedFields, needsChoice } from "@/lib/versions";
import { Button } from "./button";
import { Conflict } from "./conflict";
import { DueField } from "./due-field";
import { DraftNotice, GoneNotice } from "./edit-notices";
import { Field } from "./field";
import { Links } from "./linked-text";
import { Select } from "./select";
import { TagsField } from "./tags-field";
import { TitleField } from "./title-field";

type Props = { id: string; task: Task | undefined; onClose: () => void };

/** The fields of a task. Changes that are not saved are a draft, which stays when the form is closed. */
export function EditForm({ id, task, onClose }: Props) {
  const { store, drafts } = useUser();
  const { edit, setCompleted, remove } = useActions();
  const [draft] = useState(() => drafts.read(id));
  const [base] = useState(() => draft?.base ?? (task as Task));
  const [fields, setFields] = useState<TaskFields>(() => draft?.fields ?? fieldsOf(base));
  const [problems, setProblems] = useState<FieldProblems>({});
  const [theirs, setTheirs] = useState<Task>();
  const form = useRef<HTMLFormElement>(null);
  const isCompleting = useRef(false); // once the changes are saved
  const mine = changedFields(base, fields);
  const isChanged = Object.keys(mine).length > 0;
  const isGone = !task || task.deleted_at !== null;

  useEffect(() => {
    // On a touch screen, the focus in a field would open the keyboard, which covers the form.
    if (!window.matchMedia("(pointer: fine)").matches) return;
    form.current?.querySelector("textarea")?.focus();
  }, []);
  useEffect(() => {
    const message = `draft ${id}`;
    void closeToast(message); // its button would discard the draft that the form shows
    return () => {
      if (drafts.read(id)) {
        showToast(`Your changes to “${base.title}” are kept as a draft`, {
          id: message,
          action: { name: "Discard", run: () => drafts.remove(id) },
        });
      }
    };
  }, [drafts, id, base]);

  function change(some: Partial<TaskFields>) {
    const next = { ...fields, ...some };
    setFields(next);
    setProblems({});
    if (Object.keys(changedFields(base, next)).length) drafts.write({ base, fields: next });
    else drafts.remove(id);
  }

  function close() {
    drafts.remove(id);
    onClose();
  }

  function save(current: Task) {
    const title = mine.title?.trim();
    if (isChanged) edit(current, { ...mine, ...(title && { title }) });
    if (isCompleting.current) setCompleted({ ...current, ...mine }, !current.completed);
    close();
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    const rule = ruleProblem(fields);
    const wrong = { ...problemsOf(fields), ...(rule && { repeat: rule }) };
    setProblems(wrong);
    if (Object.keys(wrong).length) {
      isCompleting.current = false;
      requestAnimationFrame(() =>
        form.current?.querySelector<HTMLElement>("[aria-invalid], [data-invalid]")?.focus(),
      );
    } else if (!task || isGone) setProblems({});
    else if (needsChoice(base, mine, task)) setTheirs(task);
    else save(task);
  }

  /** Saves the changes first, so that the next task of a series has them. */
  function complete(current: Task) {
    if (!isChanged) return setCompleted(current, !current.completed);
    isCompleting.current = true;
    form.current?.requestSubmit();
  }

  function press(event: KeyboardEvent) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    requestAnimationFrame(() => form.current?.requestSubmit()); // after a typed tag was added
  }

  function addAsNew() {
    store.add({ ...fields, title: fields.title.trim() });
    showToast("Added as a new task");
    close();
  }

  if (theirs) {
    return (
      <Conflict
        base={base}
        mine={mine}
        theirs={theirs}
        onSave={() => save(theirs)}
        onDiscard={close}
      />
    );
  }
  return (
    <form
      ref={form}
      onSubmit={submit}
      onKeyDown={press}
      noValidate
      className="grid gap-4 sm:grid-cols-2"
    >
      {draft && <DraftNotice onDiscard={close} />}
      <TitleField
        title={fields.title}
        problem={problems.title}
        onChange={(title) => change({ title })}
      />
      <Field
        label="Description"
        {...(problems.description && { error: problems.description })}
        className="sm:col-span-2"
      >
        {(control) => (
          <>
            <textarea
              {...control}
              rows={3}
              dir="auto"
              className="control field-sizing-content max-h-64 min-h-20 resize-y"
              value={fields.description ?? ""}
              onChange={({ target }) => change({ description: target.value || null })}
            />
            <Links text={fields.description ?? ""} />
          </>
        )}
      </Field>
      <DueField
        fields={fields}
        completed={task?.completed ?? false}
        problem={problems.repeat}
        onChange={change}
      />
      <Field label="Priority">
        {(control) => (
          <Select
            {...control}
            options={PRIORITIES}
            value={fields.priority}
            onChange={({ target }) => change({ priority: target.value as Task["priority"] })}
          />
        )}
      </Field>
      <div className="sm:col-span-2">
        <TagsField
          tags={fields.tags}
          problem={problems.tags}
          onChange={(tags) => change({ tags })}
        />
      </div>
      {isGone && (
        <GoneNotice
          isInTrash={Boolean(task)}
          onRestore={() => store.restore([id])}
          onAddAsNew={addAsNew}
        />
      )}
      {task && (
        <p className="text-sm text-muted sm:col-span-2">
          Added on {dayText(task.created_at)}
          {task.completed_at && `, completed on ${dayText(task.completed_at)}`}
        </p>
      )}
      <div className="flex flex-wrap items-center gap-3 sm:col-span-2">
        {task && !isGone && (
          <span className="-ml-3 flex">
            <Button variant="quiet" className="px-3" onClick={() => complete(task)}>
              {task.completed ? (
                <RotateCcw className="size-4" aria-hidden="true" />
              ) : (
                <CircleCheck className="size-4" aria-hidden="true" />
              )}
              {task.completed ? "Reopen" : "Complete"}
            </Button>
            <Button
              variant="quiet"
              className="px-3 hover:text-danger"
              onClick={() => {
                remove(task);
                close();
              }}
            >
              <Trash2 className="size-4" aria-hidden="true" />
              Delete
            </Button>
          </span>
        )}
        <span className="ml-auto flex gap-3">
          <Button variant="secondary" onClick={close}>
            {isChanged ? "Discard changes" : "Cancel"}
          </Button>
          <Button type="submit" disabled={isGone}>
            Save
          </Button>
        </span>
      </div>
    </form>
  );
}
