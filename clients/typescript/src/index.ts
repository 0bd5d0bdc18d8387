import createClient, * as openapi from "openapi-fetch";
import { TodoApiError } from "./error.js";
import type { components, paths } from "./schema.js";
import type { GetToken } from "./token.js";

export { TodoApiError, type ErrorCode } from "./error.js";
export { rememberToken, type GetToken } from "./token.js";
export type { components, paths } from "./schema.js";
export type Task = components["schemas"]["Task"];

const LONGEST_WAIT_SECONDS = 10; // nobody looks at a spinner for longer
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
type Method = (typeof METHODS)[number];
type Path<M extends Method> = openapi.ClientPathsWithMethod<openapi.Client<paths>, Lowercase<M>>;
type Init<O> = Omit<openapi.FetchOptions<O>, "baseUrl" | "fetch" | "middleware" | "parseAs">;
type Call<M extends Method> = <P extends Path<M>, O extends NonNullable<paths[P][Lowercase<M>]>>(
  path: P,
  ...init: {} extends Init<O> ? [init?: Init<O>] : [init: Init<O>]
) => Promise<Extract<openapi.FetchResponse<O, {}, "application/json">, { error?: never }>>;
/** The calls of openapi-fetch. Each resolves to what was answered, or rejects with TodoApiError. */
export type TodoClient = { [M in Method]: Call<M> };

/** A client of the service at `baseUrl`. Where there is no token, it sends none. */
export function createTodoClient({ baseUrl, getToken }: { baseUrl: string; getToken?: GetToken }) {
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
      const answer = await Promise.race([aborted, client[method](path, { ...init, fetch })]);
      if (answer.data !== undefined || answer.response.status === 204) return answer;
      throw new TodoApiError({ response: answer.response, problem: answer.error });
    } catch (cause) {
      if (cause instanceof TodoApiError) throw cause;
      if (response && cause instanceof SyntaxError) throw new TodoApiError({ response, cause });
      const reason = signal?.reason?.name === "TimeoutError" ? "timeout" : "aborted";
      throw new TodoApiError({ code: signal?.aborted ? reason : "network_error", cause });
    } finally {
      ended.abort();
    }
  };
  return Object.fromEntries(METHODS.map((name) => [name, call(name)])) as TodoClient;
}

/** The answer to a request, which is sent again once with a new token, and once after a 503. */
async function send(request: Request, signal: AbortSignal | null, getToken?: GetToken) {
  const ask = async (refused?: string) => getToken?.(refused);
  const unavailable = (cause: unknown) =>
    Promise.reject(new TodoApiError({ code: "token_unavailable", cause }));
  const attempt = async () => {
    const copy = request.clone();
    if (token) copy.headers.set("Authorization", `Bearer ${token}`);
    return fetch(copy, { signal }); // Node.js 20 may forget the signal of a Request
  };

  let token = await ask().catch(unavailable);
  let response = await attempt();
  // A wrong password is a 401 as well, but not the token's fault (RFC 6750 section 3.1).
  if (token && response.headers.get("WWW-Authenticate")?.includes("invalid_token")) {
    const refused = token;
    token = await ask(refused).catch(unavailable);
    if (token && token !== refused) response = await attempt();
  }
  const seconds = Number(response.headers.get("Retry-After")) || 1;
  const repeatable = request.method === "GET" || request.headers.has("Idempotency-Key");
  if (response.status === 503 && repeatable && seconds <= LONGEST_WAIT_SECONDS) {
    await new Promise((resume) => setTimeout(resume, seconds * 1000));
    response = await attempt();
  }
  return response;
}

/** The query parameter for the page after this one; undefined on the last page. */
export function nextPage({ headers }: Response): { cursor: string } | undefined {
  const address = /<([^>]*)>; *rel="next"/.exec(headers.get("Link") ?? "")?.[1];
  const cursor = address && new URL(address).searchParams.get("cursor");
  return cursor ? { cursor } : undefined;
}
