"use client";

import { useState } from "react";
import { EditTask } from "@/components/edit-task";
import { NewTask } from "@/components/new-task";
import { OfflineNotice } from "@/components/offline-notice";
import { TaskList } from "@/components/task-list";
import { Toolbar } from "@/components/toolbar";
import type { Task } from "@/lib/api-client";
import { useFilters } from "@/lib/use-filters";
import { useShortcuts } from "@/lib/use-shortcuts";

/** The user's tasks: a form for new tasks, search and filters, and the list. */
export default function Dashboard() {
  const [filters, setFilters] = useFilters();
  const [editedTask, setEditedTask] = useState<Task>();
  useShortcuts();
  return (
    <>
      <h1 className="mb-6 text-2xl font-semibold tracking-tight sm:text-3xl">Your tasks</h1>
      <OfflineNotice />
      <NewTask />
      <Toolbar filters={filters} onChange={setFilters} />
      <TaskList
        filters={filters}
        onClear={() => setFilters({ status: "all", search: "" })}
        onEdit={setEditedTask}
      />
      <p className="mt-6 hidden text-center text-sm text-muted sm:block">
        Press <kbd className="font-semibold">n</kbd> to add a task or{" "}
        <kbd className="font-semibold">/</kbd> to search.
      </p>
      <EditTask task={editedTask} onClose={() => setEditedTask(undefined)} />
    </>
  );
}
