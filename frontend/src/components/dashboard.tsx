"use client";

import { useCallback, useEffect, useState } from "react";
import { isRefusal } from "@/lib/errors";
import type { Task } from "@/lib/task";
import { useOnline } from "@/lib/use-online";
import { useNavigate, useView } from "@/lib/use-view";
import { useTaskState } from "@/lib/user-context";
import { sortsOf, titleOf, type View } from "@/lib/views";
import { WhenIdle } from "./idle";
import {
  HelpSheet,
  Keys,
  LoadError,
  Offline,
  QuickEntry,
  Refused,
  TagMenu,
  TaskDialog,
  TaskList,
} from "./lazy";
import { Loading } from "./loading";
import { Select } from "./select";
import { SyncState } from "./sync-state";

/** The tasks of the view in the address, with everything that can be done with them. */
export function Dashboard() {
  const view = useView();
  const { operations } = useTaskState();
  const navigate = useNavigate();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const { open, close } = useOpenTask();
  useOpenConflicts(view);

  const sorts = sortsOf(view);
  const title = titleOf(view);
  useEffect(() => {
    document.title = `${title} · Todo`;
  }, [title]);

  return (
    <>
      <div className="mb-5">
        <div className="flex flex-wrap items-start justify-between gap-x-4">
          <h1
            dir="auto"
            className="min-w-0 max-w-full text-2xl font-semibold tracking-tight wrap-anywhere"
          >
            {title}
          </h1>
          <span className="-mt-1 -mr-2 flex shrink-0">
            <Select
              aria-label="Sort by"
              quiet
              className="w-37"
              options={sorts}
              value={view.sort in sorts ? view.sort : ""}
              onChange={({ target }) =>
                navigate({ sort: target.value as View["sort"] }, { replace: true })
              }
            />
            {view.tag && <TagMenu tag={view.tag} />}
          </span>
        </div>
        <SyncState />
      </div>
      {view.view !== "trash" && view.view !== "completed" && <QuickEntry view={view} />}
      {operations.some(({ problem }) => problem) && <Refused />}
      <Content view={view} onOpen={open} />
      <p className="mt-8 text-center text-sm text-muted max-lg:hidden">
        Press{" "}
        <button
          type="button"
          aria-label="Keyboard help"
          onClick={() => setHelpOpen(true)}
          className="rounded font-semibold underline underline-offset-4 hover:no-underline"
        >
          ?
        </button>{" "}
        for keyboard shortcuts
      </p>
      <WhenIdle>
        <Keys onOpen={open} onHelp={() => setHelpOpen(true)} />
      </WhenIdle>
      {view.task && <TaskDialog id={view.task} onClose={close} />}
      {isHelpOpen && <HelpSheet onClose={() => setHelpOpen(false)} />}
    </>
  );
}

function Content({ view, onOpen }: { view: View; onOpen: (task: Task) => void }) {
  const { checkpoint, error, tasks } = useTaskState();
  const isOnline = useOnline();
  // After a temporary error the tasks stay. After the others, such as a suspension or the end of the
  // session, they are hidden.
  if (isRefusal(error)) return <LoadError error={error} />;
  if (checkpoint || tasks.size > 0) return <TaskList view={view} onOpen={onOpen} />;
  if (!isOnline) return <Offline />;
  return error ? <LoadError error={error} /> : <Loading />;
}

let isStep = false; // whether the open task is a step in the history

/** Returns functions that open a task as a step in the history, and close it by going back. */
function useOpenTask() {
  const navigate = useNavigate();
  const open = useCallback(
    (task: Task) => {
      isStep = true;
      navigate({ task: task.id });
    },
    [navigate],
  );
  const close = useCallback(() => {
    if (isStep) window.history.back();
    else navigate({ task: "" }, { replace: true });
    isStep = false;
  }, [navigate]);
  return { open, close };
}

/** Opens the choice of a version when a change that was sent conflicts with one of another device. */
function useOpenConflicts({ task }: View) {
  const { operations } = useTaskState();
  const navigate = useNavigate();
  const conflict = operations.find(({ problem }) => problem?.current)?.id;
  const isFree = task === "";
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each conflict
  useEffect(() => {
    if (conflict && isFree && document.visibilityState === "visible") navigate({ task: conflict });
  }, [conflict]);
}
