import { type FormEvent, useEffect, useRef, useState } from "react";
import type { TaskFields, Version } from "@/lib/api-client";
import { errorText, hasCode } from "@/lib/errors";
import { type FieldProblems, problemsOf } from "@/lib/task-fields";
import { showToast } from "@/lib/toast";
import { ChangedElsewhere, useChange } from "@/lib/use-tasks";
import { useUser } from "@/lib/user-context";
import { changedFields } from "@/lib/versions";
import { Button } from "./button";
import { Conflict } from "./conflict";
import { Field } from "./field";
import { DetailFields } from "./task-fields";

type Props = { version: Version; onClose: () => void };

export function EditForm({ version, onClose }: Props) {
  const { outbox } = useUser();
  const { title, description, priority, due_date } = version.task;
  const [fields, setFields] = useState<TaskFields>({ title, description, priority, due_date });
  const [problems, setProblems] = useState<FieldProblems>({});
  const [theirs, setTheirs] = useState<Version>();
  const { mutate, error, isPending, reset } = useChange(version.task.id);
  const form = useRef<HTMLFormElement>(null);
  // The dialog sets the focus before the form is rendered.
  useEffect(() => form.current?.querySelector("input")?.focus(), []);
  const mine = changedFields(version.task, fields);

  function save(version: Version) {
    if (Object.keys(mine).length === 0) return onClose();
    const onError = (failure: unknown) =>
      failure instanceof ChangedElsewhere && setTheirs(failure.current);
    mutate({ version, fields: mine }, { onSuccess: onClose, onError });
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    const wrong = problemsOf(fields);
    setProblems(wrong);
    if (Object.keys(wrong).length === 0) return save(version);
    requestAnimationFrame(() =>
      form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus(),
    );
  }

  if (theirs) {
    return (
      <Conflict
        base={version.task}
        mine={mine}
        theirs={theirs.task}
        busy={isPending}
        problem={error && !(error instanceof ChangedElsewhere) ? errorText(error) : undefined}
        onSave={() => save(theirs)}
        onDiscard={onClose}
      />
    );
  }

  const change = (some: Partial<TaskFields>) => {
    setFields({ ...fields, ...some });
    setProblems({});
    reset();
  };
  return (
    <form ref={form} onSubmit={submit} noValidate className="grid gap-4 sm:grid-cols-2">
      <Field label="Title" error={problems.title} className="sm:col-span-2">
        {(control) => (
          <input
            {...control}
            className="control"
            autoComplete="off"
            value={fields.title}
            onChange={({ target }) => change({ title: target.value })}
          />
        )}
      </Field>
      <DetailFields fields={fields} problems={problems} onChange={change} />
      {error && (
        <div
          role="alert"
          className="rounded-lg bg-danger-soft px-4 py-3 text-sm text-danger sm:col-span-2"
        >
          {hasCode(error, "not_found") ? (
            <>
              This task was deleted in another tab or on another device.{" "}
              <button
                type="button"
                className="font-semibold underline underline-offset-4"
                onClick={() => {
                  outbox.add(fields);
                  showToast("Added as a new task");
                  onClose();
                }}
              >
                Add as a new task
              </button>
            </>
          ) : (
            `Not saved: ${errorText(error)}. Your changes are still here.`
          )}
        </div>
      )}
      <div className="mt-2 flex justify-end gap-3 sm:col-span-2">
        <Button variant="quiet" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" disabled={isPending}>
          {isPending ? "Saving…" : "Save"}
        </Button>
      </div>
    </form>
  );
}
