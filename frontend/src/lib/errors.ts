import type { TodoApiError } from "todo-api-client";

// By its name, so that pages do not load the client for the class.
const isApiError = (error: unknown): error is TodoApiError =>
  error instanceof Error && error.name === "TodoApiError";

/** The token belongs to another user, who has signed in in another tab. */
export class OtherUser extends Error {}

export const isOtherUser = (error: unknown): boolean =>
  isApiError(error) && (error.code === "user_mismatch" || error.cause instanceof OtherUser);

/** Returns a description of an error for the user, without capital letter and full stop, so that it
 *  can follow a text such as "Not saved: ". */
export function errorText(error: unknown): string {
  if (!isApiError(error)) return "an unexpected error occurred";
  if (error.code === "token_unavailable") return "your session could not be verified";
  if (error.status === 401) return "you are signed out";
  if (error.status === 429) return "there were too many requests";
  return lowerFirst(error.message).replace(/\.$/, "");
}

/** Returns the text with a small first letter, unless it begins with an abbreviation. */
export const lowerFirst = (text: string) =>
  /^\p{Lu}{2}/u.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);

/** Returns whether the same request may succeed later. */
export function isTemporary(error: unknown): boolean {
  if (!isApiError(error)) return false;
  return (
    error.status === 0 || error.status >= 500 || error.status === 429 || error.code === "conflict"
  );
}

/** Returns whether the tasks may no longer be shown: the user is signed out or suspended. */
export function isRefusal(error: unknown): boolean {
  return isApiError(error) && (error.status === 401 || error.status === 403);
}

export function hasCode(error: unknown, code: TodoApiError["code"]): error is TodoApiError {
  return isApiError(error) && error.code === code;
}
