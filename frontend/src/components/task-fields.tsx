import type { TaskFields } from "@/lib/api-client";
import { type FieldProblems, PRIORITIES } from "@/lib/task-fields";
import { Field } from "./field";
import { Select } from "./select";

type Props = {
  fields: TaskFields;
  problems: FieldProblems;
  onChange: (some: Partial<TaskFields>) => void;
};

/** The fields of a task except its title. */
export function DetailFields({ fields, problems, onChange }: Props) {
  return (
    <>
      <Field label="Description" error={problems.description} className="sm:col-span-2">
        {(control) => (
          <textarea
            {...control}
            rows={3}
            className="control field-sizing-content max-h-64 min-h-20 resize-y"
            value={fields.description ?? ""}
            onChange={({ target }) => onChange({ description: target.value || null })}
          />
        )}
      </Field>
      <Field label="Priority" error={problems.priority}>
        {(control) => (
          <Select
            {...control}
            options={PRIORITIES}
            value={fields.priority}
            onChange={({ target }) =>
              onChange({ priority: target.value as TaskFields["priority"] })
            }
          />
        )}
      </Field>
      <Field label="Due date" error={problems.due_date}>
        {(control) => (
          <input
            {...control}
            type="date"
            max="9999-12-31"
            className="control"
            value={fields.due_date ?? ""}
            onChange={({ target }) => onChange({ due_date: target.value || null })}
          />
        )}
      </Field>
    </>
  );
}
