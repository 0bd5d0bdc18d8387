import { Button } from "./button";

/** Says that the form shows a draft. */
export function DraftNotice({ onDiscard }: { onDiscard: () => void }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-2 rounded-lg bg-warning-soft py-1.5 pr-1.5 pl-4 text-sm text-warning sm:col-span-2">
      You changed this task before and did not save it.
      <Button variant="secondary" onClick={onDiscard}>
        Discard draft
      </Button>
    </div>
  );
}

type Props = { isInTrash: boolean; onRestore: () => void; onAddAsNew: () => void };

/** Says that the task was deleted while it is open, or before its draft was opened. */
export function GoneNotice({ isInTrash, onRestore, onAddAsNew }: Props) {
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center justify-between gap-2 rounded-lg bg-danger-soft px-4 py-2 text-sm text-danger sm:col-span-2"
    >
      {isInTrash ? "This task is in the trash." : "This task was deleted."}
      <span className="flex gap-2">
        {isInTrash && (
          <Button variant="secondary" onClick={onRestore}>
            Restore
          </Button>
        )}
        <Button variant="secondary" onClick={onAddAsNew}>
          Add as a new task
        </Button>
      </span>
    </div>
  );
}
