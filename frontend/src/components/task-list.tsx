"use client";

import { useRef } from "react";
import type { Page, Task } from "@/lib/api-client";
import type { Filters } from "@/lib/filters";
import { inWords, isTemporary } from "@/lib/problems";
import { useKeptFocus } from "@/lib/use-kept-focus";
import { useOutbox } from "@/lib/use-outbox";
import { useShownTasks, useTasks } from "@/lib/use-tasks";
import { Button } from "./button";
import { Failed, Loading, NothingMatches, NothingYet, Offline } from "./states";
import { TaskRow } from "./task-row";
import { UnsentRow } from "./unsent-row";

const NO_PAGES: Page[] = [];

type Props = { filters: Filters; onClear: () => void; onEdit: (task: Task) => void };

export function TaskList({ filters, onClear, onEdit }: Props) {
  const query = useTasks(filters);
  // Trying again may help against the first; against a suspension or the end of a session nothing does.
  const isOutdated = query.data !== undefined && query.isError && isTemporary(query.error);
  const isRefused = query.isError && !isTemporary(query.error);
  const pages = (!isRefused && query.data?.pages) || NO_PAGES;
  const tasks = useShownTasks(pages);
  const arrived = new Set(tasks.map(({ id }) => id));
  const unsent = useOutbox().filter(({ sent }) => !sent || !arrived.has(sent.id));
  const list = useRef<HTMLUListElement>(null);
  useKeptFocus(list);

  const leaving = pages.flatMap((page) => page.tasks).length - tasks.length;
  const total = (pages.at(-1)?.total ?? 0) - leaving;
  const narrowed = filters.status !== "all" || filters.search !== "";
  const empty = tasks.length + unsent.length === 0;
  const words = total === 1 ? "1 task" : `${total} tasks`;

  return (
    <section aria-label="Tasks">
      <p role="status" className="mb-2 min-h-5 px-1 text-sm text-muted">
        {query.data && !isRefused && !empty && words}
      </p>
      {isOutdated && (
        <div
          role="alert"
          className="mb-4 flex flex-wrap items-center justify-between gap-x-4 gap-y-2 rounded-xl bg-warning-soft py-2 pr-2 pl-4 text-sm text-warning"
        >
          This is how your tasks were a moment ago: {inWords(query.error)}.
          <Button look="secondary" onClick={() => query.refetch()}>
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
          empty && (narrowed ? <NothingMatches onClear={onClear} /> : <NothingYet />)
        ) : query.isError ? (
          <Failed error={query.error} onRetry={() => query.refetch()} />
        ) : query.isPaused ? (
          <Offline />
        ) : (
          <Loading />
        )}
      </div>
      {query.hasNextPage && (
        <div className="mt-5 text-center">
          <Button
            look="secondary"
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
