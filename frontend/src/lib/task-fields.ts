import type { TaskFields } from "./api-client";

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
