import assert from "node:assert/strict";
import { test } from "node:test";
import { withPending } from "../src/lib/pending.ts";
import { task } from "./task.ts";

test("a pending change is shown, and a failed change is not", () => {
  const tasks = [task("a"), task("b")];

  const pending = withPending(tasks, [{ id: "a", completed: true }]);
  const failed = withPending(tasks, []);

  assert.deepEqual(pending, [task("a", { completed: true }), task("b")]);
  assert.deepEqual(failed, tasks);
});

test("a task that is being deleted is hidden, and the last of several changes is shown", () => {
  const tasks = [task("a"), task("b")];

  const shown = withPending(tasks, [
    { id: "b", deleted: true },
    { id: "a", completed: true },
    { id: "a", completed: false },
  ]);

  assert.deepEqual(shown, [task("a")]);
});
