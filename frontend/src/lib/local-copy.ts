// The user's tasks and unsent changes on this device, in IndexedDB. Each user has a database.
import { type DBSchema, deleteDB, openDB } from "idb";
import type { Operation } from "./queue.ts";
import type { Task } from "./task.ts";

/** A change that is written as a whole or not at all. */
export type Change = {
  clear?: true; // remove all tasks first
  put?: Task[];
  remove?: string[];
  enqueue?: Operation[]; // added, or replaced
  dequeue?: string[]; // keys
  checkpoint?: Checkpoint;
};
/** A position in the changes of the API; `complete` when all tasks have been received. */
export type Checkpoint = { since: string; complete: boolean };
export type Contents = { tasks: Task[]; operations: Operation[]; checkpoint?: Checkpoint };

export interface LocalCopy {
  read(): Promise<Contents>;
  operations(): Promise<Operation[]>;
  write(change: Change): Promise<void>;
  /** Marks operations as sent in this attempt. Returns those that are still there. */
  claim(keys: string[], attempt: string): Promise<Operation[]>;
  /** Removes operations, unless one of them has been sent. Returns whether it did. */
  withdraw(keys: string[]): Promise<boolean>;
  close(): void;
}

interface Schema extends DBSchema {
  tasks: { key: string; value: Task };
  operations: { key: string; value: Operation };
  checkpoint: { key: "checkpoint"; value: Checkpoint };
}
const STORES = ["tasks", "operations", "checkpoint"] as const;
const nameOf = (userId: string) => `todo:${userId}`;

/** Opens the copy of a user. It is closed when another tab deletes it. */
export async function openLocalCopy(userId: string): Promise<LocalCopy> {
  const database = await openDB<Schema>(nameOf(userId), 1, {
    upgrade(created) {
      created.createObjectStore("tasks", { keyPath: "id" });
      created.createObjectStore("operations", { keyPath: "key" });
      created.createObjectStore("checkpoint");
    },
    blocking: () => database.close(),
  });

  return {
    async read() {
      const transaction = database.transaction(STORES);
      const [tasks, operations, checkpoint] = await Promise.all([
        transaction.objectStore("tasks").getAll(),
        transaction.objectStore("operations").getAll(),
        transaction.objectStore("checkpoint").get("checkpoint"),
      ]);
      return { tasks, operations, ...(checkpoint && { checkpoint }) };
    },

    operations: () => database.getAll("operations"),

    async write({ clear, put = [], remove = [], enqueue = [], dequeue = [], checkpoint }) {
      const transaction = database.transaction(STORES, "readwrite");
      const tasks = transaction.objectStore("tasks");
      const operations = transaction.objectStore("operations");
      if (clear) void tasks.clear();
      for (const task of put) void tasks.put(task);
      for (const id of remove) void tasks.delete(id);
      for (const operation of enqueue) void operations.put(operation);
      for (const key of dequeue) void operations.delete(key);
      if (checkpoint) void transaction.objectStore("checkpoint").put(checkpoint, "checkpoint");
      await transaction.done;
    },

    async claim(keys, attempt) {
      const { store, done } = database.transaction("operations", "readwrite");
      const found = await Promise.all(keys.map((key) => store.get(key)));
      const claimed = found.flatMap((each) => (each ? [{ ...each, attempt }] : []));
      for (const operation of claimed) void store.put(operation);
      await done;
      return claimed;
    },

    async withdraw(keys) {
      const { store, done } = database.transaction("operations", "readwrite");
      const found = await Promise.all(keys.map((key) => store.get(key)));
      const isPossible = found.every((each) => each && !each.attempt);
      if (isPossible) for (const key of keys) void store.delete(key);
      await done;
      return isPossible;
    },

    close: () => database.close(),
  };
}

export const deleteLocalCopy = (userId: string) => deleteDB(nameOf(userId));
