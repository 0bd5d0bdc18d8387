import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test, type TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createTodoClient, TodoApiError, type TodoClient } from "todo-api-client";
import { faultyServer } from "./server.js";
import { service, tokens } from "./service.js";

const client = (baseUrl = service.baseUrl, token: string | null = tokens.alice) =>
  createTodoClient({ baseUrl, getToken: () => token });
const header = { "Idempotency-Key": "used" };

/** Each error of the API: its status, its code, and a call that causes it. */
const API_ERRORS: [number, string, (api: TodoClient) => Promise<unknown>][] = [
  [400, "validation_error", (api) => api.POST("/api/tasks", { body: { title: " " } })],
  [400, "malformed_json", (api) =>
    api.POST("/api/tasks", { body: { title: "" }, bodySerializer: () => "{" })],
  [401, "not_authenticated", () => client(service.baseUrl, null).GET("/api/tasks")],
  [401, "token_expired", () => client(service.baseUrl, tokens.expired).GET("/api/tasks")],
  [401, "token_invalid", () => client(service.baseUrl, "not-a-token").GET("/api/tasks")],
  [403, "account_suspended", () => client(service.baseUrl, tokens.suspended).GET("/api/tasks")],
  [403, "user_mismatch", (api) =>
    api.GET("/api/users/{user_id}/tasks", { params: { path: { user_id: "bob" } } })],
  [404, "not_found", (api) => api.GET("/api/tasks/{id}", { params: { path: { id: "none" } } })],
  [405, "method_not_allowed", (api) => api.DELETE("/api/tasks" as never, {} as never)],
  [406, "not_acceptable", (api) => api.GET("/api/tasks", { headers: { Accept: "text/html" } })],
  [409, "conflict", async (api) => {
    const body = { email: "Bob@todo.test", password: "correct horse battery" };
    await api.POST("/api/auth/signup", { body });
    await api.POST("/api/auth/signup", { body });
  }],
  [409, "idempotency_conflict", async (api) => {
    await api.POST("/api/tasks", { params: { header }, body: { title: "Water the plants" } });
    await api.POST("/api/tasks", { params: { header }, body: { title: "Feed the cat" } });
  }],
  [413, "body_too_large", (api) =>
    api.POST("/api/tasks", { body: { title: "x".repeat(1_048_577) } })],
  [415, "unsupported_media_type", (api) =>
    api.POST("/api/tasks", { body: { title: "x" }, headers: { "Content-Type": "text/plain" } })],
  [429, "rate_limited", async (api) => {
    const body = { email: "guess@todo.test", password: "wrong" };
    for (let i = 0; i < 10; i++) await api.POST("/api/auth/login", { body }).catch(() => null);
    await api.POST("/api/auth/login", { body });
  }],
  [500, "internal_error", () => client(service.broken).GET("/api/tasks")],
];

/** Returns the error of a call. */
async function failure(call: Promise<unknown>): Promise<TodoApiError> {
  const error = await call.then(() => assert.fail("it succeeded"), (reason: unknown) => reason);
  assert(error instanceof TodoApiError, String(error));
  return error;
}

for (const [status, code, call] of API_ERRORS) {
  test(`${status} ${code} is a TodoApiError with a sentence for users`, async () => {
    const error = await failure(call(client()));

    assert.deepEqual([error.status, error.code, error.name], [status, code, "TodoApiError"]);
    assert.match(error.message, /^[A-Z].{8,}/);
    assert.match(error.requestId ?? "", /^[0-9a-f]{32}$/);
    assert.equal(typeof error.retryAfter, status === 429 ? "number" : "undefined");
  });
}

test("a validation error has messages by field", async () => {
  const body = { title: " ", priority: "now" as "low" };

  const error = await failure(client().POST("/api/tasks", { body }));

  assert.equal(error.message, "Title cannot be empty");
  assert.deepEqual(error.errors, {
    title: ["Title cannot be empty"],
    priority: ["Priority must be one of: low, medium, high, urgent"],
  });
});

test("a write on an old version returns the current task and its version", async () => {
  const api = client();
  const { data: task } = await api.POST("/api/tasks", { body: { title: "Water the plants" } });
  const params = { path: { id: task.id } };

  const error = await failure(
    api.PUT("/api/tasks/{id}", {
      params: { ...params, header: { "If-Match": '"old"' } },
      body: { completed: true },
    }),
  );

  assert.deepEqual([error.status, error.code, error.current], [412, "precondition_failed", task]);
  const header = { "If-Match": error.response?.headers.get("ETag") ?? "" };
  await api.DELETE("/api/tasks/{id}", { params: { ...params, header } });
});

test("a refused connection is a network_error with its cause", async () => {
  const error = await failure(client("http://127.0.0.1:1").GET("/api/tasks"));

  assert.deepEqual([error.status, error.code, error.response], [0, "network_error", undefined]);
  assert(error.cause instanceof TypeError);
});

test("an incomplete response is a network_error", async (t) => {
  const { baseUrl } = await faultyServer(t, (_, response) => {
    response.writeHead(200, { "Content-Type": "application/json", "Content-Length": "100" });
    response.write("[", () => response.destroy());
  });

  const error = await failure(client(baseUrl).GET("/api/tasks"));

  assert.equal(error.code, "network_error");
});

const FOREIGN_RESPONSES = [
  [200, "<p>Log in"], [200, ""], [502, "<h1>Bad gateway"], [503, "null"], [404, "{}"],
] as const;

for (const [status, text] of FOREIGN_RESPONSES) {
  test(`${status} with "${text}" is an unexpected_answer`, async (t) => {
    const { baseUrl } = await faultyServer(t, (_, r) => r.writeHead(status).end(text));

    const error = await failure(client(baseUrl).GET("/api/tasks"));

    assert.deepEqual([error.status, error.code], [status, "unexpected_answer"]);
    assert.equal(error.message, "The service sent an unexpected response");
  });
}

test("a call that is aborted before it starts sends nothing and fetches no token", async (t) => {
  const { baseUrl, requests } = await faultyServer(t, (_, response) => response.end("[]"));
  let fetched = 0;
  const api = createTodoClient({ baseUrl, getToken: () => void fetched++ });

  const error = await failure(api.GET("/api/tasks", { signal: AbortSignal.abort() }));

  assert.deepEqual([error.code, error.status, fetched, requests.length], ["aborted", 0, 0, 0]);
});

/** The states in which a call can be aborted. */
const WAITS: [string, (test: TestContext) => Promise<TodoClient>][] = [
  ["while the service does not respond", async (t) => client(
    (await faultyServer(t, () => {})).baseUrl)],
  ["in the middle of a response", async (t) => client(
    (await faultyServer(t, (_, response) => response.writeHead(200).write("["))).baseUrl)],
  ["during the wait for Retry-After", async (t) => client(
    (await faultyServer(t, (_, r) => r.writeHead(503, { "Retry-After": "9" }).end())).baseUrl)],
  ["while getToken is pending", async () => createTodoClient({
    baseUrl: service.baseUrl, getToken: () => new Promise(() => {}) })],
];

for (const [when, waiting] of WAITS) {
  test(`an abort ${when} ends the call at once`, async (t) => {
    const api = await waiting(t);
    const abort = new AbortController();
    const started = performance.now();
    void setTimeout(100).then(() => abort.abort());

    const error = await failure(api.GET("/api/tasks", { signal: abort.signal }));

    assert.deepEqual([error.code, error.status], ["aborted", 0]);
    assert(performance.now() - started < 5000);
  });
}

test("a timeout signal is a timeout, not an abort", async (t) => {
  const { baseUrl } = await faultyServer(t, () => {});
  const signal = AbortSignal.timeout(100);

  const error = await failure(client(baseUrl).GET("/api/tasks", { signal }));

  assert.equal(error.code, "timeout");
  assert.equal(error.message, "The service took too long to respond");
});

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

test("an abort closes the connection, garbage collected or not", { timeout: 9000 }, async (t) => {
  const abort = new AbortController();

  const closed = new Promise<void>((resolve) => {
    void faultyServer(t, (_, response) => {
      response.on("close", resolve);
      collectGarbage();
      abort.abort();
    }).then(({ baseUrl }) => failure(client(baseUrl).GET("/api/tasks", { signal: abort.signal })));
  });

  await closed;
});

test("a signal keeps no listeners of finished calls", { timeout: 9000 }, async () => {
  const { signal } = new AbortController();

  for (let i = 0; i < 3; i++) await client().GET("/api/tasks", { signal });

  while (getEventListeners(signal, "abort").length) {
    collectGarbage();
    await setTimeout(20);
  }
});
