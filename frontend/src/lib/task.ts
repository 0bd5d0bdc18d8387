import type { Task } from "todo-api-client";

export type { Task };
export type Priority = Task["priority"];
export type Repeat = NonNullable<Task["repeat"]>;
/** The fields that the user writes. `due_date` is the day of `due_at`, if there is a time. */
export type TaskFields = Pick<
  Task,
  | "title"
  | "description"
  | "priority"
  | "due_date"
  | "due_at"
  | "time_zone"
  | "remind_at"
  | "repeat"
  | "tags"
>;

export const PRIORITIES = { low: "Low", medium: "Medium", high: "High", urgent: "Urgent" } as const;
export const NO_FIELDS: TaskFields = {
  title: "",
  description: null,
  priority: "medium",
  due_date: null,
  due_at: null,
  time_zone: null,
  remind_at: null,
  repeat: null,
  tags: [],
};
const MAX_TITLE_LENGTH = 255;
const MAX_DESCRIPTION_LENGTH = 10_000;
const MAX_TAGS = 20;
const MAX_TAG_LENGTH = 50;

export function fieldsOf(task: TaskFields): TaskFields {
  const names = Object.keys(NO_FIELDS) as (keyof TaskFields)[];
  return Object.fromEntries(names.map((name) => [name, task[name]])) as TaskFields;
}

export type FieldProblems = { [field in keyof TaskFields]?: string };
/** Returns an error message for each field that the API would refuse. */
export function problemsOf({ title, description, tags }: TaskFields): FieldProblems {
  const problems: FieldProblems = {};
  if (!title.trim()) problems.title = "Enter a title.";
  else if ([...title.trim()].length > MAX_TITLE_LENGTH) {
    problems.title = `The title can have at most ${MAX_TITLE_LENGTH} characters. Use the description for more text.`;
  }
  if (description && [...description].length > MAX_DESCRIPTION_LENGTH) {
    problems.description = `The description can have at most ${MAX_DESCRIPTION_LENGTH.toLocaleString("en")} characters.`;
  }
  if (tags.length > MAX_TAGS) problems.tags = `A task can have at most ${MAX_TAGS} tags.`;
  else if (tags.some((tag) => [...tag].length > MAX_TAG_LENGTH)) {
    problems.tags = `A tag can have at most ${MAX_TAG_LENGTH} characters.`;
  }
  return problems;
}

/** Returns the list with another tag, unless it has it in any case. */
export function withTag(tags: string[], added: string): string[] {
  const tag = added.trim();
  const isThere = tags.some((other) => other.toLowerCase() === tag.toLowerCase());
  return tag && !isThere ? [...tags, tag] : tags;
}
