"use client";

import { useRef } from "react";
import type { Page, Task } from "@/lib/api-client";
import { errorText, isTemporary } from "@/lib/errors";
import type { Filters } from "@/lib/filters";
import { useListFocus } from "@/lib/use-list-focus";
import { useOutbox } from "@/lib/use-outbox";
import { useShownTasks, useTasks } from "@/lib/use-tasks";
import { Button } from "./button";
import { EmptyList, LoadError, Loading, NoMatches, Offline } from "./states";
import { TaskRow } from "./task-row";
import { UnsentRow } from "./unsent-row";

const NO_PAGES: Page[] = [];

type Props = { filters: Filters; onClear: () => void; onEdit: (task: Task) => void };

export function TaskList({ filters, onClear, onEdit }: Props) {
  const query = useTasks(filters);
  // After a temporary error the old list stays. After the others, such as a suspension or the end
  // of the session, it is hidden.
  const isOutdated = query.data !== undefined && query.isError && isTemporary(query.error);
  const isRefused = query.isError && !isTemporary(query.error);
  const pages = (!isRefused && query.data?.pages) || NO_PAGES;
  const tasks = useShownTasks(pages);
  const listedIds = new Set(tasks.map(({ id }) => id));
  const unsent = useOutbox().filter(({ sent }) => !sent || !listedIds.has(sent.id));
  const list = useRef<HTMLUListElement>(null);
  useListFocus(list);

  const beingDeleted = pages.flatMap((page) => page.tasks).length - tasks.length;
  const total = (pages.at(-1)?.total ?? 0) - beingDeleted;
  const isFiltered = filters.status !== "all" || filters.search !== "";
  const empty = tasks.length + unsent.length === 0;
  const count = total === 1 ? "1 task" : `${total} tasks`;

  return (
    <section aria-label="Tasks">
      <p role="status" className="mb-2 min-h-5 px-1 text-sm text-muted">
        {query.data && !isRefused && !empty && count}
      </p>
      {isOutdated && (
        <div
          role="alert"
          className="mb-4 flex flex-wrap items-center justify-between gap-x-4 gap-y-2 rounded-xl bg-warning-soft py-2 pr-2 pl-4 text-sm text-warning"
        >
          This list may be out of date: {errorText(query.error)}.
          <Button variant="secondary" onClick={() => query.refetch()}>
            Try again
          </Button>
        </div>
      )}
      {!empty && (
        <ul ref={list} className="card divide-y divide-line overflow-hidden">
          {unsent.map((entry) => (
            <UnsentRow key={entry.key} entry={entry} />
          ))}
          {tasks.map((task) => (
            <TaskRow key={task.id} task={task} onEdit={() => onEdit(task)} />
          ))}
        </ul>
      )}
      <div className={empty ? "" : "mt-4"}>
        {query.data && !isRefused ? (
          empty && (isFiltered ? <NoMatches onClear={onClear} /> : <EmptyList />)
        ) : query.isError ? (
          <LoadError error={query.error} onRetry={() => query.refetch()} />
        ) : query.isPaused ? (
          <Offline />
        ) : (
          <Loading />
        )}
      </div>
      {query.hasNextPage && (
        <div className="mt-5 text-center">
          <Button
            variant="secondary"
            disabled={query.isFetchingNextPage}
            onClick={() => query.fetchNextPage()}
          >
            {query.isFetchingNextPage ? "Loading…" : "Load more"}
          </Button>
        </div>
      )}
    </section>
  );
}
