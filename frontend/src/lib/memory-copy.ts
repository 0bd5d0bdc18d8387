import type { Change, Contents, LocalCopy } from "./local-copy.ts";
import type { Operation } from "./queue.ts";
import type { Task } from "./task.ts";

/** Returns a copy in memory, for browsers that do not allow this page to store anything. */
export function memoryCopy(): LocalCopy {
  const tasks = new Map<string, Task>();
  const queue = new Map<string, Operation>();
  let checkpoint: Contents["checkpoint"];
  const operations = () => [...queue.values()].sort((one, other) => (one.key < other.key ? -1 : 1));

  return {
    read: async () => ({
      tasks: [...tasks.values()],
      operations: operations(),
      ...(checkpoint && { checkpoint }),
    }),
    operations: async () => operations(),
    async write(change: Change) {
      if (change.clear) tasks.clear();
      for (const task of change.put ?? []) tasks.set(task.id, task);
      for (const id of change.remove ?? []) tasks.delete(id);
      for (const operation of change.enqueue ?? []) queue.set(operation.key, operation);
      for (const key of change.dequeue ?? []) queue.delete(key);
      checkpoint = change.checkpoint ?? checkpoint;
    },
    async claim(keys, attempt) {
      const claimed = keys
        .flatMap((key) => queue.get(key) ?? [])
        .map((each) => ({ ...each, attempt }));
      for (const operation of claimed) queue.set(operation.key, operation);
      return claimed;
    },
    async withdraw(keys) {
      const isPossible = keys.every((key) => queue.has(key) && !queue.get(key)?.attempt);
      if (isPossible) for (const key of keys) queue.delete(key);
      return isPossible;
    },
    close() {},
  };
}
