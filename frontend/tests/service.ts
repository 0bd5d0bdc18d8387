// A small imitation of the API: sync, batch, the trash, and deleting for good.
import { TodoApiError, type TodoClient } from "todo-api-client";
import type { Task } from "../src/lib/task.ts";
import { task } from "./task.ts";

type Stored = { task: Task; seq: number };
type Operation = { op: string; id: string; if_match?: string; fields?: Partial<Task> };

export class FakeService {
  readonly stored = new Map<string, Stored>();
  readonly batches: { key: string; operations: Operation[] }[] = [];
  private readonly responses = new Map<string, unknown>();
  private seq = 0;
  oldest = 0; // checkpoints before this one are a 410
  quota = Number.POSITIVE_INFINITY;
  /** Called before a batch is run, and after it, when the response is on its way. */
  onBatch = () => {};
  onResponse = () => {};

  write(id: string, fields: Partial<Task> = {}): Task {
    this.seq += 1;
    const before = this.stored.get(id)?.task ?? task(id);
    const changed = { ...before, ...fields, updated_at: `version ${this.seq}` };
    this.stored.set(id, { task: changed, seq: this.seq });
    return changed;
  }

  purge(id: string) {
    this.stored.delete(id);
    this.seq += 1;
    this.oldest = this.seq;
  }

  titles(): string[] {
    const open = [...this.stored.values()].filter((each) => !each.task.deleted_at);
    return open.map((each) => each.task.title);
  }

  get api(): TodoClient {
    const call = (method: string) => (path: string, init: never) =>
      this.request(method, path, init);
    const calls = { GET: call("GET"), POST: call("POST"), DELETE: call("DELETE") };
    return { ...calls, sync: (since?: string) => this.sync(since) } as never;
  }

  private async *sync(since?: string) {
    const from = Number(since ?? 0);
    if (Number.isNaN(from)) throw refused(400, "validation_error");
    if (since && from < this.oldest) throw refused(410, "resync_required");
    if (since === String(this.seq)) return;
    const changed = [...this.stored.values()].filter(({ seq }) => seq > from);
    for (const [index, { task, seq }] of changed.entries()) {
      const more = index < changed.length - 1;
      yield {
        tasks: task.deleted_at ? [] : [task],
        deleted: task.deleted_at ? [task.id] : [],
        checkpoint: String(more ? seq : this.seq),
        more,
      };
    }
    if (!changed.length)
      yield { tasks: [], deleted: [], checkpoint: String(this.seq), more: false };
  }

  // biome-ignore lint/suspicious/noExplicitAny: the requests of several paths
  private async request(method: string, path: string, { params, body }: any) {
    if (path === "/api/batch") {
      const key = params.header["Idempotency-Key"];
      this.onBatch();
      this.batches.push({ key, operations: body.operations });
      const results =
        this.responses.get(key) ?? body.operations.map((each: Operation) => this.run(each));
      this.responses.set(key, results);
      this.onResponse();
      return { data: { results } };
    }
    if (method === "DELETE") {
      this.purge(params.path.id);
      return { data: undefined };
    }
    if (method === "POST") {
      const key = params.header["Idempotency-Key"];
      const created = this.responses.get(key) ?? this.write(`server ${key}`, body);
      this.responses.set(key, created);
      return { data: created };
    }
    if (path === "/api/tasks") {
      const tasks = [...this.stored.values()].map((each) => each.task);
      return { data: tasks.filter(({ deleted_at }) => deleted_at) };
    }
    const found = this.stored.get(params.path.id)?.task;
    if (!found || found.deleted_at) throw refused(404, "not_found");
    return { data: found };
  }

  private run({ op, id, if_match, fields }: Operation) {
    const found = this.stored.get(id)?.task;
    const isTrashed = Boolean(found?.deleted_at);
    if (op === "create") {
      if (found) return failure(412, "precondition_failed");
      if (this.stored.size >= this.quota) return failure(409, "quota_exceeded");
      return { status: 201, task: this.write(id, fields) };
    }
    if (!found || isTrashed !== (op === "restore")) return failure(404, "not_found");
    if (if_match && if_match !== found.updated_at) {
      return failure(412, "precondition_failed", found);
    }
    if (op === "delete") {
      this.write(id, { deleted_at: "2026-12-01T10:00:00Z" });
      return { status: 204 };
    }
    return { status: 200, task: this.write(id, op === "restore" ? { deleted_at: null } : fields) };
  }
}

const failure = (status: number, code: string, current?: Task) => ({
  status,
  problem: { code, detail: "Refused", ...(current && { current }) },
});

export const refused = (status: number, code: string) =>
  new TodoApiError({
    response: new Response("{}", { status }),
    problem: { detail: "Refused", code } as never,
  });
export const noResponse = () => new TodoApiError({ code: "network_error" });
