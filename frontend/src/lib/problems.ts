import { TodoApiError } from "todo-api-client";

/** What went wrong, in words for the person. */
export function inWords(error: unknown): string {
  if (!(error instanceof TodoApiError)) return "Something unexpected happened";
  if (error.code === "token_unavailable") return "Your sign-in could not be checked";
  if (error.status === 429) return "Too many requests at once";
  return error.message.replace(/\.$/, "");
}

/** Whether the same request may well succeed later on. */
export function isTemporary(error: unknown): boolean {
  if (!(error instanceof TodoApiError)) return false;
  return (
    error.status === 0 || error.status >= 500 || error.status === 429 || error.code === "conflict"
  );
}

export function hasCode(error: unknown, code: TodoApiError["code"]): error is TodoApiError {
  return error instanceof TodoApiError && error.code === code;
}
