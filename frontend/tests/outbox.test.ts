import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../src/lib/outbox.ts";

const PLANTS = {
  title: "Water the plants",
  description: null,
  priority: "high",
  due_date: null,
} as const;

/** What a browser keeps between pages. */
class Kept extends Map<string, string> {
  get length() {
    return this.size;
  }
  key = (index: number) => [...this.keys()][index] ?? null;
  getItem = (name: string) => this.get(name) ?? null;
  setItem = (name: string, value: string) => void this.set(name, value);
  removeItem = (name: string) => void this.delete(name);
}

test("it keeps a task that was typed over a reload, under the same key", () => {
  const storage = new Kept();
  const before = new Outbox("alice", storage);

  before.add(PLANTS);

  assert.deepEqual(new Outbox("alice", storage).list(), before.list());
  assert.deepEqual(before.list()[0]?.fields, PLANTS);
});

test("it shows one person's tasks to nobody else", () => {
  const storage = new Kept();

  new Outbox("alice", storage).add(PLANTS);

  assert.deepEqual(new Outbox("ali", storage).list(), []);
  assert.deepEqual(new Outbox("bob", storage).list(), []);
});

test("it leaves what another tab has kept, and nothing of what has arrived", () => {
  const storage = new Kept();
  const [one, other] = [new Outbox("alice", storage), new Outbox("alice", storage)];
  one.add(PLANTS);
  other.add({ ...PLANTS, title: "Feed the cat" });

  one.remove(one.list()[0]?.key ?? "");

  assert.deepEqual(new Outbox("alice", storage).list(), other.list());
});
