import type { TaskFields } from "@/lib/api-client";
import { Field } from "./field";
import { Select } from "./select";

export const PRIORITIES = { low: "Low", medium: "Medium", high: "High", urgent: "Urgent" } as const;
export const NO_FIELDS: TaskFields = {
  title: "",
  description: null,
  priority: "medium",
  due_date: null,
};
const LONGEST_TITLE = 255;
const LONGEST_DESCRIPTION = 10_000;

export type FieldProblems = { [field in keyof TaskFields]?: string };
type Props = {
  fields: TaskFields;
  problems: FieldProblems;
  onChange: (some: Partial<TaskFields>) => void;
};

/** Says what the API would refuse, before it is sent. Nothing that was typed is cut off. */
export function problemsOf({ title, description }: TaskFields): FieldProblems {
  const problems: FieldProblems = {};
  if (!title.trim()) problems.title = "Write what there is to do.";
  else if ([...title.trim()].length > LONGEST_TITLE) {
    problems.title = `A title has at most ${LONGEST_TITLE} characters. The description has room.`;
  }
  if (description && [...description].length > LONGEST_DESCRIPTION) {
    problems.description = `A description has at most ${LONGEST_DESCRIPTION.toLocaleString("en")} characters.`;
  }
  return problems;
}

/** Everything about a task but its title. */
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
