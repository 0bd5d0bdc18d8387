import type { Task } from "./api-client.ts";

/** A change whose request is still running. */
export type Change = { id: string; completed: boolean } | { id: string; deleted: true };

/** Returns the tasks as they will be when the changes have succeeded. A failed change is no longer
 *  pending, so its task is shown unchanged. */
export function withPending(tasks: Task[], changes: Change[]): Task[] {
  const deleted = new Set(changes.filter((change) => "deleted" in change).map(({ id }) => id));
  const completed = new Map(
    changes.flatMap((c) => ("completed" in c ? [[c.id, c.completed]] : [])),
  );
  return tasks
    .filter(({ id }) => !deleted.has(id))
    .map((task) => ({ ...task, completed: completed.get(task.id) ?? task.completed }));
}
