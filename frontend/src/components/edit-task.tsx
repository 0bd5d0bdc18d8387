"use client";

import { Dialog } from "@base-ui/react/dialog";
import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import type { Task } from "@/lib/api-client";
import { errorText, hasCode } from "@/lib/errors";
import { useUser } from "@/lib/user-context";
import { Button, IconButton } from "./button";
import { EditForm } from "./edit-form";

type Props = { task: Task | undefined; onClose: () => void };

/** A dialog for editing a task. It loads the current version, because the list may be outdated. */
export function EditTask({ task, onClose }: Props) {
  return (
    <Dialog.Root open={task !== undefined} onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-20 bg-[rgb(0_0_0/0.45)] transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Dialog.Popup className="fixed inset-x-0 bottom-0 z-20 mx-auto max-h-[92dvh] w-full max-w-lg overflow-y-auto rounded-t-2xl border border-line bg-surface p-5 shadow-2xl transition-[opacity,translate] duration-150 data-ending-style:opacity-0 data-starting-style:translate-y-2 data-starting-style:opacity-0 sm:top-[12dvh] sm:bottom-auto sm:max-h-[80dvh] sm:rounded-2xl sm:p-6">
          <div className="mb-5 flex items-center justify-between">
            <Dialog.Title className="text-lg font-semibold tracking-tight">Edit task</Dialog.Title>
            <Dialog.Close render={<IconButton name="Close" className="-mr-2" />}>
              <X className="size-5" aria-hidden="true" />
            </Dialog.Close>
          </div>
          {task && <CurrentVersion id={task.id} onClose={onClose} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function CurrentVersion({ id, onClose }: { id: string; onClose: () => void }) {
  const { tasks } = useUser();
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["task", id],
    queryFn: () => tasks.read(id),
    networkMode: "always",
    gcTime: 0, // load again each time the dialog opens ...
    refetchOnWindowFocus: false, // ... but not while the user is typing
    refetchOnReconnect: false,
  });
  if (data) return <EditForm version={data} onClose={onClose} />;
  if (error && !isFetching) {
    return (
      <div role="alert">
        <p className="mb-5">
          {hasCode(error, "not_found")
            ? "This task was deleted in another tab or on another device."
            : `The task could not be opened: ${errorText(error)}.`}
        </p>
        <Button onClick={() => refetch()}>Try again</Button>
      </div>
    );
  }
  return (
    <div role="status" className="h-72">
      <span className="sr-only">Loading the task</span>
    </div>
  );
}
