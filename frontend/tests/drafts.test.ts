import assert from "node:assert/strict";
import { test } from "node:test";
import { Drafts, EMPTY } from "../src/lib/drafts.ts";
import { NO_DUE } from "../src/lib/quick-entry.ts";
import { fieldsOf } from "../src/lib/task.ts";
import { task } from "./task.ts";

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

test("drafts survive a reload, and belong to one user", () => {
  const storage = new FakeStorage();
  const base = task("a");
  const draft = { base, fields: { ...fieldsOf(base), title: "Water the roses" } };

  new Drafts("alice", storage).write(draft);

  const later = new Drafts("alice", storage);
  assert.deepEqual(later.read("a"), draft);
  assert.deepEqual([...later.list()], ["a"]);
  assert.deepEqual([...new Drafts("ali", storage).list()], []);
});

test("the unfinished new task is a draft while it is not empty", () => {
  const drafts = new Drafts("alice", new FakeStorage());

  drafts.writeNew({ text: "Call the den" });
  assert.deepEqual(drafts.readNew(), { text: "Call the den" });
  drafts.writeNew(EMPTY);

  assert.deepEqual(drafts.readNew(), EMPTY);
  assert.equal(drafts.list().size, 0);
});

test("a date without a text is not kept", () => {
  const drafts = new Drafts("alice", new FakeStorage());
  const due = { ...NO_DUE, due_date: "2026-12-01" };

  drafts.writeNew({ text: "Call Ann", due });
  assert.deepEqual(drafts.readNew(), { text: "Call Ann", due });
  drafts.writeNew({ text: " ", due });

  assert.deepEqual(drafts.readNew(), EMPTY);
});

test("a task that another tab has added is no draft any more", () => {
  const storage = new FakeStorage();
  new Drafts("alice", storage).writeNew({ text: "Call Ann" });
  const second = new Drafts("alice", storage);
  const seen: string[] = [];
  second.onNewElsewhere(() => seen.push(second.readNew().text));

  storage.clear(); // by the first tab
  second.absorb("todo:draft:bob:new");
  assert.deepEqual(seen, []);
  second.absorb("todo:draft:alice:new");

  assert.deepEqual(seen, [""]);
  assert.equal(second.list().size, 0);
});

test("clearing removes the drafts of the user only", () => {
  const storage = new FakeStorage();
  const [alice, bob] = [new Drafts("alice", storage), new Drafts("bob", storage)];
  alice.writeNew({ text: "One" });
  bob.writeNew({ text: "Two" });

  alice.clear();

  assert.equal(alice.list().size, 0);
  assert.deepEqual(bob.readNew(), { text: "Two" });
});
