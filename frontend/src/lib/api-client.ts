// Calls of the API as the signed-in user.
import { createTodoClient, nextPage, type Task } from "todo-api-client";
import { getToken } from "./auth-client";
import type { Filters } from "./filters";

export const api = createTodoClient({
  baseUrl: process.env.NEXT_PUBLIC_API_URL ?? "http://localhost:8000",
  getToken,
});

export type { Task };
export type TaskFields = Pick<Task, "title" | "description" | "priority" | "due_date">;
/** A task with its ETag. */
export type Version = { task: Task; etag: string };
export type Page = { tasks: Task[]; total: number; cursor?: string };

const PAGE_SIZE = 50;

/** Returns the calls for one user's tasks. The user's id is part of each path: if another user has
 *  signed in in another tab, the API returns the error user_mismatch. */
export function tasksOf(user_id: string) {
  const pathOf = (id: string) => ({ user_id, id });
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
        params: { path: pathOf(id) },
      });
      return { task: data, etag: response.headers.get("ETag") ?? "" };
    },

    /** Creates a task. A repeated call with the same key creates no second one. */
    async create(key: string, body: TaskFields): Promise<Task> {
      const header = { "Idempotency-Key": key };
      const params = { path: { user_id }, header };
      return (await api.POST("/api/users/{user_id}/tasks", { params, body })).data;
    },

    /** Changes the given fields. Fails with precondition_failed if the task has another ETag. */
    async change(id: string, etag: string, body: Partial<TaskFields>): Promise<Task> {
      const params = { path: pathOf(id), header: { "If-Match": etag } };
      return (await api.PATCH("/api/users/{user_id}/tasks/{id}", { params, body })).data;
    },

    async setCompleted(id: string, completed: boolean): Promise<Task> {
      const init = { params: { path: pathOf(id) }, body: { completed } };
      return (await api.POST("/api/users/{user_id}/tasks/{id}/complete", init)).data;
    },

    async remove(id: string, etag: string): Promise<void> {
      const params = { path: pathOf(id), header: { "If-Match": etag } };
      await api.DELETE("/api/users/{user_id}/tasks/{id}", { params });
    },
  };
}
