import type { TaskStore } from "./store.ts";
import { NO_FIELDS } from "./task.ts";

/** Moves the unsent tasks of an older version of this app from the browser's storage to the queue. */
export async function takeOver(store: TaskStore, storage: Storage): Promise<void> {
  const prefix = `todo:unsent:${store.userId}:`;
  const names = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "");
  for (const name of names.filter((each) => each.startsWith(prefix))) {
    const { key, fields } = JSON.parse(storage.getItem(name) ?? "");
    await store.takeOver(key, { ...NO_FIELDS, ...fields });
    storage.removeItem(name);
  }
}
