import type { Task, TaskFields } from "./task.ts";

/** An edited task that is not saved: the version that was edited, and its new fields. */
export type Draft = { base: Task; fields: TaskFields };
export type DueFields = Pick<
  TaskFields,
  "due_date" | "due_at" | "time_zone" | "remind_at" | "repeat"
>;
/** The unfinished new task. `due` is undefined while the user has not chosen a date. `kept` are words that
 *  stay in the title, although they could be a date. */
export type NewDraft = { text: string; due?: DueFields | undefined; kept?: string[] };
export const EMPTY: NewDraft = { text: "" };
const NEW = "new";

type Storage = Pick<globalThis.Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;
export const NO_STORAGE: Storage = {
  length: 0,
  key: () => null,
  getItem: () => null,
  setItem() {},
  removeItem() {},
};

/** What a user has typed and not saved, in the browser's storage, so that closing a dialog or the tab
 *  loses nothing. */
export class Drafts {
  private readonly prefix: string;
  private readonly storage: Storage;
  private readonly listeners = new Set<() => void>();
  private readonly newListeners = new Set<() => void>();
  private ids: ReadonlySet<string>;

  constructor(userId: string, storage: Storage) {
    this.prefix = `todo:draft:${userId}:`;
    this.storage = storage;
    this.ids = new Set(this.storedIds());
    // The browser tells each tab what the others have stored.
    if (typeof window !== "undefined") {
      window.addEventListener("storage", ({ key }) => this.absorb(key));
    }
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  /** Returns the ids of the tasks with a draft, and "new". */
  list = (): ReadonlySet<string> => this.ids;

  read = (taskId: string): Draft | undefined => this.get(taskId) as Draft | undefined;
  write = (draft: Draft): void => this.set(draft.base.id, draft);

  readNew(): NewDraft {
    const draft = this.get(NEW) as NewDraft | undefined;
    return draft?.text ? draft : EMPTY; // older versions kept a date without a text
  }
  /** Without a text there is no draft, so that a forgotten date is not that of a later task. */
  writeNew(draft: NewDraft): void {
    if (draft.text.trim()) this.set(NEW, draft);
    else this.remove(NEW);
  }
  /** Calls the listener when another tab has changed or added the unfinished new task. */
  onNewElsewhere(listener: () => void): () => void {
    this.newListeners.add(listener);
    return () => this.newListeners.delete(listener);
  }

  /** Takes over what another tab has stored. `name` is that in the storage, or null if all is deleted. */
  absorb(name: string | null): void {
    if (name !== null && !name.startsWith(this.prefix)) return;
    this.changeIds((ids) => {
      ids.clear();
      for (const id of this.storedIds()) ids.add(id);
    });
    if (name === null || name === this.prefix + NEW) {
      for (const listener of this.newListeners) listener();
    }
  }

  remove(id: string): void {
    this.storage.removeItem(this.prefix + id);
    this.changeIds((ids) => ids.delete(id));
  }

  clear(): void {
    for (const name of this.names()) this.storage.removeItem(name);
    this.changeIds((ids) => ids.clear());
  }

  private get(id: string): unknown {
    return JSON.parse(this.storage.getItem(this.prefix + id) ?? "null") ?? undefined;
  }

  private set(id: string, draft: unknown): void {
    this.storage.setItem(this.prefix + id, JSON.stringify(draft));
    if (!this.ids.has(id)) this.changeIds((ids) => ids.add(id));
  }

  private storedIds(): string[] {
    return this.names().map((name) => name.slice(this.prefix.length));
  }

  private names(): string[] {
    const names = Array.from({ length: this.storage.length }, (_, index) =>
      this.storage.key(index),
    );
    return names.filter((name) => name !== null).filter((name) => name.startsWith(this.prefix));
  }

  private changeIds(change: (ids: Set<string>) => void): void {
    const ids = new Set(this.ids);
    change(ids);
    this.ids = ids;
    for (const listener of this.listeners) listener();
  }
}
