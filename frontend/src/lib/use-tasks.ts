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
import { useHere } from "@/components/providers";
import { say } from "@/components/toasts";
import type { Page, Task, TaskFields } from "./api-client";
import type { Filters } from "./filters";
import { type Change, withPending } from "./pending";
import { hasCode, inWords, isTemporary } from "./problems";
import { UNDO_MILLISECONDS, undoPeriod } from "./undo";

const LIST = ["tasks"];
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
      const { task: current, etag } = await tasks.read(id);
      if (current.updated_at !== task.updated_at) throw new ChangedElsewhere();
      await tasks.remove(id, etag);
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

/** Changes fields of the version that `etag` names. Rejects with precondition_failed, and in `current`
 *  the task as it is now, when somebody was faster. */
export function useChange(id: string) {
  const client = useQueryClient();
  const { tasks } = useHere();
  return useMutation({
    scope: { id },
    mutationFn: ({ etag, fields }: { etag: string; fields: Partial<TaskFields> }) =>
      tasks.change(id, etag, fields),
    onSuccess: (answer) => keep(client, answer),
    onSettled: () => void client.invalidateQueries({ queryKey: LIST }),
  });
}

class ChangedElsewhere extends Error {}

function find(client: QueryClient, id: string): Task | undefined {
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
