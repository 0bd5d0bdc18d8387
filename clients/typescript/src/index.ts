import createClient, * as openapi from "openapi-fetch";
import { TodoApiError } from "./error.js";
import type { components, paths } from "./schema.js";
import { syncCalls, type SyncCalls } from "./sync.js";
import type { GetToken } from "./token.js";

export { TodoApiError, type ErrorCode } from "./error.js";
export { rememberToken, type GetToken } from "./token.js";
export type { components, paths } from "./schema.js";
export type { BatchOperation, Changes } from "./sync.js";
export type Task = components["schemas"]["Task"];
/** A task that was changed, with the `next` one when it repeats and was completed. */
export type ChangedTask = components["schemas"]["ChangedTask"];
export type Tag = components["schemas"]["Tag"];
export type Repeat = NonNullable<Task["repeat"]>;

const MAX_RETRY_AFTER_SECONDS = 10; // users do not wait for longer
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
type Method = (typeof METHODS)[number];
type Path<M extends Method> = openapi.ClientPathsWithMethod<openapi.Client<paths>, Lowercase<M>>;
type Init<O> = Omit<openapi.FetchOptions<O>, "baseUrl" | "fetch" | "middleware" | "parseAs">;
type Call<M extends Method> = <P extends Path<M>, O extends NonNullable<paths[P][Lowercase<M>]>>(
  path: P,
  ...init: {} extends Init<O> ? [init?: Init<O>] : [init: Init<O>]
) => Promise<Extract<openapi.FetchResponse<O, {}, "application/json">, { error?: never }>>;
type Service = { baseUrl: string; getToken?: GetToken };
/** The calls of openapi-fetch. */
export type Calls = { [M in Method]: Call<M> };
/** Each call resolves to `data` and `response`, or rejects with a TodoApiError. */
export type TodoClient = Calls & SyncCalls;

/** Returns a client of the service at `baseUrl`. When `getToken` returns nothing, requests have no
 *  token. */
export function createTodoClient({ baseUrl, getToken }: Service): TodoClient {
  const client: openapi.Client<any> = createClient({ baseUrl });
  const call = (method: Method) => async (path: string, init: RequestInit = {}) => {
    const { signal = null } = init;
    const ended = new AbortController();
    const aborted = new Promise<never>((_, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason), { signal: ended.signal });
    });
    let response: Response | undefined;
    const fetch = async (request: Request) => (response = await send(request, signal, getToken));
    try {
      signal?.throwIfAborted();
      const result = await Promise.race([aborted, client[method](path, { ...init, fetch })]);
      if (result.data !== undefined || result.response.status === 204) return result;
      throw new TodoApiError({ response: result.response, problem: result.error });
    } catch (cause) {
      if (cause instanceof TodoApiError) throw cause;
      if (response && cause instanceof SyntaxError) throw new TodoApiError({ response, cause });
      const reason = signal?.reason?.name === "TimeoutError" ? "timeout" : "aborted";
      throw new TodoApiError({ code: signal?.aborted ? reason : "network_error", cause });
    } finally {
      ended.abort();
    }
  };
  const calls = Object.fromEntries(METHODS.map((name) => [name, call(name)])) as Calls;
  return { ...calls, ...syncCalls(calls) };
}

/** Sends a request, once more with a new token when it was refused, and once more after a 503.
 *  Returns the last response. */
async function send(request: Request, signal: AbortSignal | null, getToken?: GetToken) {
  const newToken = async (refused?: string) => getToken?.(refused);
  const unavailable = (cause: unknown) =>
    Promise.reject(new TodoApiError({ code: "token_unavailable", cause }));
  const attempt = async () => {
    const copy = request.clone();
    if (token) copy.headers.set("Authorization", `Bearer ${token}`);
    return fetch(copy, { signal }); // Node.js 20 may lose the signal of a Request
  };

  let token = await newToken().catch(unavailable);
  let response = await attempt();
  // Other 401s, such as for a wrong password, do not name this error (RFC 6750 section 3.1).
  if (token && response.headers.get("WWW-Authenticate")?.includes("invalid_token")) {
    const refused = token;
    token = await newToken(refused).catch(unavailable);
    if (token && token !== refused) response = await attempt();
  }
  const seconds = Number(response.headers.get("Retry-After")) || 1;
  const isRetryable = request.method === "GET" || request.headers.has("Idempotency-Key");
  if (response.status === 503 && isRetryable && seconds <= MAX_RETRY_AFTER_SECONDS) {
    await new Promise((resume) => setTimeout(resume, seconds * 1000));
    response = await attempt();
  }
  return response;
}

/** Returns the query parameter of the next page; undefined on the last page. */
export function nextPage({ headers }: Response): { cursor: string } | undefined {
  const address = /<([^>]*)>; *rel="next"/.exec(headers.get("Link") ?? "")?.[1];
  const cursor = address && new URL(address).searchParams.get("cursor");
  return cursor ? { cursor } : undefined;
}
