// Exchanges the changes with the API: first the user's own, then those of other devices. See
// docs/sync.md for the protocol. One tab at a time does this.
import { type Changes, type components, TodoApiError, type TodoClient } from "todo-api-client";
import { hasCode, isTemporary } from "./errors.ts";
import type { Checkpoint } from "./local-copy.ts";
import {
  bodyOf,
  isSingle,
  nextBatch,
  type Operation,
  operationBody,
  outcomeOf,
  rebased,
} from "./queue.ts";
import type { TaskStore } from "./store.ts";
import type { Task } from "./task.ts";

type Result = components["schemas"]["BatchResult"];
export type Exchange = {
  store: TaskStore;
  api: TodoClient;
  timeZone: string;
  /** Called for a change of a task that exists no longer. */
  onMissing: (operation: Operation) => void;
};

/** Sends all operations that do not wait for the user. Throws the error of a request that failed. */
export async function push(exchange: Exchange): Promise<void> {
  const { store } = exchange;
  for (;;) {
    const batch = nextBatch(await store.queued());
    const [first] = batch;
    if (!first) return;
    const attempt = first.attempt ?? crypto.randomUUID();
    const claimed = first.attempt ? batch : await store.claim(batch, attempt);
    if (!claimed.length) continue; // they were undone in the meantime
    try {
      await send(exchange, claimed, attempt);
    } catch (error) {
      if (!isTemporary(error)) await forgetAttempt(store, claimed);
      if (!hasCode(error, "idempotency_conflict")) throw error;
    }
  }
}

const forgetAttempt = (store: TaskStore, operations: Operation[]) =>
  store.change({ enqueue: operations.map(({ attempt: _, ...rest }) => rest as Operation) });

async function send(exchange: Exchange, operations: Operation[], attempt: string) {
  const [first] = operations;
  if (first && isSingle(first)) {
    return settle(exchange, operations, [await sendSingle(exchange, first)]);
  }
  const { data } = await exchange.api.POST("/api/batch", {
    params: { header: { "Idempotency-Key": attempt, "Time-Zone": exchange.timeZone } },
    body: { atomic: false, operations: operations.map(operationBody) },
  });
  await settle(exchange, operations, data.results);
}

/** Sends what no batch can have, and returns the result in the format of a batch. */
async function sendSingle({ api, timeZone }: Exchange, operation: Operation): Promise<Result> {
  try {
    if (operation.op === "create") {
      const header = { "Idempotency-Key": operation.oldKey ?? "", "Time-Zone": timeZone };
      const body = bodyOf(operation.fields);
      return {
        status: 201,
        task: (await api.POST("/api/tasks", { params: { header }, body })).data,
      };
    }
    const params = { path: { id: operation.id }, query: { forever: true } };
    await api.DELETE("/api/tasks/{id}", { params });
    return { status: 204 };
  } catch (error) {
    if (!(error instanceof TodoApiError) || isTemporary(error)) throw error;
    const { status, code, message } = error;
    if (status === 401 || status === 403) throw error;
    const problem = { type: "", title: "", status, detail: message, error: message, code };
    return { status, problem: problem as NonNullable<Result["problem"]> };
  }
}

/** Writes what follows from the results, in one step: a retry must send all operations or none. */
async function settle(exchange: Exchange, operations: Operation[], results: Result[]) {
  const { store } = exchange;
  const put: Task[] = [];
  const enqueue: Operation[] = [];
  const dequeue: string[] = [];
  const remove: string[] = [];
  const existing: Operation[] = [];
  const missing: Operation[] = [];
  for (const [index, operation] of operations.entries()) {
    const { id } = operation;
    const outcome = outcomeOf(operation, results[index] ?? { status: 0 });
    if (outcome.is === "exists") existing.push(operation);
    else if (outcome.is !== "done") enqueue.push(outcome.operation);
    else {
      const saved = store.savedTask(id);
      if (outcome.trashed && saved) put.push({ ...saved, deleted_at: operation.at });
      if (operation.op === "purge") remove.push(id);
      if (outcome.missing) missing.push(operation);
      put.push(...outcome.tasks);
      dequeue.push(operation.key);
    }
  }
  const queued = store.snapshot().operations;
  enqueue.push(...put.flatMap((task) => rebased(queued, task)));
  await store.change({ put, enqueue, dequeue, remove });

  for (const operation of existing) await settleExisting(exchange, operation);
  for (const operation of missing) exchange.onMissing(operation);
  const [first] = operations;
  const [created] = put;
  if (first?.op === "create" && first.oldKey && created) await rename(store, first.id, created.id);
}

/** The id of a new task exists: the task has arrived before, or the id is one of another user. */
async function settleExisting({ store, api }: Exchange, operation: Operation) {
  const task = await readTask(api, operation.id);
  if (task) await store.change({ put: [task], dequeue: [operation.key] });
  else await rename(store, operation.id, crypto.randomUUID());
}

/** Gives another id to a task that is not saved yet. */
async function rename(store: TaskStore, from: string, to: string) {
  const all = store.snapshot().operations.filter(({ id }) => id === from);
  await store.change({
    enqueue: all.map(({ attempt: _, ...rest }) => ({ ...rest, id: to }) as Operation),
  });
}

async function readTask(api: TodoClient, id: string): Promise<Task | undefined> {
  try {
    return (await api.GET("/api/tasks/{id}", { params: { path: { id } } })).data;
  } catch (error) {
    if (hasCode(error, "not_found")) return undefined;
    throw error;
  }
}

/** Brings the local copy up to date. */
export async function pull({ store, api }: Exchange): Promise<void> {
  const { checkpoint } = store.snapshot();
  try {
    await pullSince({ store, api }, checkpoint);
  } catch (error) {
    // 410: the changes are no longer known; 400: the checkpoint is not one of this user.
    if (!(error instanceof TodoApiError && [400, 410].includes(error.status) && checkpoint)) {
      throw error;
    }
    await pullAll({ store, api });
  }
}

type Reader = Pick<Exchange, "store" | "api">;

/** Writes each page with its checkpoint, so that a fetch that was interrupted goes on from there. */
async function pullSince({ store, api }: Reader, start: Checkpoint | undefined): Promise<void> {
  let unknownTrash = !start?.complete;
  for await (const page of api.sync(start?.since)) {
    const { put, unknown } = changeOf(store, page);
    unknownTrash ||= unknown;
    const complete = !page.more;
    const trash = complete && unknownTrash ? await readTrash(api) : [];
    await store.change({
      put: [...put, ...trash],
      checkpoint: { since: page.checkpoint, complete },
    });
  }
}

/** Replaces the local copy. The old one is shown until all tasks are there. */
async function pullAll({ store, api }: Reader): Promise<void> {
  const tasks = new Map<string, Task>();
  let since = "";
  for await (const page of api.sync()) {
    for (const task of page.tasks) tasks.set(task.id, task);
    for (const id of page.deleted) tasks.delete(id);
    since = page.checkpoint;
  }
  for (const task of await readTrash(api)) tasks.set(task.id, task);
  await store.change({
    clear: true,
    put: [...tasks.values()],
    checkpoint: { since, complete: true },
  });
}

/** Returns the tasks of a page, those that are now in the trash included, and whether the contents of
 *  some of these are not known here. */
function changeOf(store: TaskStore, page: Changes): { put: Task[]; unknown: boolean } {
  const now = new Date().toISOString();
  const known = page.deleted.map((id) => store.savedTask(id));
  const trashed = known.flatMap((task) =>
    task ? [{ ...task, deleted_at: task.deleted_at ?? now }] : [],
  );
  return { put: [...page.tasks, ...trashed], unknown: known.includes(undefined) };
}

/** Returns the tasks in the trash, which the changes only name. */
async function readTrash(api: TodoClient): Promise<Task[]> {
  const tasks: Task[] = [];
  const limit = 1000;
  let offset = 0;
  for (;;) {
    const query = { deleted: true, limit, offset };
    const { data } = await api.GET("/api/tasks", { params: { query } });
    tasks.push(...data);
    if (data.length < limit) return tasks;
    offset += limit;
  }
}
