import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../src/lib/outbox.ts";

const PLANTS = {
  title: "Water the plants",
  description: null,
  priority: "high",
  due_date: null,
} as const;

/** Replaces the browser's localStorage. */
class FakeStorage extends Map<string, string> {
  get length() {
    return this.size;
  }
  key = (index: number) => [...this.keys()][index] ?? null;
  getItem = (name: string) => this.get(name) ?? null;
  setItem = (name: string, value: string) => void this.set(name, value);
  removeItem = (name: string) => void this.delete(name);
}

test("an unsent task survives a reload, with the same key", () => {
  const storage = new FakeStorage();
  const before = new Outbox("alice", storage);

  before.add(PLANTS);

  assert.deepEqual(new Outbox("alice", storage).list(), before.list());
  assert.deepEqual(before.list()[0]?.fields, PLANTS);
});

test("a user sees only their own unsent tasks", () => {
  const storage = new FakeStorage();

  new Outbox("alice", storage).add(PLANTS);

  assert.deepEqual(new Outbox("ali", storage).list(), []);
  assert.deepEqual(new Outbox("bob", storage).list(), []);
});

test("removing a sent task leaves the unsent tasks of another tab", () => {
  const storage = new FakeStorage();
  const [one, other] = [new Outbox("alice", storage), new Outbox("alice", storage)];
  one.add(PLANTS);
  other.add({ ...PLANTS, title: "Feed the cat" });

  one.remove(one.list()[0]?.key ?? "");

  assert.deepEqual(new Outbox("alice", storage).list(), other.list());
});
