import assert from "node:assert/strict";
import { test } from "node:test";
import { createTodoClient, type TodoClient } from "todo-api-client";
import { faultyServer, outage } from "./server.js";
import { service, tokens } from "./service.js";

const getToken = () => tokens.alice;
const body = { title: "Water the plants" };
const path = { id: "1" };
const KEY = { "Idempotency-Key": "once" };

test("a GET is retried after Retry-After of a 503", async (t) => {
  const { baseUrl, requests } = await faultyServer(t, outage(1, { "Retry-After": "1" }));
  const api = createTodoClient({ baseUrl, getToken });
  const started = performance.now();

  const { data } = await api.GET("/api/tasks");

  assert.deepEqual(data, []);
  assert.equal(requests.length, 2);
  assert(performance.now() - started >= 990);
});

test("a second 503 is an error", async (t) => {
  const { baseUrl, requests } = await faultyServer(t, outage(9, { "Retry-After": "1" }));
  const api = createTodoClient({ baseUrl, getToken });

  await assert.rejects(api.GET("/api/tasks"), { status: 503, code: "unavailable", retryAfter: 1 });

  assert.equal(requests.length, 2);
});

test("a write with a key is retried with its body and its token", async (t) => {
  const { baseUrl, requests } = await faultyServer(t, outage(1));
  const api = createTodoClient({ baseUrl, getToken });

  await api.POST("/api/tasks", { params: { header: KEY }, body });

  const authorization = `Bearer ${tokens.alice}`;
  const sent = { method: "POST", authorization, body: JSON.stringify(body) };
  assert.deepEqual(requests, [sent, sent]);
});

const WRITES: Record<string, (api: TodoClient) => Promise<unknown>> = {
  POST: (api) => api.POST("/api/tasks", { body }),
  PUT: (api) => api.PUT("/api/tasks/{id}", { params: { path }, body }),
  PATCH: (api) => api.PATCH("/api/tasks/{id}", { params: { path }, body }),
  DELETE: (api) => api.DELETE("/api/tasks/{id}", { params: { path } }),
};

for (const [method, write] of Object.entries(WRITES)) {
  test(`a ${method} without a key is not retried`, async (t) => {
    const { baseUrl, requests } = await faultyServer(t, outage(1, { "Retry-After": "1" }));
    const api = createTodoClient({ baseUrl, getToken });

    await assert.rejects(write(api), { status: 503, retryAfter: 1 });

    assert.deepEqual(requests.map((request) => request.method), [method]);
  });
}

test("a long Retry-After is not waited for", async (t) => {
  const { baseUrl, requests } = await faultyServer(t, outage(9, { "Retry-After": "3600" }));
  const api = createTodoClient({ baseUrl, getToken });

  await assert.rejects(api.GET("/api/tasks"), { status: 503, retryAfter: 3600 });

  assert.equal(requests.length, 1);
});

test("a service without its database is tried twice, and sends Retry-After", async () => {
  const api = createTodoClient({ baseUrl: service.unavailable, getToken });
  const started = performance.now();

  await assert.rejects(api.GET("/api/tasks"), { status: 503, code: "unavailable", retryAfter: 2 });

  assert(performance.now() - started >= 1990);
});
