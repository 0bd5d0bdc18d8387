// Every operation on tasks. Runs against TODO_API_URL with TODO_API_TOKEN, deletes the tasks that
// it creates, and stops when a result is not as expected.
import assert from "node:assert/strict";
import { createTodoClient, nextPage, TodoApiError, type Task } from "todo-api-client";

const { TODO_API_URL: baseUrl = "http://localhost:8000", TODO_API_TOKEN: token } = process.env;
const api = createTodoClient({ baseUrl, getToken: () => token });

// The key makes retries safe: the task is created once.
const request = {
  params: { header: { "Idempotency-Key": crypto.randomUUID() } },
  body: { title: "Water the plants", priority: "high", due_date: "2026-12-01" },
} as const;
const { data: created } = await api.POST("/api/tasks", request);
const { data: again, response: replay } = await api.POST("/api/tasks", request);
assert.deepEqual(again, created);
assert.equal(replay.headers.get("Idempotency-Replayed"), "true");
const { data: other } = await api.POST("/api/tasks", { body: { title: "Feed the cat" } });
const at = { path: { id: created.id } };

// List, filter, sort, and read page by page.
const { data: all } = await api.GET("/api/tasks");
assert.deepEqual(all, [other, created]);
const query = { status: "pending", search: "plants", sort: "-due_date" } as const;
const { data: found } = await api.GET("/api/tasks", { params: { query } });
assert.deepEqual(found, [created]);

const collected: Task[] = [];
let page: { cursor: string } | undefined;
do {
  const params = { query: { limit: 1, ...page } };
  const { data, response } = await api.GET("/api/tasks", { params });
  assert.equal(response.headers.get("X-Total-Count"), "2");
  collected.push(...data);
  page = nextPage(response);
} while (page);
assert.deepEqual(collected, all);

// Read, and read again only if the task has changed.
const { data: read, response } = await api.GET("/api/tasks/{id}", { params: at });
assert.deepEqual(read, created);
const version = response.headers.get("ETag") ?? "";
const unchanged = api.GET("/api/tasks/{id}", {
  params: { ...at, header: { "If-None-Match": version } },
});
await assert.rejects(unchanged, { name: "TodoApiError", status: 304, code: "not_modified" });

// PUT and PATCH change only the fields that are sent.
const { data: put } = await api.PUT("/api/tasks/{id}", {
  params: { ...at, header: { "If-Match": version } },
  body: { description: "Both of them" },
});
assert.deepEqual(put, { ...created, description: "Both of them", updated_at: put.updated_at });
const { data: patched } = await api.PATCH("/api/tasks/{id}", {
  params: at,
  body: { due_date: null },
});
assert.deepEqual(patched, { ...put, due_date: null, updated_at: patched.updated_at });

// With an old version, the error contains the task as it is now.
try {
  await api.DELETE("/api/tasks/{id}", { params: { ...at, header: { "If-Match": version } } });
  assert.fail("an old version was deleted");
} catch (error) {
  assert(error instanceof TodoApiError && error.code === "precondition_failed");
  assert.deepEqual(error.current, patched);
}

// Complete and reopen, with a body and without.
const done = await api.POST("/api/tasks/{id}/complete", { params: at, body: { completed: true } });
assert.equal(done.data.completed, true);
assert.notEqual(done.data.completed_at, null);
const flipped = await api.PATCH("/api/tasks/{id}/complete", { params: at });
assert.deepEqual([flipped.data.completed, flipped.data.completed_at], [false, null]);
const toggled = await api.PATCH("/api/tasks/{id}/toggle", { params: at });
assert.equal(toggled.data.completed, true);
const counted = await api.GET("/api/tasks", { params: { query: { completed: true } } });
assert.deepEqual(counted.data, [toggled.data]);

// Delete.
const { data: nothing } = await api.DELETE("/api/tasks/{id}", { params: at });
assert.equal(nothing, undefined);
await assert.rejects(api.GET("/api/tasks/{id}", { params: at }), { code: "not_found" });
await api.DELETE("/api/tasks/{id}", { params: { path: { id: other.id } } });
assert.deepEqual((await api.GET("/api/tasks")).data, []);
console.log("All operations succeeded.");
