import { TodoApiError } from "todo-api-client";

/** What went wrong, in words for the person: a clause that goes on after "could not be saved: ". */
export function inWords(error: unknown): string {
  if (!(error instanceof TodoApiError)) return "something unexpected happened";
  if (error.code === "token_unavailable") return "your sign-in could not be checked";
  if (error.status === 401) return "you are signed out";
  if (error.status === 429) return "there were too many requests at once";
  return error.message.charAt(0).toLowerCase() + error.message.slice(1).replace(/\.$/, "");
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
