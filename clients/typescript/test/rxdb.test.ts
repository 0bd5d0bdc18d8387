// Two devices of one user, each with a local database, and the user's other clients ("service").
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createRxDatabase, type RxCollection } from "rxdb/plugins/core";
import { getRxStorageMemory } from "rxdb/plugins/storage-memory";
import type { TodoClient } from "todo-api-client";
import { conflictHandler, replicateTasks, schema, type LocalTask } from "../examples/rxdb.js";
import { newUser } from "./service.js";

type Device = RxCollection<LocalTask>;
const SEEDS = [1, 2, 3, 4];
const ROUNDS = 6;

/** Returns an empty local database, which is offline. */
async function newDevice(t: TestContext): Promise<Device> {
  const storage = getRxStorageMemory();
  const options = { name: crypto.randomUUID(), storage, multiInstance: false };
  const database = await createRxDatabase(options);
  const { tasks } = await database.addCollections({ tasks: { schema, conflictHandler } });
  t.after(() => database.close()); // RxDB has at most 16 open collections
  return tasks as Device;
}

/** Pushes and pulls until nothing is left, and goes offline. */
async function goOnline(device: Device, api: TodoClient): Promise<void> {
  const replication = replicateTasks(device, api);
  const failed = new Promise<never>((_, reject) => replication.error$.subscribe(reject));
  const synchronise = async () => {
    await replication.awaitInSync();
    replication.reSync(); // the fields that the service has set
    await replication.awaitInSync();
  };
  await Promise.race([failed, synchronise()]).finally(() => replication.cancel());
}

function newTask(title: string): LocalTask {
  const id = crypto.randomUUID();
  return { id, title, description: null, completed: false, priority: "medium", due_date: null };
}

async function local(device: Device): Promise<LocalTask[]> {
  const found = await device.find().exec();
  return found.map((each) => each.toJSON() as LocalTask).sort(byId);
}

async function remote(api: TodoClient): Promise<LocalTask[]> {
  return (await api.GET("/api/tasks")).data.sort(byId);
}

const byId = (a: LocalTask, b: LocalTask) => a.id.localeCompare(b.id);
const find = async (device: Device, id: string) => (await device.findOne(id).exec())!;

async function assertEqual(api: TodoClient, ...devices: Device[]): Promise<void> {
  const expected = await remote(api);
  for (const device of devices) assert.deepEqual(await local(device), expected);
}

/** Returns two devices that have the same task. */
async function devicesWithTask(api: TodoClient, t: TestContext) {
  const [laptop, phone] = [await newDevice(t), await newDevice(t)];
  const { id } = await laptop.insert(newTask("Water the plants"));
  for (const device of [laptop, phone]) await goOnline(device, api);
  return { laptop, phone, id };
}

async function online(api: TodoClient, ...devices: Device[]) {
  for (const device of devices) await goOnline(device, api);
}

test("offline changes of different fields both stay", async (t) => {
  const api = newUser();
  const { laptop, phone, id } = await devicesWithTask(api, t);
  await (await find(laptop, id)).patch({ title: "Water them" });
  await (await find(phone, id)).patch({ completed: true });

  await online(api, laptop, phone, laptop);

  const [task] = await local(laptop);
  assert.deepEqual([task?.title, task?.completed], ["Water them", true]);
  assert.equal(typeof task?.completed_at, "string");
  await assertEqual(api, laptop, phone);
});

test("of offline changes of one field, the one that is pushed last wins", async (t) => {
  const api = newUser();
  const { laptop, phone, id } = await devicesWithTask(api, t);
  await (await find(laptop, id)).patch({ title: "First" });
  await (await find(phone, id)).patch({ title: "Last" });

  await online(api, laptop, phone, laptop);

  assert.deepEqual((await local(laptop)).map(({ title }) => title), ["Last"]);
  await assertEqual(api, laptop, phone);
});

for (const deletesFirst of [true, false]) {
  const order = deletesFirst ? "before" : "after";
  test(`a deletion wins when it is pushed ${order} a change`, async (t) => {
    const api = newUser();
    const { laptop, phone, id } = await devicesWithTask(api, t);
    await (await find(laptop, id)).remove();
    await (await find(phone, id)).patch({ title: "Changed" });
    const devices = deletesFirst ? [laptop, phone] : [phone, laptop];

    await online(api, ...devices, ...devices);

    assert.deepEqual(await remote(api), []);
    await assertEqual(api, laptop, phone);
  });
}

test("a task that is created, changed and deleted offline is not on the service", async (t) => {
  const api = newUser();
  const device = await newDevice(t);
  const task = await device.insert(newTask("Water the plants"));
  await (await task.patch({ title: "Water them" })).remove();

  await online(api, device);

  await assertEqual(api, device);
  const trash = await api.GET("/api/tasks", { params: { query: { deleted: true } } });
  assert.deepEqual(trash.data, []);
});

test("a change during the push of another one stays", async (t) => {
  const api = newUser();
  const { laptop, phone, id } = await devicesWithTask(api, t);
  const task = await (await find(laptop, id)).patch({ title: "Water them" });
  const meanwhile = { title: "Water them well", priority: "high" } as const;
  const batch: TodoClient["batch"] = async (...call) => {
    const response = await api.batch(...call);
    if (task.getLatest().priority !== "high") await task.getLatest().patch(meanwhile);
    return response;
  };

  await goOnline(laptop, { ...api, batch });

  const [current] = await remote(api);
  assert.deepEqual([current?.title, current?.priority], ["Water them well", "high"]);
  await online(api, phone);
  await assertEqual(api, laptop, phone);
});

test("a push whose response was lost is pushed again", async (t) => {
  const api = newUser();
  const { laptop, phone, id } = await devicesWithTask(api, t);
  await (await find(laptop, id)).patch({ title: "Water them" });
  await laptop.insert(newTask("Feed the cat"));
  const batch: TodoClient["batch"] = async (...call) => {
    await api.batch(...call);
    throw new Error("lost");
  };
  await assert.rejects(goOnline(laptop, { ...api, batch }));
  await (await find(laptop, id)).patch({ title: "Water them well" });

  await online(api, laptop, phone);

  const titles = (await remote(api)).map(({ title }) => title);
  assert.deepEqual(titles.sort(), ["Feed the cat", "Water them well"]);
  await assertEqual(api, laptop, phone);
});

test("after a purge, what it removed is removed, and new tasks are pushed", async (t) => {
  const api = newUser();
  const { laptop, phone, id } = await devicesWithTask(api, t);
  await phone.insert(newTask("Feed the cat"));
  const params = { path: { id }, query: { forever: true } };
  await api.DELETE("/api/tasks/{id}", { params });

  await online(api, phone, laptop);

  assert.deepEqual((await remote(api)).map(({ title }) => title), ["Feed the cat"]);
  await assertEqual(api, laptop, phone);
});

test("after a checkpoint that the service does not accept, all tasks are pulled", async (t) => {
  const api = newUser();
  const { laptop, phone, id } = await devicesWithTask(api, t);
  await api.DELETE("/api/tasks/{id}", { params: { path: { id } } });
  await phone.insert(newTask("Feed the cat"));

  const sync: TodoClient["sync"] = (since, options) => api.sync(since && "forged", options);
  await online({ ...api, sync }, phone, laptop);

  await assertEqual(api, laptop, phone);
});

test("more tasks than a batch are pushed", async (t) => {
  const api = newUser();
  const [laptop, phone] = [await newDevice(t), await newDevice(t)];
  await laptop.bulkInsert(Array.from({ length: 250 }, (_, index) => newTask(`${index}`)));

  await online(api, laptop, phone);

  assert.equal((await local(phone)).length, 250);
  await assertEqual(api, laptop, phone);
});

/** Returns a function that returns random integers below its argument, the same for each seed
 *  (mulberry32). */
function randomIntegers(seed: number) {
  return (limit: number) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let bits = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) % limit;
  };
}

/** Does something random in the local database. */
async function act(device: Device, random: (limit: number) => number): Promise<void> {
  const tasks = (await device.find().exec()).sort((a, b) => a.title.localeCompare(b.title));
  const task = tasks[random(tasks.length + 3)];
  if (!task) await device.insert(newTask(`${random(1e6)}`));
  else if (random(4) === 0) await task.remove();
  else if (random(2) === 0) await task.patch({ completed: !task.completed });
  else if (random(2) === 0) await task.patch({ description: ` ${random(1e6)} ` });
  else await task.patch({ title: ` ${random(1e6)} `, priority: random(2) ? "high" : "low" });
}

/** Does something random on the service. */
async function actRemotely(api: TodoClient, random: (limit: number) => number): Promise<void> {
  const query = { deleted: random(3) === 0, sort: "title" } as const;
  const { data } = await api.GET("/api/tasks", { params: { query } });
  const task = data[random(data.length + 1)];
  if (!task) return;
  const path = { id: task.id };
  if (query.deleted) await api.POST("/api/tasks/{id}/restore", { params: { path } });
  else if (random(4) === 0)
    await api.DELETE("/api/tasks/{id}", { params: { path, query: { forever: random(2) === 0 } } });
  else await api.PATCH("/api/tasks/{id}", { params: { path }, body: { title: `${random(1e6)}` } });
}

for (const seed of SEEDS) {
  test(`two devices converge after random operations (seed ${seed})`, async (t) => {
    const api = newUser();
    const [laptop, phone] = [await newDevice(t), await newDevice(t)];
    const random = randomIntegers(seed);
    for (let round = 0; round < ROUNDS; round++) {
      for (const device of [laptop, phone]) {
        const operations = random(12);
        for (let i = 0; i < operations; i++) await act(device, random);
      }
      for (let i = random(4); i > 0; i--) await actRemotely(api, random);
      const [first, second] = random(2) ? [laptop, phone] : [phone, laptop];

      await online(api, first, second, first);

      await assertEqual(api, laptop, phone);
    }
  });
}
