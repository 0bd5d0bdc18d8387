"use client";

import { onlineManager } from "@tanstack/react-query";
import { WifiOff } from "lucide-react";
import { useSyncExternalStore } from "react";

/** Says, while it is so, that there is no connection. */
export function Notices() {
  const online = useSyncExternalStore(
    (listener) => onlineManager.subscribe(listener),
    () => onlineManager.isOnline(),
    () => true,
  );
  return (
    <div role="status">
      {!online && (
        <p className="mb-6 flex items-start gap-3 rounded-xl bg-warning-soft px-4 py-3 text-sm text-warning">
          <WifiOff className="mt-0.5 size-4 shrink-0" aria-hidden="true" />
          <span>
            <strong className="font-semibold">You are offline.</strong> New tasks are kept on this
            device and sent when the connection is back. Other changes have to wait.
          </span>
        </p>
      )}
    </div>
  );
}
