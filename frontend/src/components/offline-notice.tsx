"use client";

import { onlineManager } from "@tanstack/react-query";
import { WifiOff } from "lucide-react";
import { useSyncExternalStore } from "react";

/** A message that is shown while the browser is offline. */
export function OfflineNotice() {
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
            <strong className="font-semibold">You are offline.</strong> New tasks are stored on this
            device and saved when you are back online. Other changes are not possible until then.
          </span>
        </p>
      )}
    </div>
  );
}
