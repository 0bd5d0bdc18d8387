import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { createTodoClient, rememberToken } from "todo-api-client";
import { service, tokens } from "./service.js";

const { baseUrl } = service;

/** How many requests `work` sends, by Node's own count. */
async function requestsOf(work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const see = () => void count++;
  subscribe("undici:request:create", see);
  await work().finally(() => unsubscribe("undici:request:create", see));
  return count;
}

/** A getToken that gives these in turn, the last one for ever. `calls`: what it was called with. */
function giving(...given: string[]) {
  const calls: (string | undefined)[] = [];
  const getToken = async (refused?: string) =>
    given[Math.min(calls.push(refused), given.length) - 1];
  return { calls, getToken };
}

test("an expired token is renewed once, and the request is sent again", async () => {
  const { calls, getToken } = giving(tokens.expired, tokens.alice);
  const api = createTodoClient({ baseUrl, getToken });
  let task: { title: string } | undefined;

  const requests = await requestsOf(async () => {
    task = (await api.POST("/api/tasks", { body: { title: "Water the plants" } })).data;
  });

  assert.equal(task?.title, "Water the plants");
  assert.deepEqual(calls, [undefined, tokens.expired]);
  assert.equal(requests, 2);
});

test("a renewed token that is refused as well is an error, after two requests", async () => {
  const { calls, getToken } = giving(tokens.expired, "not-a-token");
  const api = createTodoClient({ baseUrl, getToken });

  const requests = await requestsOf(() =>
    assert.rejects(api.GET("/api/tasks"), { status: 401, code: "token_invalid" }),
  );

  assert.equal(calls.length, 2);
  assert.equal(requests, 2);
});

test("the same token once more is not sent once more", async () => {
  const { calls, getToken } = giving(tokens.expired);
  const api = createTodoClient({ baseUrl, getToken });

  const requests = await requestsOf(() =>
    assert.rejects(api.GET("/api/tasks"), { status: 401, code: "token_expired" }),
  );

  assert.equal(calls.length, 2);
  assert.equal(requests, 1);
});

test("without a token nothing is renewed: whoever calls must sign in", async () => {
  let calls = 0;
  const api = createTodoClient({ baseUrl, getToken: () => void calls++ });

  await assert.rejects(api.GET("/api/tasks"), { status: 401, code: "not_authenticated" });

  assert.equal(calls, 1);
});

test("a wrong password is not the token's fault", async () => {
  const { calls, getToken } = giving(tokens.alice);
  const api = createTodoClient({ baseUrl, getToken });
  const body = { email: "alice@todo.test", password: "a wrong one" };

  await assert.rejects(api.POST("/api/auth/login", { body }), { code: "not_authenticated" });

  assert.equal(calls.length, 1);
});

test("a getToken that fails is the same kind of error, with its cause", async () => {
  const cause = new Error("The session server is down");
  const api = createTodoClient({ baseUrl, getToken: () => Promise.reject(cause) });

  await assert.rejects(api.GET("/api/tasks"), {
    name: "TodoApiError",
    status: 0,
    code: "token_unavailable",
    cause,
  });
});

test("a remembered token is fetched once for requests in parallel and after them", async () => {
  const { calls, getToken } = giving(tokens.alice);
  const api = createTodoClient({ baseUrl, getToken: rememberToken(getToken) });

  await Promise.all([api.GET("/api/tasks"), api.GET("/api/me"), api.GET("/api/tasks")]);
  await api.GET("/api/me");

  assert.equal(calls.length, 1);
});

test("requests in parallel whose remembered token is refused share one renewal", async () => {
  const { calls, getToken } = giving("not-a-token", tokens.alice);
  const api = createTodoClient({ baseUrl, getToken: rememberToken(getToken) });

  const answers = await Promise.all(Array.from({ length: 5 }, () => api.GET("/api/me")));

  assert.deepEqual(new Set(answers.map(({ data }) => data.id)).size, 1);
  assert.equal(calls.length, 2);
});

test("a remembered token that is about to expire is renewed before it is refused", async () => {
  const { calls, getToken } = giving(tokens.expired, tokens.alice);
  const remembered = rememberToken(getToken);
  await remembered();
  const api = createTodoClient({ baseUrl, getToken: remembered });

  const requests = await requestsOf(() => api.GET("/api/tasks"));

  assert.equal(calls.length, 2);
  assert.equal(requests, 1);
});

test("a forgotten token is fetched anew, also while another is on its way", async () => {
  const answers: ((token: string) => void)[] = [];
  const remembered = rememberToken(() => new Promise((resolve) => answers.push(resolve)));
  const ofAlice = remembered();
  await setImmediate();

  remembered.forget();
  const ofBob = remembered();
  await setImmediate();
  answers[1]?.("of Bob");
  answers[0]?.("of Alice");

  assert.deepEqual(await Promise.all([ofAlice, ofBob]), ["of Alice", "of Bob"]);
  assert.equal(await remembered(), "of Bob");
  assert.equal(answers.length, 2);
});

test("who waits for a token while it is forgotten gets the next one", async () => {
  const answers: ((token: string) => void)[] = [];
  const remembered = rememberToken(() => new Promise((resolve) => answers.push(resolve)));
  const ofAlice = remembered();
  await setImmediate();
  const ofBob = remembered();

  remembered.forget();
  answers[0]?.("of Alice");
  await setImmediate();
  answers[1]?.("of Bob");

  assert.deepEqual(await Promise.all([ofAlice, ofBob]), ["of Alice", "of Bob"]);
});

test("a fetch that failed is not remembered", async () => {
  let calls = 0;
  const remembered = rememberToken(async () => {
    if (calls++ === 0) throw new Error("down");
    return tokens.alice;
  });

  await assert.rejects(async () => remembered(), { message: "down" });

  assert.equal(await remembered(), tokens.alice);
});
