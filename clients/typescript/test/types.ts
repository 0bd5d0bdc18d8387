// Compiled and never run. Each expected error is a mistake that the compiler must report.
import type { Task, TodoApiError, TodoClient } from "todo-api-client";

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
  const { data: changed } = await api.POST("/api/tasks/{id}/complete", { params });
  const next: Task | undefined = changed.next;
  const tags: string[] = task.tags;
  const times: [string | null, string | null] = [task.due_at, task.remind_at];
  const rule: { rule: string; from: "due" | "completion" } | null = task.repeat;
  const body = { title: "x", due_at: "", remind_at: null, tags, repeat: { rule: "FREQ=DAILY" } };
  await api.POST("/api/tasks", { body });
  const { data: counted } = await api.GET("/api/tags");
  const open: number | undefined = counted[0]?.open;

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
  // @ts-expect-error a rule is required
  await api.POST("/api/tasks", { body: { title: "x", repeat: { from: "due" } } });
  // @ts-expect-error not a basis
  await api.POST("/api/repeat/preview", { body: { repeat: { rule: "FREQ=DAILY", from: "now" } } });
  // @ts-expect-error a name is required
  await api.PATCH("/api/tags/{name}", { params: { path: { name: "home" } }, body: {} });
  // @ts-expect-error only a changed task has a next one
  console.log(task.next);
  // @ts-expect-error not a parameter
  await api.GET("/api/tasks", { params: { query: { page: 2 } } });
  // @ts-expect-error an option that does not exist
  await api.GET("/api/tasks", { query: { limit: 2 } });
  // @ts-expect-error not a code
  if (error.code === "token_old") return;
  return { title, due, priority, none, next, times, rule, open };
}
