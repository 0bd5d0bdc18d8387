// Compiled and never run. Each expected error is a mistake that the compiler must report.
import type { TodoApiError, TodoClient } from "todo-api-client";

export async function promises(api: TodoClient, error: TodoApiError) {
  const { data: tasks } = await api.GET("/api/tasks", { params: { query: { completed: true } } });
  const title: string | undefined = tasks[0]?.title;
  const { data: task } = await api.POST("/api/tasks", { body: { title: "Water the plants" } });
  const due: string | null = task.due_date;
  const priority: "low" | "medium" | "high" | "urgent" = task.priority;
  const params = { path: { id: task.id } };
  const { data: nothing } = await api.DELETE("/api/tasks/{id}", { params });
  const none: undefined = nothing;
  const { data: me } = await api.GET("/api/me");
  if (error.code === "token_expired" || error.code === "timeout") console.log(error.current?.title);
  await api.POST("/api/auth/signup", { body: { email: me.email, password: "correct horse" } });
  await api.POST("/api/tasks/{id}/complete", { params: { path: { id: task.id } } });

  // @ts-expect-error there is no such path
  await api.GET("/api/todos");
  // @ts-expect-error this path has no such method
  await api.PUT("/api/tasks", {});
  // @ts-expect-error a title is required
  await api.POST("/api/tasks", { body: {} });
  // @ts-expect-error a body is required
  await api.POST("/api/tasks");
  // @ts-expect-error an id is required
  await api.GET("/api/tasks/{id}");
  // @ts-expect-error not a priority
  await api.POST("/api/tasks", { body: { title: "x", priority: "now" } });
  // @ts-expect-error not a parameter
  await api.GET("/api/tasks", { params: { query: { page: 2 } } });
  // @ts-expect-error an option that does not exist
  await api.GET("/api/tasks", { query: { limit: 2 } });
  // @ts-expect-error not a code
  if (error.code === "token_old") return;
  return { title, due, priority, none };
}
