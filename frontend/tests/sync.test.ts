import assert from "node:assert/strict";
import { test } from "node:test";
import type { LocalCopy } from "../src/lib/local-copy.ts";
import { memoryCopy } from "../src/lib/memory-copy.ts";
import type { Operation } from "../src/lib/queue.ts";
import { TaskStore } from "../src/lib/store.ts";
import { pull, push } from "../src/lib/sync.ts";
import { takeOver } from "../src/lib/take-over.ts";
import { NO_FIELDS } from "../src/lib/task.ts";
import { FakeService, noResponse } from "./service.ts";

const fields = (title: string) => ({ ...NO_FIELDS, title });

/** Returns a store that is open on a copy, with functions that exchange changes with the service. */
async function open(service: FakeService, copy: LocalCopy = memoryCopy()) {
  const store = new TaskStore("alice", copy);
  await store.load();
  const missing: Operation[] = [];
  const onMissing = (operation: Operation) => missing.push(operation);
  const exchange = { store, api: service.api, timeZone: "Europe/Berlin", onMissing };
  const task = (id: string) => {
    const found = store.snapshot().tasks.get(id);
    assert.ok(found, `there is no task ${id}`);
    return found;
  };
  const titles = () => [...store.snapshot().tasks.values()].map(({ title }) => title);
  const synchronize = async () => {
    await push(exchange);
    await pull(exchange);
  };
  return { store, copy, missing, task, titles, synchronize, push: () => push(exchange) };
}

test("the replica has all tasks of all pages, also those in the trash, and later the changes", async () => {
  const service = new FakeService();
  service.write("a");
  service.write("b", { deleted_at: "2026-12-01T10:00:00Z", title: "Old" });
  service.write("c");
  const alice = await open(service);

  await alice.synchronize();
  service.write("a", { title: "Water the roses" });
  service.write("c", { deleted_at: "2026-12-01T11:00:00Z" });
  await alice.synchronize();

  assert.deepEqual(alice.titles().sort(), ["Old", "Water the plants", "Water the roses"]);
  assert.notEqual(alice.task("c").deleted_at, null);
  assert.equal(alice.store.snapshot().checkpoint?.complete, true);
});

test("after a 410, and with a checkpoint that is not accepted, the replica starts again", async () => {
  for (const since of ["1", "of another user"]) {
    const service = new FakeService();
    service.write("a");
    service.write("b");
    const alice = await open(service);
    await alice.synchronize();
    service.purge("b");
    await alice.store.change({ checkpoint: { since, complete: true } });

    await alice.synchronize();

    assert.deepEqual([...alice.store.snapshot().tasks.keys()], ["a"]);
  }
});

test("changes are shown at once, survive a reload, and are sent later", async () => {
  const service = new FakeService();
  service.write("a");
  service.write("b");
  const before = await open(service);
  await before.synchronize();

  const { id } = before.store.add(fields("Feed the cat"));
  before.store.edit(before.task("a"), { title: "Water the roses" });
  before.store.edit(before.task("a"), { priority: "high" });
  before.store.setCompleted(before.task("a"), true);
  before.store.remove(["b"]);
  const after = await open(service, before.copy);

  assert.equal(after.task(id).title, "Feed the cat");
  assert.equal(after.task("a").title, "Water the roses");
  assert.equal(after.store.snapshot().operations.length, 5);
  await after.synchronize();
  assert.deepEqual(service.titles(), ["Water the roses", "Feed the cat"]);
  assert.equal(service.stored.get("a")?.task.priority, "high");
  assert.equal(service.stored.get("a")?.task.completed, true);
  assert.deepEqual(after.store.snapshot().operations, []);
});

test("a batch whose response was lost is sent again with the same key and body", async () => {
  const service = new FakeService();
  const alice = await open(service);
  alice.store.add(fields("Feed the cat"));
  service.onResponse = () => {
    throw noResponse();
  };

  await assert.rejects(alice.synchronize());
  service.onResponse = () => {};
  alice.store.add(fields("Call the dentist"));
  await alice.synchronize();

  const [first, second, third] = service.batches;
  assert.deepEqual(first, second);
  assert.notEqual(third?.key, second?.key);
  assert.deepEqual(service.titles(), ["Feed the cat", "Call the dentist"]);
});

test("a task whose id exists has arrived before", async () => {
  const service = new FakeService();
  const alice = await open(service);
  const { id } = alice.store.add(fields("Feed the cat"));
  service.write(id, { title: "Feed the cat", priority: "high" });

  await alice.synchronize();

  assert.deepEqual(service.titles(), ["Feed the cat"]);
  assert.equal(alice.task(id).priority, "high");
});

test("changes of different fields on two devices are merged", async () => {
  const service = new FakeService();
  service.write("a");
  const alice = await open(service);
  await alice.synchronize();
  service.write("a", { priority: "urgent" });

  alice.store.edit(alice.task("a"), { title: "Water the roses" });
  await alice.synchronize();

  assert.equal(alice.task("a").title, "Water the roses");
  assert.equal(alice.task("a").priority, "urgent");
  assert.deepEqual(service.titles(), ["Water the roses"]);
});

test("of changes of the same field the user chooses one, and later changes wait", async () => {
  const service = new FakeService();
  service.write("a");
  const alice = await open(service);
  await alice.synchronize();
  const current = service.write("a", { title: "Water the lawn" });
  alice.store.edit(alice.task("a"), { title: "Water the roses" });
  alice.store.setCompleted(alice.task("a"), true);

  await alice.synchronize();

  const [refused] = alice.store.snapshot().operations;
  assert.ok(refused);
  assert.deepEqual(refused.problem?.current, current);
  assert.deepEqual(service.titles(), ["Water the lawn"]);
  assert.equal(alice.task("a").title, "Water the roses");

  alice.store.retry(refused, { base: current } as Partial<Operation>);
  await alice.synchronize();
  assert.deepEqual(service.titles(), ["Water the roses"]);
  assert.equal(service.stored.get("a")?.task.completed, true);
});

test("a refused new task stays, and can be sent again", async () => {
  const service = new FakeService();
  service.quota = 0;
  const alice = await open(service);
  alice.store.add(fields("Feed the cat"));
  await alice.synchronize();
  const [refused] = alice.store.snapshot().operations;
  assert.equal(refused?.problem?.code, "quota_exceeded");
  assert.deepEqual(alice.titles(), ["Feed the cat"]);

  service.quota = 1;
  if (refused) alice.store.retry(refused);
  await alice.synchronize();

  assert.deepEqual(service.titles(), ["Feed the cat"]);
  assert.deepEqual(alice.store.snapshot().operations, []);
});

test("editing a task that was refused mends it and sends it again", async () => {
  const service = new FakeService();
  service.quota = 0;
  const alice = await open(service);
  const { id } = alice.store.add(fields("Feed the cat"));
  await alice.synchronize();

  service.quota = 1;
  alice.store.edit(alice.task(id), { title: "Feed the cats" });
  await alice.synchronize();

  assert.deepEqual(service.titles(), ["Feed the cats"]);
  assert.deepEqual(alice.store.snapshot().operations, []);
});

test("completing a task that was deleted elsewhere is reported", async () => {
  const service = new FakeService();
  service.write("a");
  const alice = await open(service);
  await alice.synchronize();
  service.write("a", { deleted_at: "2026-12-01T10:00:00Z" });

  alice.store.setCompleted(alice.task("a"), true);
  await alice.synchronize();

  assert.deepEqual(
    alice.missing.map(({ op }) => op),
    ["complete"],
  );
  assert.notEqual(alice.task("a").deleted_at, null);
});

test("undoing takes back what was not sent, and sends the inverse of what was", async () => {
  const service = new FakeService();
  service.write("a");
  const alice = await open(service);
  await alice.synchronize();

  const undoUnsent = alice.store.remove(["a"]);
  await undoUnsent();
  assert.deepEqual(alice.store.snapshot().operations, []);
  assert.equal(alice.task("a").deleted_at, null);

  const undo = [
    alice.store.edit(alice.task("a"), { title: "Water the roses" }),
    alice.store.setCompleted(alice.task("a"), true),
    alice.store.remove(["a"]),
  ];
  await alice.synchronize();
  assert.deepEqual(service.titles(), []);
  for (const step of undo.reverse()) await step();
  await alice.synchronize();
  assert.deepEqual(service.titles(), ["Water the plants"]);
  assert.equal(service.stored.get("a")?.task.completed, false);
});

test("undoing the completion of a task that repeats removes the next one", async () => {
  const id = "92c29e2c-d0cc-48cc-a65d-d4314efd78bb";
  const next = "ba4fefa9-24f5-5086-8765-8820914fc45e";
  const service = new FakeService();
  service.write(id, { repeat: { rule: "FREQ=DAILY", from: "due" } });
  const alice = await open(service);
  await alice.synchronize();

  const undo = alice.store.setCompleted(alice.task(id), true);
  await alice.synchronize();
  service.write(next, { title: "Tomorrow" });
  await alice.synchronize();
  await undo();
  await alice.synchronize();
  assert.equal(alice.task(id).completed, false);
  assert.notEqual(alice.task(next).deleted_at, null);

  const undoAgain = alice.store.setCompleted(alice.task(id), true);
  await alice.synchronize();
  service.write(next, { deleted_at: null });
  await alice.synchronize();
  await undoAgain();
  await alice.synchronize();
  assert.notEqual(alice.task(next).deleted_at, null);
});

test("a task that is deleted for good is gone everywhere", async () => {
  const service = new FakeService();
  service.write("a");
  service.write("b", { deleted_at: "2026-12-01T10:00:00Z" });
  const alice = await open(service);
  await alice.synchronize();

  alice.store.purge(["b"]);
  await alice.synchronize();

  assert.deepEqual([...alice.store.snapshot().tasks.keys()], ["a"]);
  assert.deepEqual([...service.stored.keys()], ["a"]);
});

test("two tabs share the copy, and send each change once", async () => {
  const service = new FakeService();
  const copy = memoryCopy();
  const channels: { onmessage: unknown }[] = [];
  const channel = () => {
    const own = {
      onmessage: null as ((event: { data: unknown }) => void) | null,
      postMessage(data: unknown) {
        for (const other of channels) {
          if (other !== own) (other.onmessage as typeof own.onmessage)?.({ data });
        }
      },
      close() {},
    };
    channels.push(own);
    return own as never;
  };
  const [one, other] = [1, 2].map(() => new TaskStore("alice", copy, channel()));
  assert.ok(one && other);
  await Promise.all([one.load(), other.load()]);
  const exchange = (store: TaskStore) => ({
    store,
    api: service.api,
    timeZone: "UTC",
    onMissing() {},
  });

  const { id } = one.add(fields("Feed the cat"));
  assert.equal(other.snapshot().tasks.get(id)?.title, "Feed the cat");
  await push(exchange(other));
  await push(exchange(one));

  assert.equal(service.batches.length, 1);
  assert.deepEqual(one.snapshot().operations, []);
});

test("unsent tasks of an older version of the app are taken over once, with their keys", async () => {
  const service = new FakeService();
  const alice = await open(service);
  const stored = new Map([
    ["todo:unsent:alice:k1", JSON.stringify({ key: "k1", fields: { title: "Feed the cat" } })],
    ["todo:unsent:bob:k2", "{}"],
  ]);
  const storage = {
    get length() {
      return stored.size;
    },
    key: (index: number) => [...stored.keys()][index] ?? null,
    getItem: (name: string) => stored.get(name) ?? null,
    removeItem: (name: string) => void stored.delete(name),
  } as Storage;

  await takeOver(alice.store, storage);
  assert.deepEqual(alice.titles(), ["Feed the cat"]);
  await alice.synchronize();
  await takeOver(alice.store, storage);
  await alice.synchronize();

  assert.deepEqual([...service.stored.keys()], ["server k1"]);
  assert.deepEqual(alice.titles(), ["Feed the cat"]);
  assert.deepEqual([...stored.keys()], ["todo:unsent:bob:k2"]);
});
