import { Calendar, Repeat2, Trash2 } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { dayOf } from "@/lib/day";
import { dueDay, dueTime, formatDue } from "@/lib/due";
import { repeatText } from "@/lib/repeat";
import {
  type FieldProblems,
  fieldsOf,
  PRIORITIES,
  problemsOf,
  type Task,
  type TaskFields,
} from "@/lib/task";
import { showToast } from "@/lib/toast";
import { useActions } from "@/lib/use-actions";
import { useUser } from "@/lib/user-context";
import { changedFields, needsChoice } from "@/lib/versions";
import { Button } from "./button";
import { Conflict } from "./conflict";
import { DateMenu } from "./date-menu";
import { Field } from "./field";
import { Links } from "./linked-text";
import { Select } from "./select";
import { TagsField } from "./tags-field";

type Props = { id: string; task: Task | undefined; onClose: () => void };

/** The fields of a task. Changes that are not saved are a draft, which stays when the form is closed. */
export function EditForm({ id, task, onClose }: Props) {
  const { store, drafts } = useUser();
  const { edit, remove } = useActions();
  const [draft] = useState(() => drafts.read(id));
  const [base] = useState(() => draft?.base ?? (task as Task));
  const [fields, setFields] = useState<TaskFields>(() => draft?.fields ?? fieldsOf(base));
  const [problems, setProblems] = useState<FieldProblems>({});
  const [theirs, setTheirs] = useState<Task>();
  const form = useRef<HTMLFormElement>(null);
  const mine = changedFields(base, fields);
  const isChanged = Object.keys(mine).length > 0;
  const isGone = !task || task.deleted_at !== null;

  // The dialog sets the focus before the form is there.
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  useEffect(
    () => () => {
      if (drafts.read(id)) {
        showToast(`Your changes to “${base.title}” are kept as a draft`, {
          action: { name: "Discard", run: () => drafts.remove(id) },
        });
      }
    },
    [drafts, id, base],
  );

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
    close();
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    const wrong = problemsOf(fields);
    setProblems(wrong);
    if (Object.keys(wrong).length) {
      requestAnimationFrame(() =>
        form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus(),
      );
    } else if (!task || isGone) setProblems({});
    else if (needsChoice(base, mine, task)) setTheirs(task);
    else save(task);
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
    <form ref={form} onSubmit={submit} noValidate className="grid gap-4 sm:grid-cols-2">
      {draft && (
        <div className="flex flex-wrap items-center justify-between gap-2 rounded-lg bg-warning-soft py-1.5 pr-1.5 pl-4 text-sm text-warning sm:col-span-2">
          You changed this task before and did not save it.
          <Button variant="secondary" onClick={close}>
            Discard draft
          </Button>
        </div>
      )}
      <Field label="Title" {...errorOf(problems.title)} className="sm:col-span-2">
        {(control) => (
          <input
            {...control}
            className="control font-medium"
            autoComplete="off"
            dir="auto"
            value={fields.title}
            onChange={({ target }) => change({ title: target.value })}
          />
        )}
      </Field>
      <Field label="Description" {...errorOf(problems.description)} className="sm:col-span-2">
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
      <DueField fields={fields} onChange={change} />
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
        <div
          role="alert"
          className="flex flex-wrap items-center justify-between gap-2 rounded-lg bg-danger-soft px-4 py-2 text-sm text-danger sm:col-span-2"
        >
          {task ? "This task is in the trash." : "This task was deleted."}
          <span className="flex gap-2">
            {task && (
              <Button variant="secondary" onClick={() => store.restore([id])}>
                Restore
              </Button>
            )}
            <Button variant="secondary" onClick={addAsNew}>
              Add as a new task
            </Button>
          </span>
        </div>
      )}
      <div className="mt-1 flex flex-wrap items-center gap-3 sm:col-span-2">
        {task && !isGone && (
          <Button
            variant="quiet"
            className="-ml-3 px-3 hover:text-danger"
            onClick={() => {
              remove(task);
              close();
            }}
          >
            <Trash2 className="size-4" aria-hidden="true" />
            Delete
          </Button>
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

const errorOf = (error: string | undefined) => (error ? { error } : {});

type DueProps = { fields: TaskFields; onChange: (some: Partial<TaskFields>) => void };

function DueField({ fields, onChange }: DueProps) {
  const { repeat } = fields;
  const due = formatDue({ ...fields, completed: true }, dayOf(new Date()));
  return (
    <div className="flex flex-col gap-1.5">
      <span className="text-sm font-medium" id="due-label">
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
            aria-describedby="due-label"
            className="control flex items-center gap-2 text-start"
          >
            <Calendar className="size-4 shrink-0 text-muted" aria-hidden="true" />
            {due?.text ?? "No due date"}
          </button>
        }
      />
      {repeat && (
        <p className="flex items-start gap-1.5 text-sm text-muted">
          <Repeat2 className="mt-0.5 size-4 shrink-0" aria-hidden="true" />
          {repeatText(repeat, dueDay(fields), dueTime(fields))}
        </p>
      )}
    </div>
  );
}
