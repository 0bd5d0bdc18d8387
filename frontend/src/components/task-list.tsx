"use client";

import { useEffect, useMemo, useRef, useState } from "react";
import { type Group, groupsOf, OVERDUE } from "@/lib/groups";
import type { Task } from "@/lib/task";
import { useActions } from "@/lib/use-actions";
import { useListFocus } from "@/lib/use-list-focus";
import { useToday } from "@/lib/use-today";
import { useDraftIds, useTaskState } from "@/lib/user-context";
import { queryOf, type View } from "@/lib/views";
import { Button } from "./button";
import { Empty } from "./states";
import { TaskRow, TrashRow } from "./task-row";

const FIRST_STEP = 50; // rows
const STEP = 100;

type Props = { view: View; onOpen: (task: Task) => void };

/** The tasks of a view, in groups. A long list is shown in steps, so that it is fast. */
export function TaskList({ view, onOpen }: Props) {
  const { tasks } = useTaskState();
  const today = useToday();
  const draftIds = useDraftIds();
  const { purge, move } = useActions();
  const place = queryOf({ ...view, task: "" });
  // biome-ignore lint/correctness/useExhaustiveDependencies: `place` stands for the view
  const groups = useMemo(() => groupsOf(view, tasks.values(), today), [place, tasks, today]);
  const [shown, setShown] = useState({ place, rows: FIRST_STEP });
  const rows = shown.place === place ? shown.rows : FIRST_STEP;
  const list = useRef<HTMLDivElement>(null);
  useListFocus(list);

  const overdue = () => groups.find(({ key }) => key === OVERDUE)?.tasks ?? [];
  const total = groups.reduce((sum, group) => sum + group.tasks.length, 0);
  if (total === 0) return <Empty view={view} />;
  return (
    <div ref={list}>
      {view.view === "trash" && !view.search && (
        <div className="mb-3 flex flex-wrap items-center justify-between gap-3 rounded-xl bg-sunken px-4 py-2 text-sm">
          Tasks in the trash are deleted for good after 30 days.
          <Button variant="secondary" onClick={() => purge(groups.flatMap((group) => group.tasks))}>
            Empty the trash
          </Button>
        </div>
      )}
      {firstRows(groups, rows).map((group) => (
        <section key={group.key} aria-label={group.title ?? "Tasks"} className="mb-6">
          {group.title && (
            <h2 className="flex items-baseline gap-2 border-b border-line pb-2 text-sm font-semibold">
              {group.title}
              <span className="font-normal text-muted tabular-nums">{group.count}</span>
              {view.view === "today" && group.key === OVERDUE && group.title && (
                <Button
                  variant="quiet"
                  className="-my-1 ml-auto min-h-8 px-2.5"
                  onClick={() => move(overdue(), today)}
                >
                  Move all to today
                </Button>
              )}
            </h2>
          )}
          <ul>
            {group.tasks.map((task) =>
              task.deleted_at ? (
                <TrashRow key={task.id} task={task} />
              ) : (
                <TaskRow
                  key={task.id}
                  task={task}
                  today={today}
                  isDayKnown={group.isDay ?? false}
                  hasDraft={draftIds.has(task.id)}
                  tag={view.tag}
                  onOpen={onOpen}
                />
              ),
            )}
          </ul>
        </section>
      ))}
      {total > rows && <More onShow={() => setShown({ place, rows: rows + STEP })} />}
    </div>
  );
}

function firstRows(groups: Group[], rows: number) {
  let left = rows;
  return groups.flatMap((group) => {
    const tasks = group.tasks.slice(0, left);
    left -= tasks.length;
    return tasks.length ? [{ ...group, tasks, count: group.tasks.length }] : [];
  });
}

/** A button that shows more rows, also when it comes into view. */
function More({ onShow }: { onShow: () => void }) {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => entries.some(({ isIntersecting }) => isIntersecting) && onShow(),
      { rootMargin: "600px" },
    );
    if (end.current) observer.observe(end.current);
    return () => observer.disconnect();
  }, [onShow]);
  return (
    <div ref={end} className="py-4 text-center">
      <Button variant="secondary" onClick={onShow}>
        Show more
      </Button>
    </div>
  );
}
