import type { Task } from "../src/lib/task.ts";

export function task(id: string, fields: Partial<Task> = {}): Task {
  return {
    id,
    user_id: "alice",
    title: "Water the plants",
    description: null,
    completed: false,
    completed_at: null,
    priority: "medium",
    due_date: null,
    due_at: null,
    time_zone: null,
    remind_at: null,
    repeat: null,
    tags: [],
    created_at: "2026-11-20T08:00:00Z",
    updated_at: "2026-11-20T08:00:00Z",
    deleted_at: null,
    ...fields,
  };
}
