// Reading and changing tasks with TanStack Query. Changes are shown at once: useShownTasks applies the
// pending changes to the tasks from the API. A failed change is no longer pending, so no rollback is
// needed.
import {
  type InfiniteData,
  keepPreviousData,
  type QueryClient,
  useInfiniteQuery,
  useMutation,
  useMutationState,
  useQueryClient,
} from "@tanstack/react-query";
import type { Page, Task, TaskFields, Version } from "./api-client";
import { errorText, hasCode, isTemporary } from "./errors";
import type { Filters } from "./filters";
import { type Change, withPending } from "./pending";
import { showToast } from "./toast";
import { UNDO_MILLISECONDS, undoPeriod } from "./undo";
import { useUser } from "./user-context";
import { needsChoice } from "./versions";

export const LIST = ["tasks"];
const CHANGE = ["change"];
const CHANGED_ELSEWHERE = "it was changed in another tab or on another device";
type Pages = InfiniteData<Page, string | undefined>;

export function useTasks(filters: Filters) {
  const { tasks } = useUser();
  return useInfiniteQuery({
    queryKey: [...LIST, filters],
    queryFn: ({ pageParam }) => tasks.list(filters, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.cursor,
    placeholderData: keepPreviousData,
  });
}

/** Returns the tasks of these pages, with all pending changes applied. */
export function useShownTasks(pages: Page[]): Task[] {
  const changes = useMutationState({
    filters: { mutationKey: CHANGE, status: "pending" },
    select: (mutation) => mutation.state.variables as Change,
  });
  return withPending(
    pages.flatMap((page) => page.tasks),
    changes,
  );
}

export function useSetCompleted(task: Task) {
  const client = useQueryClient();
  const { tasks } = useUser();
  const mutation = useMutation({
    mutationKey: CHANGE,
    scope: { id: task.id }, // one request after the other, so that the last click wins
    mutationFn: ({ id, completed }: { id: string; completed: boolean }) =>
      tasks.setCompleted(id, completed),
    onSuccess: (task) => replace(client, task),
    onError: (error, change) => {
      if (hasCode(error, "not_found")) {
        return showToast(`“${task.title}” was deleted in another tab or on another device`, {
          failed: true,
        });
      }
      const verb = change.completed ? "completed" : "reopened";
      showToast(`“${task.title}” could not be ${verb}: ${errorText(error)}`, {
        failed: true,
        ...(isTemporary(error) && {
          action: { name: "Try again", run: () => mutation.mutate(change) },
        }),
      });
    },
    onSettled: () => void client.invalidateQueries({ queryKey: LIST }),
  });
  return (completed: boolean) => mutation.mutate({ id: task.id, completed });
}

/** Deletes the task after the undo period. Nothing is deleted if the user undoes it or closes the tab,
 *  or if the task was changed elsewhere since it was shown. */
export function useDelete(shown: Task) {
  const client = useQueryClient();
  const { tasks } = useUser();
  const { mutate } = useMutation({
    mutationKey: CHANGE,
    scope: { id: shown.id },
    mutationFn: async ({ id }: { id: string; deleted: true }) => {
      const task = find(client, id) ?? shown; // `shown` may be older than this tab's last change
      const { over, undo } = undoPeriod();
      const close = showToast(`Deleted “${task.title}”`, {
        action: { name: "Undo", run: undo },
        milliseconds: UNDO_MILLISECONDS,
      });
      const goAhead = await over;
      close();
      if (!goAhead) return;
      const current = await tasks.read(id);
      if (current.task.updated_at !== task.updated_at) throw new ChangedElsewhere(current);
      await tasks.remove(id, current.etag);
      removeFromLists(client, id);
    },
    onError: (error) => {
      if (hasCode(error, "not_found")) return; // it was already deleted elsewhere
      const reason =
        error instanceof ChangedElsewhere || hasCode(error, "precondition_failed")
          ? CHANGED_ELSEWHERE
          : errorText(error);
      showToast(`“${shown.title}” was not deleted: ${reason}`, {
        failed: true,
        ...(isTemporary(error) && {
          action: { name: "Try again", run: () => mutate({ id: shown.id, deleted: true }) },
        }),
      });
    },
    onSettled: () => void client.invalidateQueries({ queryKey: LIST }),
  });
  return () => mutate({ id: shown.id, deleted: true });
}

/** Changes fields of a task. Rejects with ChangedElsewhere if other changes since `version` conflict
 *  with these, so that the user can choose. */
export function useChange(id: string) {
  const client = useQueryClient();
  const { tasks } = useUser();
  return useMutation({
    scope: { id },
    mutationFn: async ({ version, fields }: { version: Version; fields: Partial<TaskFields> }) => {
      try {
        return await tasks.change(id, version.etag, fields);
      } catch (error) {
        if (!hasCode(error, "precondition_failed") || !error.current) throw error;
        const etag = error.response?.headers.get("ETag") ?? "";
        const current = { task: error.current, etag };
        if (needsChoice(version.task, fields, current.task)) throw new ChangedElsewhere(current);
        return tasks.change(id, etag, fields); // no conflict, such as a completion
      }
    },
    onSuccess: (task) => replace(client, task),
    onSettled: () => void client.invalidateQueries({ queryKey: LIST }),
  });
}

/** The task is no longer the version that the user saw. `current` is its present version. */
export class ChangedElsewhere extends Error {
  readonly current: Version;

  constructor(current: Version) {
    super(CHANGED_ELSEWHERE);
    this.current = current;
  }
}

/** Returns the task from the cached lists. */
export function find(client: QueryClient, id: string): Task | undefined {
  const lists = client.getQueriesData<Pages>({ queryKey: LIST });
  return lists
    .flatMap(([, list]) => list?.pages ?? [])
    .flatMap((page) => page.tasks)
    .find((task) => task.id === id);
}

/** Replaces the task in all cached lists. */
function replace(client: QueryClient, task: Task) {
  return updateLists(client, (tasks) =>
    tasks.map((other) => (other.id === task.id ? task : other)),
  );
}

function removeFromLists(client: QueryClient, id: string) {
  return updateLists(client, (tasks) => tasks.filter((task) => task.id !== id));
}

async function updateLists(client: QueryClient, change: (tasks: Task[]) => Task[]) {
  // The response to an older request must not overwrite the change.
  await client.cancelQueries({ queryKey: LIST });
  client.setQueriesData<Pages>(
    { queryKey: LIST },
    (list) =>
      list && {
        ...list,
        pages: list.pages.map((page) => ({ ...page, tasks: change(page.tasks) })),
      },
  );
}
