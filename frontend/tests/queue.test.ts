import assert from "node:assert/strict";
import { test } from "node:test";
import { nextId } from "../src/lib/next-id.ts";
import {
  bodyOf,
  nextBatch,
  type Operation,
  operationBody,
  outcomeOf,
  withQueue,
} from "../src/lib/queue.ts";
import { NO_FIELDS } from "../src/lib/task.ts";
import { task } from "./task.ts";

const AT = "2026-12-01T10:00:00.000Z";
let number = 0;
/** Returns an operation, of the task "a" unless `change` names another. */
function operation(change: Partial<Operation>): Operation {
  number += 1;
  return { id: "a", at: AT, key: String(number).padStart(3, "0"), ...change } as Operation;
}
const create = (id: string) =>
  operation({ op: "create", id, fields: { ...NO_FIELDS, title: "Feed the cat" } });
const update = (title: string, base = task("a")) =>
  operation({ op: "update", id: base.id, fields: { title }, base });
const problem = (code: string, current?: ReturnType<typeof task>) =>
  ({ code, detail: "Refused", ...(current && { current }) }) as never;

test("the tasks are shown with all operations of the queue, and are not changed themselves", () => {
  const saved = new Map([
    ["a", task("a")],
    ["b", task("b")],
    ["c", task("c")],
  ]);

  const shown = withQueue(
    saved,
    [
      create("new"),
      update("Water the roses"),
      operation({ op: "complete", completed: true }),
      operation({ op: "delete", id: "b" }),
      operation({ op: "purge", id: "c" }),
      update("Of a task that is gone", task("gone")),
    ],
    "alice",
  );

  assert.deepEqual([...shown.keys()].sort(), ["a", "b", "new"]);
  assert.deepEqual(
    shown.get("a"),
    task("a", { title: "Water the roses", completed: true, completed_at: AT }),
  );
  assert.equal(shown.get("b")?.deleted_at, AT);
  assert.equal(shown.get("new")?.title, "Feed the cat");
  assert.deepEqual(saved.get("a"), task("a"));
});

test("a batch has one operation of each task, in order, and at most 100", () => {
  const [first, second, other] = [update("One"), update("Two"), create("b")];
  const many = Array.from({ length: 150 }, (_, index) => create(`t${index}`));

  assert.deepEqual(nextBatch([first, second, other]), [first, other]);
  assert.equal(nextBatch(many).length, 100);
  assert.deepEqual(nextBatch([]), []);
});

test("a batch is limited in length, but has at least one operation", () => {
  const long = (id: string) =>
    operation({ op: "create", id, fields: { ...NO_FIELDS, title: "x".repeat(200_000) } });

  assert.equal(nextBatch([long("a"), long("b")]).length, 1);
});

test("operations of a task wait behind one that was refused", () => {
  const refused = { ...update("One"), problem: problem("quota_exceeded") };
  const [second, other] = [update("Two"), create("b")];

  assert.deepEqual(nextBatch([refused, second, other]), [other]);
});

test("an attempt without a response is repeated unchanged before anything else", () => {
  const sent = { ...create("b"), attempt: "attempt 1" };
  const added = update("One");

  assert.deepEqual(nextBatch([added, sent]), [sent]);
});

test("deleting for good, and tasks of an older version of the app, are sent alone", () => {
  const purge = operation({ op: "purge" });
  const old = operation({ op: "create", id: "old", fields: NO_FIELDS, oldKey: "key" });
  const other = create("b");

  assert.deepEqual(nextBatch([purge, other]), [purge]);
  assert.deepEqual(nextBatch([other, purge]), [other]);
  assert.deepEqual(nextBatch([old, other]), [old]);
});

test("operations are sent in the format of the API", () => {
  assert.deepEqual(operationBody(update("One")), {
    op: "update",
    id: "a",
    if_match: "2026-11-20T08:00:00Z",
    fields: { title: "One" },
  });
  assert.deepEqual(operationBody(operation({ op: "complete", completed: false })), {
    op: "complete",
    id: "a",
    fields: { completed: false },
  });
});

test("a due time is sent without the date, and a date without a time clears the time", () => {
  const due = {
    due_date: "2026-12-01",
    due_at: "2026-12-01T08:00:00Z",
    time_zone: "Europe/Berlin",
  };

  assert.deepEqual(bodyOf(due), { due_at: due.due_at, time_zone: "Europe/Berlin" });
  assert.deepEqual(bodyOf({ ...due, due_at: null, time_zone: null }), {
    due_date: "2026-12-01",
    due_at: null,
  });
  assert.deepEqual(bodyOf({ title: "One" }), { title: "One" });
});

test("a successful operation is done, and its tasks are stored", () => {
  const [one, next] = [task("a", { completed: true }), task("n")];

  assert.deepEqual(outcomeOf(operation({ op: "complete" }), { status: 200, task: one, next }), {
    is: "done",
    tasks: [one, next],
  });
  assert.deepEqual(outcomeOf(operation({ op: "delete" }), { status: 204 }), {
    is: "done",
    tasks: [],
    trashed: true,
  });
});

test("an edit is merged with changes of other fields, and needs a choice for the same field", () => {
  const mine = update("Water the roses");
  const merged = task("a", { priority: "high", updated_at: "later" });
  const changed = task("a", { title: "Water the lawn", updated_at: "later" });
  const result = (current: typeof merged) => ({
    status: 412,
    problem: problem("precondition_failed", current),
  });

  assert.deepEqual(outcomeOf({ ...mine, attempt: "1" }, result(merged)), {
    is: "again",
    operation: { ...mine, base: merged },
  });
  const choice = outcomeOf(mine, result(changed));
  assert.equal(choice.is, "refused");
  assert.deepEqual("operation" in choice && choice.operation.problem?.current, changed);
});

test("what the API does not accept waits for the user, unless there is nothing left to do", () => {
  const missing = { status: 404, problem: problem("not_found") };
  const full = { status: 409, problem: problem("quota_exceeded") };

  assert.equal(outcomeOf(update("One"), missing).is, "refused");
  assert.equal(outcomeOf(create("b"), full).is, "refused");
  assert.deepEqual(outcomeOf(operation({ op: "delete" }), missing), { is: "done", tasks: [] });
  assert.equal(outcomeOf(operation({ op: "complete" }), missing).is, "done");
  assert.equal(
    outcomeOf(create("b"), { status: 412, problem: problem("precondition_failed") }).is,
    "exists",
  );
});

test("the id of the next task of a series is the one that the API gives it", async () => {
  // Python: uuid.uuid5(uuid.UUID("92c29e2c-d0cc-48cc-a65d-d4314efd78bb"), "next")
  const id = await nextId("92c29e2c-d0cc-48cc-a65d-d4314efd78bb");

  assert.equal(id, "ba4fefa9-24f5-5086-8765-8820914fc45e");
});
