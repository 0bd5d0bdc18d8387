import { TodoApiError } from "todo-api-client";

/** Returns a description of an error for the user, without capital letter and full stop, so that it
 *  can follow a text such as "Not saved: ". */
export function errorText(error: unknown): string {
  if (!(error instanceof TodoApiError)) return "an unexpected error occurred";
  if (error.code === "token_unavailable") return "your session could not be verified";
  if (error.status === 401) return "you are signed out";
  if (error.status === 429) return "there were too many requests";
  return error.message.charAt(0).toLowerCase() + error.message.slice(1).replace(/\.$/, "");
}

/** Returns whether the same request may succeed later. */
export function isTemporary(error: unknown): boolean {
  if (!(error instanceof TodoApiError)) return false;
  return (
    error.status === 0 || error.status >= 500 || error.status === 429 || error.code === "conflict"
  );
}

export function hasCode(error: unknown, code: TodoApiError["code"]): error is TodoApiError {
  return error instanceof TodoApiError && error.code === code;
}
