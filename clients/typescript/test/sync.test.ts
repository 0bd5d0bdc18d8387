import assert from "node:assert/strict";
import { test } from "node:test";
import type { Changes, TodoClient } from "todo-api-client";
import { newUser } from "./service.js";

const RESYNC_REQUIRED = { name: "TodoApiError", status: 410, code: "resync_required" };
const at = (id: string) => ({ params: { path: { id } } });

async function create(api: TodoClient, ...titles: string[]): Promise<string[]> {
  const operations = titles.map((title) => ({ op: "create", fields: { title } }) as const);
  const { data } = await api.batch(operations);
  return data.results.map(({ task }) => task!.id);
}

async function pages(...call: Parameters<typeof collect>) {
  return (await collect(...call)).map(({ tasks, deleted, more }) => ({
    titles: tasks.map(({ title }) => title), deleted, more,
  }));
}

async function collect(api: TodoClient, since?: string, limit = 1000): Promise<Changes[]> {
  const collected: Changes[] = [];
  for await (const page of api.sync(since, { limit })) collected.push(page);
  return collected;
}

async function lastCheckpoint(api: TodoClient): Promise<string> {
  return (await collect(api)).at(-1)!.checkpoint;
}

test("sync yields all tasks page by page, oldest change first", async () => {
  const api = newUser();
  for (const title of ["a", "b", "c", "d", "e"]) await create(api, title);

  assert.deepEqual(await pages(api, undefined, 2), [
    { titles: ["a", "b"], deleted: [], more: true },
    { titles: ["c", "d"], deleted: [], more: true },
    { titles: ["e"], deleted: [], more: false },
  ]);
});

test("sync continues after each page of changes with one number", async () => {
  const api = newUser();
  const ids = await create(api, ...Array.from({ length: 100 }, (_, index) => `${index}`));

  const collected = await collect(api, undefined, 7);

  assert.equal(collected.length, 15);
  const received = collected.flatMap(({ tasks }) => tasks.map(({ id }) => id));
  assert.deepEqual(received.sort(), ids.sort());
});

test("sync yields what changed since a checkpoint, then nothing", async () => {
  const api = newUser();
  const [a, b, c] = (await create(api, "a", "b", "c")) as [string, string, string];
  const since = await lastCheckpoint(api);

  await api.PATCH("/api/tasks/{id}", { ...at(b), body: { title: "B" } });
  await api.DELETE("/api/tasks/{id}", at(a));
  await create(api, "d");
  await api.DELETE("/api/tasks/{id}", at(c));
  await api.POST("/api/tasks/{id}/restore", at(c));

  const changed = [{ titles: ["B", "d", "c"], deleted: [a], more: false }];
  assert.deepEqual(await pages(api, since), changed);
  assert.deepEqual(await pages(api, await lastCheckpoint(api)), []);
});

test("sync of a user without tasks yields an empty page with a checkpoint", async () => {
  const api = newUser();

  assert.deepEqual(await pages(api), [{ titles: [], deleted: [], more: false }]);
  assert.deepEqual(await pages(api, await lastCheckpoint(api)), []);
});

test("sync throws resync_required after a purge, and then starts again", async () => {
  const api = newUser();
  const [a] = (await create(api, "a", "b")) as [string];
  const since = await lastCheckpoint(api);
  const params = { path: { id: a }, query: { forever: true } };
  await api.DELETE("/api/tasks/{id}", { params });

  await assert.rejects(collect(api, since), RESYNC_REQUIRED);

  assert.deepEqual(await pages(api), [{ titles: ["b"], deleted: [], more: false }]);
  assert.deepEqual(await pages(api, await lastCheckpoint(api)), []);
});

test("sync throws resync_required between pages", async () => {
  const api = newUser();
  const [a] = (await create(api, "a", "b", "c")) as [string];
  const changes = api.sync(undefined, { limit: 1 });
  await changes.next();
  const params = { path: { id: a }, query: { forever: true } };

  await api.DELETE("/api/tasks/{id}", { params });

  await assert.rejects(changes.next(), RESYNC_REQUIRED);
});

test("sync refuses the checkpoint of another user", async () => {
  const since = await lastCheckpoint(newUser());

  await assert.rejects(collect(newUser(), since), { status: 400, code: "validation_error" });
});

test("sync stops at an aborted signal", async () => {
  const api = newUser();

  const changes = api.sync(undefined, { signal: AbortSignal.abort() });

  await assert.rejects(changes.next(), { code: "aborted" });
});

test("a batch runs its operations in order", async () => {
  const api = newUser();
  const id = crypto.randomUUID();

  const { data } = await api.batch([
    { op: "create", id, fields: { title: "Water the plants" } },
    { op: "update", id, fields: { priority: "high" } },
    { op: "complete", id },
    { op: "delete", id },
    { op: "restore", id },
  ]);

  assert.deepEqual(data.results.map(({ status }) => status), [201, 200, 200, 204, 200]);
  const { data: task } = await api.GET("/api/tasks/{id}", at(id));
  assert.deepEqual([task.title, task.priority, task.completed], ["Water the plants", "high", true]);
});

test("an atomic batch with a failure changes nothing, and says which one failed", async () => {
  const api = newUser();

  const batch = api.batch([
    { op: "create", fields: { title: "Water the plants" } },
    { op: "delete", id: crypto.randomUUID() },
  ]);

  const failed = { index: 1, status: 404, code: "not_found" };
  await assert.rejects(batch, { status: 409, code: "batch_failed", failed });
  assert.deepEqual((await api.GET("/api/tasks")).data, []);
});

test("a batch that is not atomic returns its failures among the results", async () => {
  const api = newUser();
  const [id] = (await create(api, "a")) as [string];
  const { data: old } = await api.GET("/api/tasks/{id}", at(id));
  const version = { if_match: old.updated_at };

  const { data } = await api.batch(
    [
      { op: "update", id, fields: { title: "b" }, ...version },
      { op: "update", id, fields: { title: "c" }, ...version },
      { op: "create", id, fields: { title: "d" } },
      { op: "update", id: crypto.randomUUID(), fields: { title: "e" } },
      { op: "create", fields: { title: " " } },
    ],
    { atomic: false },
  );

  const outcomes = data.results.map(({ status, problem }) => [status, problem?.code]);
  assert.deepEqual(outcomes, [
    [200, undefined],
    [412, "precondition_failed"],
    [412, "precondition_failed"],
    [404, "not_found"],
    [400, "validation_error"],
  ]);
  const [updated, conflict] = data.results;
  assert.deepEqual(conflict?.problem?.current, updated?.task);
});

test("a batch with a key runs once", async () => {
  const api = newUser();
  const batch = () =>
    api.batch([{ op: "create", fields: { title: "a" } }], { idempotencyKey: "once" });

  const [first, second] = [await batch(), await batch()];

  assert.deepEqual(second.data, first.data);
  assert.equal(second.response.headers.get("Idempotency-Replayed"), "true");
});

test("createWithId creates once, for one user", async () => {
  const [api, other, id] = [newUser(), newUser(), crypto.randomUUID()];

  const { data: task, response } = await api.createWithId(id, { title: "a", priority: "high" });

  assert.deepEqual([response.status, task.id, task.priority], [201, id, "high"]);
  const exists = { status: 412, code: "precondition_failed" };
  await assert.rejects(api.createWithId(id, { title: "b" }), exists);
  await assert.rejects(other.createWithId(id, { title: "b" }), exists);
  assert.deepEqual((await api.GET("/api/tasks")).data, [task]);
  assert.deepEqual((await other.GET("/api/tasks")).data, []);
});
