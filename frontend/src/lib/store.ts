// The state of the app: one user's tasks, and the changes that are not sent yet. Every change is shown
// at once, written to the local copy, and told to the other tabs. sync.ts exchanges them with the API.
import type { Change, Checkpoint, LocalCopy } from "./local-copy.ts";
import { nextId } from "./next-id.ts";
import { type NewOperation, type Operation, withQueue } from "./queue.ts";
import type { Task, TaskFields } from "./task.ts";

export type State = {
  /** All tasks by id, also those in the trash, with the unsent changes applied. */
  tasks: ReadonlyMap<string, Task>;
  operations: Operation[];
  checkpoint?: Checkpoint;
  /** Whether the local copy has been read. */
  loaded: boolean;
  /** Whether an exchange with the API is running, and the error of the last one. */
  isBusy: boolean;
  error?: unknown;
};

/** The state before the local copy is read, which is also what the server renders. */
export const INITIAL: State = { tasks: new Map(), operations: [], loaded: false, isBusy: false };

/** Messages to the other tabs of the user. */
export type Channel = Pick<BroadcastChannel, "postMessage" | "onmessage" | "close">;
export type Undo = () => Promise<void>;

export class TaskStore {
  readonly userId: string;
  private readonly copy: LocalCopy;
  private readonly channel: Channel | undefined;
  private readonly listeners = new Set<() => void>();
  private readonly saved = new Map<string, Task>();
  private state = INITIAL;
  private early: Change[] | undefined = []; // changes in other tabs before the copy was read
  private lastTime = 0;
  /** Called after a change of the user, to send it. */
  onChange = () => {};

  constructor(userId: string, copy: LocalCopy, channel?: Channel) {
    this.userId = userId;
    this.copy = copy;
    this.channel = channel;
    if (channel) channel.onmessage = ({ data }) => this.absorb(data);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Returns the same object until something changes, as useSyncExternalStore requires. */
  snapshot = (): State => this.state;

  async load(): Promise<void> {
    const { tasks, operations, checkpoint } = await this.copy.read();
    for (const task of tasks) this.saved.set(task.id, task);
    const early = this.early ?? [];
    this.early = undefined;
    this.set({ loaded: true, ...(checkpoint && { checkpoint }) });
    this.absorb({ enqueue: [...operations, ...this.state.operations] });
    for (const change of early) this.absorb(change);
  }

  close(): void {
    this.channel?.close();
    this.copy.close();
  }

  // Changes by the user. Each returns a function that undoes it.

  add(fields: TaskFields): { id: string; undo: Undo } {
    const id = crypto.randomUUID();
    const [operation] = this.enqueue({ op: "create", id, fields });
    return { id, undo: () => this.undo([operation], [{ op: "delete", id }]) };
  }

  /** Changes fields of the version `base`, which must be the present one. A change that was refused is
   *  mended and sent again. */
  edit(base: Task, fields: Partial<TaskFields>): Undo {
    const { id } = base;
    const names = Object.keys(fields) as (keyof TaskFields)[];
    const before = Object.fromEntries(names.map((name) => [name, base[name]]));
    const refused = this.state.operations.find((each) => each.id === id && each.problem);
    if (refused && "fields" in refused && !refused.problem?.current) {
      this.retry(refused, { fields: { ...refused.fields, ...fields } } as Partial<Operation>);
      return async () => void this.edit({ ...base, ...fields }, before);
    }
    const [operation] = this.enqueue({
      op: "update",
      id,
      fields,
      base: this.saved.get(id) ?? base,
    });
    return async () => {
      const current = this.saved.get(id) ?? base;
      await this.undo([operation], [{ op: "update", id, fields: before, base: current }]);
    };
  }

  /** Completes or reopens a task. Undoing a completion also deletes the next task of a series, unless
   *  it was there before. */
  setCompleted({ id, repeat }: Task, completed: boolean): Undo {
    const next = completed && repeat ? nextId(id) : undefined;
    const before = next && new Map(this.saved);
    const operations = this.enqueue({ op: "complete", id, completed });
    return async () => {
      const inverse: NewOperation[] = [{ op: "complete", id, completed: !completed }];
      const isNew = next && before?.get(await next)?.deleted_at !== null;
      if (isNew)
        inverse.push({ op: this.isChanged(await next) ? "delete" : "purge", id: await next });
      await this.undo(operations, inverse);
    };
  }

  /** Whether the user has changed the task, so that it belongs into the trash when it is deleted. */
  private isChanged(id: string): boolean {
    const task = this.saved.get(id);
    return task !== undefined && task.updated_at !== task.created_at;
  }

  /** Moves tasks to the trash. */
  remove(ids: string[]): Undo {
    const operations = this.enqueue(...ids.map((id) => ({ op: "delete", id }) as const));
    return () =>
      this.undo(
        operations,
        ids.map((id) => ({ op: "restore", id })),
      );
  }

  restore(ids: string[]): Undo {
    const operations = this.enqueue(...ids.map((id) => ({ op: "restore", id }) as const));
    return () =>
      this.undo(
        operations,
        ids.map((id) => ({ op: "delete", id })),
      );
  }

  /** Deletes tasks for good, which cannot be undone. */
  purge(ids: string[]): void {
    this.enqueue(...ids.map((id) => ({ op: "purge", id }) as const));
  }

  // Decisions of the user about a refused operation.

  discard(operation: Operation): void {
    this.change({ dequeue: [operation.key] });
  }

  /** Sends the operation again, with other contents if they are given. */
  retry(
    { problem: _, attempt: __, ...operation }: Operation,
    change: Partial<Operation> = {},
  ): void {
    this.send({ enqueue: [{ ...operation, ...change } as Operation] });
  }

  /** Sends the operation again after all others. */
  retryLast(operation: Operation): void {
    const { at: _, key, problem: __, attempt: ___, ...rest } = operation;
    this.send({ dequeue: [key], enqueue: [this.operation(rest as NewOperation)] });
  }

  /** Adds a task from an older version of this app, with the key that it was sent with. */
  takeOver(oldKey: string, fields: TaskFields): Promise<void> {
    const id = crypto.randomUUID();
    return this.change({ enqueue: [this.operation({ op: "create", id, fields, oldKey })] });
  }

  /** Applies a change to the state and the local copy, here and in the other tabs. */
  async change(change: Change): Promise<void> {
    this.absorb(change);
    this.channel?.postMessage(change);
    await this.copy.write(change);
  }

  /** Applies a change of another tab, which has written it to the local copy. */
  private absorb(change: Change): void {
    if (this.early) this.early.push(change);
    if (change.clear) this.saved.clear();
    for (const task of change.put ?? []) this.saved.set(task.id, task);
    for (const id of change.remove ?? []) this.saved.delete(id);
    const queue = new Map(this.state.operations.map((each) => [each.key, each]));
    for (const operation of change.enqueue ?? []) queue.set(operation.key, operation);
    for (const key of change.dequeue ?? []) queue.delete(key);
    const operations = [...queue.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
    this.set({
      operations,
      tasks: withQueue(this.saved, operations, this.userId),
      ...(change.checkpoint && { checkpoint: change.checkpoint }),
    });
  }

  set(some: Partial<State>): void {
    this.state = { ...this.state, ...some };
    for (const listener of this.listeners) listener();
  }

  /** Returns the operations in the local copy, which other tabs may have sent. */
  queued = (): Promise<Operation[]> => this.copy.operations();

  /** Returns the task as the API has it. */
  savedTask = (id: string): Task | undefined => this.saved.get(id);
  savedIds = (): Iterable<string> => this.saved.keys();

  async claim(operations: Operation[], attempt: string): Promise<Operation[]> {
    const claimed = await this.copy.claim(keysOf(operations), attempt);
    const change = { enqueue: claimed };
    this.absorb(change);
    this.channel?.postMessage(change);
    return claimed;
  }

  private enqueue(...added: NewOperation[]): Operation[] {
    const operations = added.map((each) => this.operation(each));
    this.send({ enqueue: operations });
    return operations;
  }

  /** Stores a change of the user, and then sends it. */
  private send(change: Change): void {
    this.change(change).then(
      () => this.onChange(),
      (error) => this.set({ error }), // such as a full disk
    );
  }

  private operation(added: NewOperation): Operation {
    this.lastTime = Math.max(Date.now(), this.lastTime + 1);
    const time = new Date(this.lastTime).toISOString();
    return { ...added, at: time, key: `${time} ${crypto.randomUUID()}` };
  }

  /** Takes back operations that were not sent, or adds the inverse of those that were. */
  private async undo(
    operations: (Operation | undefined)[],
    inverse: NewOperation[],
  ): Promise<void> {
    const keys = keysOf(operations.filter((each) => each !== undefined));
    if (!(await this.copy.withdraw(keys))) {
      this.enqueue(...inverse);
      return;
    }
    const change = { dequeue: keys };
    this.absorb(change);
    this.channel?.postMessage(change);
  }
}

const keysOf = (operations: Operation[]) => operations.map(({ key }) => key);
