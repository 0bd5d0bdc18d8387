import assert from "node:assert/strict";
import { test } from "node:test";
import { withPending } from "../src/lib/pending.ts";
import { task } from "./task.ts";

test("it shows a change before it is answered, and what was there once it has failed", () => {
  const tasks = [task("a"), task("b")];

  const pending = withPending(tasks, [{ id: "a", completed: true }]);
  const failed = withPending(tasks, []);

  assert.deepEqual(pending, [task("a", { completed: true }), task("b")]);
  assert.deepEqual(failed, tasks);
});

test("it hides a task that is being deleted, and lets the last of several clicks win", () => {
  const tasks = [task("a"), task("b")];

  const shown = withPending(tasks, [
    { id: "b", deleted: true },
    { id: "a", completed: true },
    { id: "a", completed: false },
  ]);

  assert.deepEqual(shown, [task("a")]);
});
