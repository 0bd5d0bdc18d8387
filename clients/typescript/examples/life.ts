// Every operation on tasks. Runs against TODO_API_URL with TODO_API_TOKEN, deletes the tasks that
// it creates, and stops when a result is not as expected.
import assert from "node:assert/strict";
import { createTodoClient, nextPage, TodoApiError, type Repeat, type Tag, type Task } from "todo-api-client";

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

// Tags, in any case.
const tags = ["Home", "garden"];
const body = { title: "Water the roses", tags, due_at: "2099-12-24T08:00:00Z" };
const header = { "Time-Zone": "Europe/Berlin" }; // of `due_at`, and of the days of `due`
const { data: roses } = await api.POST("/api/tasks", { params: { header }, body });
assert.deepEqual([roses.tags, roses.due_date, roses.time_zone], [tags, "2099-12-24", "Europe/Berlin"]);
const tagged = await api.GET("/api/tasks", {
  params: { header, query: { tag: ["home", "GARDEN"], due_from: "2099-12-24", priority: ["medium", "low"] } },
});
assert.deepEqual(tagged.data, [roses]);
const { data: renamed } = await api.PATCH("/api/tags/{name}", {
  params: { path: { name: "garden" } },
  body: { name: "Balcony/left" },
});
assert.deepEqual(renamed, { name: "Balcony/left", open: 1, total: 1 } satisfies Tag);
await api.DELETE("/api/tags/{name}", { params: { path: { name: "balcony/left" } } });
assert.deepEqual((await api.GET("/api/tags")).data, [{ name: "Home", open: 1, total: 1 }]);

// A task that repeats: completing it creates the next one, once.
const repeat: Repeat = { rule: "FREQ=WEEKLY;COUNT=3", from: "due" };
const { data: preview } = await api.POST("/api/repeat/preview", {
  body: { repeat, due_at: roses.due_at, time_zone: roses.time_zone },
});
assert.deepEqual(preview.dates, ["2099-12-31", "2100-01-07"]);
assert.deepEqual(preview.times, ["2099-12-31T08:00:00Z", "2100-01-07T08:00:00Z"]);
const path = { path: { id: roses.id } };
await api.PATCH("/api/tasks/{id}", {
  params: path,
  body: { repeat, remind_at: "2099-12-24T07:30:00Z" },
});
const { data: watered } = await api.POST("/api/tasks/{id}/complete", { params: path });
const { next } = watered;
assert(next);
assert.deepEqual(
  [next.title, next.completed, next.due_date, next.remind_at, next.tags],
  [roses.title, false, "2099-12-31", "2099-12-31T07:30:00Z", ["Home"]],
);
assert.deepEqual(next.repeat, { ...repeat, rule: "FREQ=WEEKLY;COUNT=2" });
const twice = await api.PATCH("/api/tasks/{id}", { params: path, body: { completed: true } });
assert.equal(twice.data.next, undefined);
for (const id of [roses.id, next.id]) await api.DELETE("/api/tasks/{id}", { params: { path: { id } } });

// Delete.
const { data: nothing } = await api.DELETE("/api/tasks/{id}", { params: at });
assert.equal(nothing, undefined);
await assert.rejects(api.GET("/api/tasks/{id}", { params: at }), { code: "not_found" });
await api.DELETE("/api/tasks/{id}", { params: { path: { id: other.id } } });
assert.deepEqual((await api.GET("/api/tasks")).data, []);
console.log("All operations succeeded.");
