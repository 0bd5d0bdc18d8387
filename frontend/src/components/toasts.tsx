"use client";

import { Toast } from "@base-ui/react/toast";
import { X } from "lucide-react";
import { toasts } from "@/lib/toasts";

export function Toasts() {
  return (
    <Toast.Provider toastManager={toasts} limit={1}>
      <Toast.Portal>
        {/* In the middle of the tasks, beside the sidebar of wide screens. At the top when a dialog is
            open, whose buttons are at the bottom. */}
        <Toast.Viewport className="fixed inset-x-4 z-40 mx-auto grid max-w-md in-[:has([data-dialog])]:top-2 not-in-[:has([data-dialog])]:bottom-4 sm:not-in-[:has([data-dialog])]:bottom-6 lg:in-[:has(aside):not(:has([data-dialog]))]:left-64">
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function List() {
  return Toast.useToastManager().toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className="self-end rounded-xl border border-line bg-ink [grid-area:1/1] text-canvas shadow-lg shadow-[rgb(0_0_0/0.2)] transition-[opacity,translate] duration-200 data-ending-style:opacity-0 data-limited:hidden data-starting-style:translate-y-3 data-starting-style:opacity-0"
    >
      <Toast.Content className="flex items-center gap-1 py-1.5 pr-1.5 pl-4">
        <Toast.Title className="min-w-0 flex-1 py-1.5 text-sm wrap-anywhere" />
        <Toast.Action className="min-h-10 shrink-0 rounded-lg px-3 text-sm font-semibold underline underline-offset-4 hover:no-underline focus-visible:outline-canvas focus-visible:-outline-offset-2" />
        <Toast.Close
          aria-label="Dismiss"
          className="flex size-10 shrink-0 items-center justify-center rounded-lg opacity-75 hover:opacity-100 focus-visible:outline-canvas focus-visible:-outline-offset-2"
        >
          <X className="size-4" aria-hidden="true" />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}
