// The API, as the person whose page this is sees it.
import { createTodoClient, nextPage, type Task } from "todo-api-client";
import { getToken } from "./auth-client";
import type { Filters } from "./filters";

export const api = createTodoClient({
  baseUrl: process.env.NEXT_PUBLIC_API_URL ?? "http://localhost:8000",
  getToken,
});

export type { Task };
export type TaskFields = Pick<Task, "title" | "description" | "priority" | "due_date">;
/** A task, and the ETag of the version that was read. */
export type Version = { task: Task; etag: string };
export type Page = { tasks: Task[]; total: number; cursor?: string };

const PAGE_SIZE = 50;

/** The calls for one person's tasks. Their id is part of each address: should somebody else have
 *  signed in meanwhile, in another tab, the API refuses with user_mismatch. */
export function tasksOf(user_id: string) {
  const at = (id: string) => ({ user_id, id });
  return {
    async list({ status, search, sort }: Filters, cursor?: string): Promise<Page> {
      const query = {
        status,
        sort,
        limit: PAGE_SIZE,
        ...(search && { search }),
        ...(cursor && { cursor }),
      };
      const { data, response } = await api.GET("/api/users/{user_id}/tasks", {
        params: { path: { user_id }, query },
      });
      const total = Number(response.headers.get("X-Total-Count"));
      return { tasks: data, total, ...nextPage(response) };
    },

    async read(id: string): Promise<Version> {
      const { data, response } = await api.GET("/api/users/{user_id}/tasks/{id}", {
        params: { path: at(id) },
      });
      return { task: data, etag: response.headers.get("ETag") ?? "" };
    },

    /** Sent again with the same key, it makes no second task. */
    async create(key: string, body: TaskFields): Promise<Task> {
      const header = { "Idempotency-Key": key };
      const params = { path: { user_id }, header };
      return (await api.POST("/api/users/{user_id}/tasks", { params, body })).data;
    },

    /** Changes the fields that are sent, if nobody has changed the task since it was read. */
    async change(id: string, etag: string, body: Partial<TaskFields>): Promise<Task> {
      const params = { path: at(id), header: { "If-Match": etag } };
      return (await api.PATCH("/api/users/{user_id}/tasks/{id}", { params, body })).data;
    },

    async setCompleted(id: string, completed: boolean): Promise<Task> {
      const init = { params: { path: at(id) }, body: { completed } };
      return (await api.POST("/api/users/{user_id}/tasks/{id}/complete", init)).data;
    },

    async remove(id: string, etag: string): Promise<void> {
      const params = { path: at(id), header: { "If-Match": etag } };
      await api.DELETE("/api/users/{user_id}/tasks/{id}", { params });
    },
  };
}
