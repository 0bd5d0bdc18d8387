import type { TaskFields } from "./api-client.ts";

/** A new task that the API has not confirmed yet. `key` is its Idempotency-Key. */
export type Unsent = { key: string; fields: TaskFields };

type Storage = Pick<globalThis.Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

/** The unsent tasks of one user. They are kept in the browser's storage, so a reload loses none. Each
 *  task is a separate item, so that two tabs do not overwrite each other's tasks. */
export class Outbox {
  private readonly prefix: string;
  private readonly storage: Storage;
  private readonly listeners = new Set<() => void>();
  private entries: Unsent[];

  constructor(userId: string, storage: Storage) {
    this.prefix = `todo:unsent:${userId}:`;
    this.storage = storage;
    const names = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "");
    this.entries = names
      .filter((name) => name.startsWith(this.prefix))
      .map((name) => JSON.parse(storage.getItem(name) ?? ""));
  }

  /** Returns the same array until something changes, as useSyncExternalStore requires. */
  list = (): Unsent[] => this.entries;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  add(fields: TaskFields): void {
    const entry = { key: crypto.randomUUID(), fields };
    this.change([entry, ...this.entries]);
    this.storage.setItem(this.prefix + entry.key, JSON.stringify(entry));
  }

  remove(key: string): void {
    this.storage.removeItem(this.prefix + key);
    this.change(this.entries.filter((entry) => entry.key !== key));
  }

  private change(entries: Unsent[]): void {
    this.entries = entries;
    for (const listener of this.listeners) listener();
  }
}
