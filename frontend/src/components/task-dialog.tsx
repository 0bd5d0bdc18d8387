"use client";

import type { Operation } from "@/lib/queue";
import { useTaskState, useUser } from "@/lib/user-context";
import { Button } from "./button";
import { Conflict } from "./conflict";
import { Dialog } from "./dialog";
import { EditForm } from "./edit-form";

type Props = { id: string; onClose: () => void };

/** A dialog with a task, to read and to edit it, or to choose a version after a conflict. */
export function TaskDialog({ id, onClose }: Props) {
  return (
    <Dialog title="Edit task" onClose={onClose}>
      <Content key={id} id={id} onClose={onClose} />
    </Dialog>
  );
}

type Refused = Extract<Operation, { op: "update" }>;

function Content({ id, onClose }: Props) {
  const { tasks, operations, checkpoint } = useTaskState();
  const { store, drafts } = useUser();
  const task = tasks.get(id);
  const own = operations.filter((each) => each.id === id);
  const conflict = own.find(
    (each): each is Refused => each.op === "update" && Boolean(each.problem?.current),
  );
  const theirs = conflict?.problem?.current;

  if (conflict && theirs) {
    return (
      <Conflict
        base={conflict.base}
        mine={conflict.fields}
        theirs={theirs}
        onSave={() => {
          store.retry(conflict, { base: theirs } as Partial<Operation>);
          onClose();
        }}
        onDiscard={() => {
          store.discard(conflict);
          onClose();
        }}
      />
    );
  }
  if (task || drafts.read(id)) return <EditForm id={id} task={task} onClose={onClose} />;
  if (!checkpoint?.complete) {
    return (
      <div role="status" className="h-72">
        <span className="sr-only">Loading the task</span>
      </div>
    );
  }
  return (
    <div role="alert">
      <p className="mb-5">There is no such task. It may have been deleted for good.</p>
      <Button onClick={onClose}>Close</Button>
    </div>
  );
}
