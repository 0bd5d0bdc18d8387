import type { TaskFields } from "./api-client.ts";

/** A task that was typed and has not reached the API yet. Its key makes sending it twice harmless. */
export type Unsent = { key: string; fields: TaskFields };

type Storage = Pick<globalThis.Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

/** One person's unsent tasks. They outlive the page: each has an item of its own in the browser's
 *  storage, so that two tabs never overwrite each other's. */
export class Outbox {
  private readonly prefix: string;
  private readonly storage: Storage;
  private readonly listeners = new Set<() => void>();
  private entries: Unsent[];

  constructor(person: string, storage: Storage) {
    this.prefix = `todo:unsent:${person}:`;
    this.storage = storage;
    const names = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "");
    this.entries = names
      .filter((name) => name.startsWith(this.prefix))
      .map((name) => JSON.parse(storage.getItem(name) ?? ""));
  }

  /** The same array until something changes, as useSyncExternalStore asks for. */
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
