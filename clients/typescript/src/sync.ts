import { TodoApiError } from "./error.js";
import type { Calls } from "./index.js";
import type { components } from "./schema.js";

export type Changes = components["schemas"]["Changes"];
export type BatchOperation = components["schemas"]["BatchOperationRequest"];
type Results = components["schemas"]["BatchResults"];
type Task = components["schemas"]["Task"];
type Fields = components["schemas"]["TaskRequest"];
type Result<Data> = Promise<{ data: Data; response: Response }>;
type Options = { signal?: AbortSignal };

/** Calls for clients that work offline. */
export interface SyncCalls {
  /** Yields the changes since a checkpoint, or all tasks, in pages of `limit` (1000), and nothing
   *  when nothing has changed. When the changes since the checkpoint are no longer known, it throws
   *  a TodoApiError with the code `resync_required`: start again without the checkpoint, and keep
   *  only the tasks that come. */
  sync(since?: string, options?: Options & { limit?: number }): AsyncGenerator<Changes, void>;

  /** Runs up to 100 operations in order. With `atomic` (true), the first failure undoes all of
   *  them: a TodoApiError with the code `batch_failed`. Otherwise `results` has the failures. */
  batch(
    operations: BatchOperation[],
    options?: Options & { atomic?: boolean; idempotencyKey?: string },
  ): Result<Results>;

  /** Creates a task with an id that the client has chosen. When the id exists, the error has the
   *  code `precondition_failed`. */
  createWithId(id: string, fields: Fields, options?: Options): Result<Task>;
}

export function syncCalls(api: Calls): SyncCalls {
  return {
    async *sync(since, { limit = 1000, ...options } = {}) {
      let page: Changes;
      do {
        const header = since ? { "If-None-Match": `"${since}"` } : {};
        const query = { limit, ...(since && { since }) };
        try {
          page = (await api.GET("/api/sync", { ...options, params: { query, header } })).data;
        } catch (error) {
          if (error instanceof TodoApiError && error.code === "not_modified") return;
          throw error;
        }
        yield page;
        since = page.checkpoint;
      } while (page.more);
    },

    batch(operations, { atomic = true, idempotencyKey, ...options } = {}) {
      const header = idempotencyKey ? { "Idempotency-Key": idempotencyKey } : {};
      const body = { atomic, operations };
      return api.POST("/api/batch", { ...options, params: { header }, body });
    },

    createWithId(id, body, options = {}) {
      const params = { path: { id }, header: { "If-None-Match": "*" } };
      return api.PUT("/api/tasks/{id}", { ...options, params, body });
    },
  };
}
