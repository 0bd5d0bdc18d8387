"use client";

import { useState } from "react";
import { EditTask } from "@/components/edit-task";
import { NewTask } from "@/components/new-task";
import { Notices } from "@/components/notices";
import { TaskList } from "@/components/task-list";
import { Toolbar } from "@/components/toolbar";
import type { Task } from "@/lib/api-client";
import { useFilters } from "@/lib/use-filters";
import { useShortcuts } from "@/lib/use-shortcuts";

/** A person's tasks: add one, find one, change one. */
export default function Dashboard() {
  const [filters, setFilters] = useFilters();
  const [edited, edit] = useState<Task>();
  useShortcuts();
  return (
    <>
      <h1 className="mb-6 text-2xl font-semibold tracking-tight sm:text-3xl">Your tasks</h1>
      <Notices />
      <NewTask />
      <Toolbar filters={filters} onChange={setFilters} />
      <TaskList
        filters={filters}
        onClear={() => setFilters({ status: "all", search: "" })}
        onEdit={edit}
      />
      <p className="mt-6 hidden text-center text-sm text-muted sm:block">
        Press <kbd className="font-semibold">n</kbd> for a new task and{" "}
        <kbd className="font-semibold">/</kbd> to search.
      </p>
      <EditTask task={edited} onClose={() => edit(undefined)} />
    </>
  );
}
