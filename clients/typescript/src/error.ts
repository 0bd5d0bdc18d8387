import type { components } from "./schema.js";
type Problem = components["schemas"]["Problem"];
/** The messages of errors that are not responses of the API. They are shown to users. */
const MESSAGES = {
  aborted: "The request was aborted",
  timeout: "The service took too long to respond",
  network_error: "The service cannot be reached",
  token_unavailable: "The sign-in token could not be fetched",
  unexpected_answer: "The service sent an unexpected response", // such as a proxy's error page
  not_modified: "It has not changed",
};
type OwnCode = keyof typeof MESSAGES;
export type ErrorCode = Problem["code"] | OwnCode;
type Source = { code?: OwnCode; response?: Response; problem?: Problem; cause?: unknown };

/** The error of every call that fails. `message` is for users, `code` is for programs. */
export class TodoApiError extends Error {
  override readonly name = "TodoApiError";
  readonly code: ErrorCode;
  readonly status: number; // 0 without a response
  readonly errors: Record<string, string[]>; // messages by field
  readonly requestId: string | undefined; // finds the request in the log of the service
  readonly retryAfter: number | undefined; // seconds
  readonly current: Problem["current"]; // with precondition_failed: the task as it is now
  readonly failed: Problem["failed"]; // with batch_failed: the first operation that failed
  readonly response: Response | undefined; // for its headers; the body has been read

  constructor({ code, response, problem: body, cause }: Source) {
    // A gateway may respond with other JSON.
    const problem = typeof body?.detail === "string" && body.code ? body : undefined;
    const other = response?.status === 304 ? "not_modified" : "unexpected_answer";
    super(problem?.detail ?? MESSAGES[code ?? other], { cause });
    this.code = code ?? problem?.code ?? other;
    this.status = response?.status ?? 0;
    this.errors = problem?.errors ?? {};
    this.requestId = response?.headers.get("X-Request-ID") ?? undefined;
    this.retryAfter = Number(response?.headers.get("Retry-After")) || undefined;
    this.current = problem?.current;
    this.failed = problem?.failed;
    this.response = response;
  }
}
