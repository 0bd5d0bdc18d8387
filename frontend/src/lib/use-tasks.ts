// Reading and changing tasks with TanStack Query. What is asked for shows at once: useShownTasks lays
// the pending changes over what the API has answered. When one fails there is nothing to take back.
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
import type { Filters } from "./filters";
import { useHere } from "./here";
import { type Change, withPending } from "./pending";
import { hasCode, inWords, isTemporary } from "./problems";
import { say } from "./say";
import { UNDO_MILLISECONDS, undoPeriod } from "./undo";
import { needsChoice } from "./versions";

export const LIST = ["tasks"];
const CHANGE = ["change"];
type Pages = InfiniteData<Page, string | undefined>;

export function useTasks(filters: Filters) {
  const { tasks } = useHere();
  return useInfiniteQuery({
    queryKey: [...LIST, filters],
    queryFn: ({ pageParam }) => tasks.list(filters, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.cursor,
    placeholderData: keepPreviousData,
  });
}

/** The tasks of these pages as they will be once the pending changes are through. */
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
  const { tasks } = useHere();
  const mutation = useMutation({
    mutationKey: CHANGE,
    scope: { id: task.id }, // one after the other, so that the last click wins
    mutationFn: ({ id, completed }: { id: string; completed: boolean }) =>
      tasks.setCompleted(id, completed),
    onSuccess: (answer) => keep(client, answer),
    onError: (error, change) => {
      if (hasCode(error, "not_found")) {
        return say(`“${task.title}” was deleted elsewhere`, { failed: true });
      }
      const verb = change.completed ? "completed" : "reopened";
      say(`“${task.title}” could not be ${verb}: ${inWords(error)}`, {
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

/** Deletes the task a while later, unless it is undone. A tab that is closed meanwhile deletes
 *  nothing; neither does one whose task was changed elsewhere since it was shown. */
export function useDelete(shown: Task) {
  const client = useQueryClient();
  const { tasks } = useHere();
  const { mutate } = useMutation({
    mutationKey: CHANGE,
    scope: { id: shown.id },
    mutationFn: async ({ id }: { id: string; deleted: true }) => {
      const task = find(client, id) ?? shown; // an own change may just have come through
      const { over, undo } = undoPeriod();
      const close = say(`Deleted “${task.title}”`, {
        action: { name: "Undo", run: undo },
        milliseconds: UNDO_MILLISECONDS,
      });
      const goAhead = await over;
      close();
      if (!goAhead) return;
      const current = await tasks.read(id);
      if (current.task.updated_at !== task.updated_at) throw new ChangedElsewhere(current);
      await tasks.remove(id, current.etag);
      forget(client, id);
    },
    onError: (error) => {
      if (hasCode(error, "not_found")) return; // somebody else deleted it
      const reason =
        error instanceof ChangedElsewhere || hasCode(error, "precondition_failed")
          ? "it was changed elsewhere meanwhile"
          : inWords(error);
      say(`“${shown.title}” was not deleted: ${reason}`, {
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

/** Changes fields of a version. Rejects with ChangedElsewhere when somebody has changed fields of the
 *  task since, so that the person can choose. */
export function useChange(id: string) {
  const client = useQueryClient();
  const { tasks } = useHere();
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
        return tasks.change(id, etag, fields); // only completed meanwhile, for example
      }
    },
    onSuccess: (answer) => keep(client, answer),
    onSettled: () => void client.invalidateQueries({ queryKey: LIST }),
  });
}

/** The task is not what the person saw; `current` is what it has become. */
export class ChangedElsewhere extends Error {
  readonly current: Version;

  constructor(current: Version) {
    super("it was changed elsewhere meanwhile");
    this.current = current;
  }
}

/** The task as the lists in memory show it. */
export function find(client: QueryClient, id: string): Task | undefined {
  const lists = client.getQueriesData<Pages>({ queryKey: LIST });
  return lists
    .flatMap(([, list]) => list?.pages ?? [])
    .flatMap((page) => page.tasks)
    .find((task) => task.id === id);
}

/** Puts what the API has answered into every list that shows the task. */
function keep(client: QueryClient, task: Task) {
  return rewrite(client, (tasks) => tasks.map((other) => (other.id === task.id ? task : other)));
}

function forget(client: QueryClient, id: string) {
  return rewrite(client, (tasks) => tasks.filter((task) => task.id !== id));
}

async function rewrite(client: QueryClient, change: (tasks: Task[]) => Task[]) {
  await client.cancelQueries({ queryKey: LIST }); // an older answer must not overwrite this one
  client.setQueriesData<Pages>(
    { queryKey: LIST },
    (list) =>
      list && {
        ...list,
        pages: list.pages.map((page) => ({ ...page, tasks: change(page.tasks) })),
      },
  );
}
