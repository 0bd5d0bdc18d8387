import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { createTodoClient, rememberToken } from "todo-api-client";
import { service, tokens } from "./service.js";

const { baseUrl } = service;

/** Returns the number of requests that `work` sends, as Node.js reports them. */
async function countRequests(work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const increment = () => void count++;
  subscribe("undici:request:create", increment);
  await work().finally(() => unsubscribe("undici:request:create", increment));
  return count;
}

/** Returns a getToken that returns these in turn, then the last one again, and its arguments. */
function tokenSource(...returned: string[]) {
  const calls: (string | undefined)[] = [];
  const getToken = async (refused?: string) =>
    returned[Math.min(calls.push(refused), returned.length) - 1];
  return { calls, getToken };
}

test("an expired token is renewed, and the request is sent again", async () => {
  const { calls, getToken } = tokenSource(tokens.expired, tokens.alice);
  const api = createTodoClient({ baseUrl, getToken });
  let task: { title: string } | undefined;

  const requests = await countRequests(async () => {
    task = (await api.POST("/api/tasks", { body: { title: "Water the plants" } })).data;
  });

  assert.equal(task?.title, "Water the plants");
  assert.deepEqual(calls, [undefined, tokens.expired]);
  assert.equal(requests, 2);
});

test("a renewed token that is refused as well is an error after two requests", async () => {
  const { calls, getToken } = tokenSource(tokens.expired, "not-a-token");
  const api = createTodoClient({ baseUrl, getToken });

  const requests = await countRequests(() =>
    assert.rejects(api.GET("/api/tasks"), { status: 401, code: "token_invalid" }),
  );

  assert.equal(calls.length, 2);
  assert.equal(requests, 2);
});

test("a refused token that getToken returns again is not sent again", async () => {
  const { calls, getToken } = tokenSource(tokens.expired);
  const api = createTodoClient({ baseUrl, getToken });

  const requests = await countRequests(() =>
    assert.rejects(api.GET("/api/tasks"), { status: 401, code: "token_expired" }),
  );

  assert.equal(calls.length, 2);
  assert.equal(requests, 1);
});

test("a 401 without a token does not renew the token", async () => {
  let calls = 0;
  const api = createTodoClient({ baseUrl, getToken: () => void calls++ });

  await assert.rejects(api.GET("/api/tasks"), { status: 401, code: "not_authenticated" });

  assert.equal(calls, 1);
});

test("a wrong password does not renew the token", async () => {
  const { calls, getToken } = tokenSource(tokens.alice);
  const api = createTodoClient({ baseUrl, getToken });
  const body = { email: "alice@todo.test", password: "a wrong one" };

  await assert.rejects(api.POST("/api/auth/login", { body }), { code: "not_authenticated" });

  assert.equal(calls.length, 1);
});

test("a getToken that fails is a TodoApiError with its cause", async () => {
  const cause = new Error("The session server is down");
  const api = createTodoClient({ baseUrl, getToken: () => Promise.reject(cause) });

  await assert.rejects(api.GET("/api/tasks"), {
    name: "TodoApiError",
    status: 0,
    code: "token_unavailable",
    cause,
  });
});

test("rememberToken fetches once for parallel and later requests", async () => {
  const { calls, getToken } = tokenSource(tokens.alice);
  const api = createTodoClient({ baseUrl, getToken: rememberToken(getToken) });

  await Promise.all([api.GET("/api/tasks"), api.GET("/api/me"), api.GET("/api/tasks")]);
  await api.GET("/api/me");

  assert.equal(calls.length, 1);
});

test("parallel requests whose remembered token is refused share one renewal", async () => {
  const { calls, getToken } = tokenSource("not-a-token", tokens.alice);
  const api = createTodoClient({ baseUrl, getToken: rememberToken(getToken) });

  const results = await Promise.all(Array.from({ length: 5 }, () => api.GET("/api/me")));

  assert.deepEqual(new Set(results.map(({ data }) => data.id)).size, 1);
  assert.equal(calls.length, 2);
});

test("rememberToken renews a token that is about to expire", async () => {
  const { calls, getToken } = tokenSource(tokens.expired, tokens.alice);
  const remembered = rememberToken(getToken);
  await remembered();
  const api = createTodoClient({ baseUrl, getToken: remembered });

  const requests = await countRequests(() => api.GET("/api/tasks"));

  assert.equal(calls.length, 2);
  assert.equal(requests, 1);
});

test("a forgotten token is fetched again, also during a fetch", async () => {
  const resolvers: ((token: string) => void)[] = [];
  const remembered = rememberToken(() => new Promise((resolve) => resolvers.push(resolve)));
  const ofAlice = remembered();
  await setImmediate();

  remembered.forget();
  const ofBob = remembered();
  await setImmediate();
  resolvers[1]?.("of Bob");
  resolvers[0]?.("of Alice");

  assert.deepEqual(await Promise.all([ofAlice, ofBob]), ["of Alice", "of Bob"]);
  assert.equal(await remembered(), "of Bob");
  assert.equal(resolvers.length, 2);
});

test("a call that waits for a token while it is forgotten gets the next one", async () => {
  const resolvers: ((token: string) => void)[] = [];
  const remembered = rememberToken(() => new Promise((resolve) => resolvers.push(resolve)));
  const ofAlice = remembered();
  await setImmediate();
  const ofBob = remembered();

  remembered.forget();
  resolvers[0]?.("of Alice");
  await setImmediate();
  resolvers[1]?.("of Bob");

  assert.deepEqual(await Promise.all([ofAlice, ofBob]), ["of Alice", "of Bob"]);
});

test("a failed fetch is not remembered", async () => {
  let calls = 0;
  const remembered = rememberToken(async () => {
    if (calls++ === 0) throw new Error("down");
    return tokens.alice;
  });

  await assert.rejects(async () => remembered(), { message: "down" });

  assert.equal(await remembered(), tokens.alice);
});
