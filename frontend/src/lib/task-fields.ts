import type { TaskFields } from "./api-client";

export const PRIORITIES = { low: "Low", medium: "Medium", high: "High", urgent: "Urgent" } as const;
export const NO_FIELDS: TaskFields = {
  title: "",
  description: null,
  priority: "medium",
  due_date: null,
};
const MAX_TITLE_LENGTH = 255;
const MAX_DESCRIPTION_LENGTH = 10_000;

export type FieldProblems = { [field in keyof TaskFields]?: string };
/** Returns an error message for each field that the API would refuse. */
export function problemsOf({ title, description }: TaskFields): FieldProblems {
  const problems: FieldProblems = {};
  if (!title.trim()) problems.title = "Enter a title.";
  else if ([...title.trim()].length > MAX_TITLE_LENGTH) {
    problems.title = `The title can have at most ${MAX_TITLE_LENGTH} characters. Use the description for more text.`;
  }
  if (description && [...description].length > MAX_DESCRIPTION_LENGTH) {
    problems.description = `The description can have at most ${MAX_DESCRIPTION_LENGTH.toLocaleString("en")} characters.`;
  }
  return problems;
}
