import type { components } from "./schema.js";
type Problem = components["schemas"]["Problem"];
/** What can go wrong beside the API's own refusals, in words for people. */
const MESSAGES = {
  aborted: "The request was aborted",
  timeout: "The service took too long to answer",
  network_error: "The service cannot be reached",
  token_unavailable: "No token could be had",
  unexpected_answer: "The service gave an unexpected answer", // such as a proxy's error page
  not_modified: "It has not changed",
};
type OwnCode = keyof typeof MESSAGES;
export type ErrorCode = Problem["code"] | OwnCode;
type Known = { code?: OwnCode; response?: Response; problem?: Problem; cause?: unknown };

/** Every failure of every call. `message` is for people, `code` is for programs. */
export class TodoApiError extends Error {
  override readonly name = "TodoApiError";
  readonly code: ErrorCode;
  readonly status: number; // 0 without an answer
  readonly errors: Record<string, string[]>; // field to problems
  readonly requestId: string | undefined; // finds the request in the service's log
  readonly retryAfter: number | undefined; // seconds
  readonly current: Problem["current"]; // with precondition_failed: the task as it is now
  readonly response: Response | undefined; // for its headers; the body has been read

  constructor({ code, response, problem: body, cause }: Known) {
    // A gateway answers with JSON of its own.
    const problem = typeof body?.detail === "string" && body.code ? body : undefined;
    const other = response?.status === 304 ? "not_modified" : "unexpected_answer";
    super(problem?.detail ?? MESSAGES[code ?? other], { cause });
    this.code = code ?? problem?.code ?? other;
    this.status = response?.status ?? 0;
    this.errors = problem?.errors ?? {};
    this.requestId = response?.headers.get("X-Request-ID") ?? undefined;
    this.retryAfter = Number(response?.headers.get("Retry-After")) || undefined;
    this.current = problem?.current;
    this.response = response;
  }
}
