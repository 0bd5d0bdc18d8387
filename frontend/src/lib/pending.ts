import type { Task } from "./api-client.ts";

/** A change that was asked for and is not yet answered. */
export type Change = { id: string; completed: boolean } | { id: string; deleted: true };

/** The tasks as they will be once the changes are through. A change that fails leaves no trace here:
 *  it is simply not pending any more. */
export function withPending(tasks: Task[], changes: Change[]): Task[] {
  const gone = new Set(changes.filter((change) => "deleted" in change).map(({ id }) => id));
  const completed = new Map(
    changes.flatMap((c) => ("completed" in c ? [[c.id, c.completed]] : [])),
  );
  return tasks
    .filter(({ id }) => !gone.has(id))
    .map((task) => ({ ...task, completed: completed.get(task.id) ?? task.completed }));
}
