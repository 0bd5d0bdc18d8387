// The user's changes that the API has not confirmed yet, in order.
import type { BatchOperation, components } from "todo-api-client";
import { NO_FIELDS, type Task, type TaskFields } from "./task.ts";
import { needsChoice } from "./versions.ts";

type Result = components["schemas"]["BatchResult"];
export type Refusal = { code: string; detail: string; current?: Task };

type Change =
  | { op: "create"; fields: TaskFields; oldKey?: string }
  | { op: "update"; fields: Partial<TaskFields>; base: Task }
  | { op: "complete"; completed: boolean }
  | { op: "delete" | "restore" | "purge" };
/** A change of the task `id`. `key` is in the order of time, and `at` is the time. `attempt` is the
 *  Idempotency-Key of the request in which it was sent. An operation with a `problem` was refused, and
 *  waits for a decision of the user. `oldKey` is the Idempotency-Key of a task that an older version of
 *  this app has left. `purge` deletes for good. */
export type Operation = Change & {
  key: string;
  id: string;
  at: string;
  attempt?: string;
  problem?: Refusal;
};
export type NewOperation = Change & { id: string };

const MAX_OPERATIONS = 100;
const MAX_LENGTH = 300_000; // characters; a body has at most 1 MiB

/** Returns the task after the operation; undefined when there is none. */
export function applied(
  task: Task | undefined,
  operation: Operation,
  userId: string,
): Task | undefined {
  const { id, at } = operation;
  if (operation.op === "create") {
    const times = { created_at: at, updated_at: at, completed_at: null, deleted_at: null };
    const fields = { ...NO_FIELDS, ...operation.fields };
    return task ?? { ...fields, ...times, id, user_id: userId, completed: false };
  }
  if (!task) return undefined;
  if (operation.op === "update") return { ...task, ...operation.fields };
  if (operation.op === "complete") {
    const { completed } = operation;
    if (completed === task.completed) return task;
    return { ...task, completed, completed_at: completed ? at : null };
  }
  if (operation.op === "purge") return undefined;
  return { ...task, deleted_at: operation.op === "delete" ? at : null };
}

/** Returns the tasks as they will be when the operations have succeeded. */
export function withQueue(
  tasks: ReadonlyMap<string, Task>,
  operations: Operation[],
  userId: string,
): Map<string, Task> {
  const result = new Map(tasks);
  for (const operation of operations) {
    const task = applied(result.get(operation.id), operation, userId);
    if (task) result.set(operation.id, task);
    else result.delete(operation.id);
  }
  return result;
}

/** Returns whether the operation is sent with a request of its own, because no batch can have it. */
export const isSingle = (operation: Operation) =>
  operation.op === "purge" || (operation.op === "create" && operation.oldKey !== undefined);

/** Returns the operations to send next. Those of an attempt without a response come first, unchanged.
 *  A batch has one operation of each task, so that the next one knows its new version. */
export function nextBatch(operations: Operation[]): Operation[] {
  const attempt = operations.find((each) => each.attempt && !each.problem)?.attempt;
  if (attempt) return operations.filter((each) => each.attempt === attempt && !each.problem);

  const batch: Operation[] = [];
  const passed = new Set<string>(); // tasks whose further operations wait
  let length = 0;
  for (const operation of operations) {
    if (!passed.has(operation.id) && !operation.problem) {
      if (isSingle(operation)) return batch.length ? batch : [operation];
      length += JSON.stringify(operationBody(operation)).length;
      if (batch.length === MAX_OPERATIONS || (batch.length && length > MAX_LENGTH)) return batch;
      batch.push(operation);
    }
    passed.add(operation.id);
  }
  return batch;
}

/** Returns the operation in the format of the API. */
export function operationBody(operation: Operation): BatchOperation {
  const { id, op } = operation;
  if (op === "create") return { op, id, fields: bodyOf(operation.fields) };
  if (op === "update") {
    return { op, id, if_match: operation.base.updated_at, fields: bodyOf(operation.fields) };
  }
  if (op === "complete") return { op, id, fields: { completed: operation.completed } };
  if (op === "purge") throw new Error("a batch cannot delete for good");
  return { op, id };
}

/** Returns fields as the API wants them: a time and its zone, or a date. */
export function bodyOf<Fields extends Partial<TaskFields>>({
  due_date,
  due_at,
  time_zone,
  ...others
}: Fields) {
  if (due_at) return { ...others, due_at, time_zone: time_zone ?? null };
  if (due_date === undefined) return others;
  return { ...others, due_date, due_at: null };
}

/** What follows from a result: the operation is done, is sent again as it is returned, waits for the
 *  user, or needs a look at the task, because its id exists. */
export type Outcome =
  | { is: "done"; tasks: Task[]; trashed?: true; missing?: true }
  | { is: "again" | "refused"; operation: Operation }
  | { is: "exists" };

export function outcomeOf(operation: Operation, { status, task, next, problem }: Result): Outcome {
  if (!problem) {
    const tasks = [task, next].filter((each) => each !== undefined);
    return { is: "done", tasks, ...(operation.op === "delete" && { trashed: true }) };
  }
  const { attempt: _, ...rest } = operation;
  const refused = (current?: Task): Outcome => ({
    is: "refused",
    operation: {
      ...rest,
      problem: { code: problem.code, detail: problem.detail, ...(current && { current }) },
    },
  });
  if (status === 412 && operation.op === "create") return { is: "exists" };
  if (status === 412 && operation.op === "update" && problem.current) {
    const { current } = problem;
    if (needsChoice(operation.base, operation.fields, current)) return refused(current);
    return { is: "again", operation: { ...(rest as typeof operation), base: current } };
  }
  if (status === 404 && operation.op === "delete") return { is: "done", tasks: [] }; // as wanted
  if (status === 404 && operation.op !== "update") return { is: "done", tasks: [], missing: true };
  return refused();
}

/** Returns the operations of the task with its new version as their base, which they were made on. */
export function rebased(operations: Operation[], task: Task): Operation[] {
  return operations
    .filter((each) => each.id === task.id && each.op === "update" && !each.problem && !each.attempt)
    .map((each) => ({ ...each, base: task }) as Operation);
}
