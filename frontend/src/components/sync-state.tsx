import { Check, CloudOff, RefreshCw, TriangleAlert, WifiOff } from "lucide-react";
import { isRefusal, isTemporary } from "@/lib/errors";
import { count } from "@/lib/text";
import { useOnline } from "@/lib/use-online";
import { useTaskState } from "@/lib/user-context";

/** Whether the user's changes are saved, in words. */
export function SyncState() {
  const { operations, checkpoint, error, loaded } = useTaskState();
  const isOnline = useOnline();
  const unsent = operations.filter(({ problem }) => !problem).length;
  const refused = operations.length - unsent;
  const later = unsent ? `. ${count(unsent, "change")} will be sent later` : "";

  let [Icon, text, colour] = [Check, "All changes saved", "text-muted"];
  if (isRefusal(error)) return null; // the page says why
  if (!loaded || (!checkpoint && isOnline && !error)) [Icon, text] = [RefreshCw, "Loading…"];
  else if (!isOnline) [Icon, text, colour] = [WifiOff, `Offline${later}`, "text-warning"];
  else if (isTemporary(error)) {
    [Icon, text, colour] = [CloudOff, `The service cannot be reached${later}`, "text-warning"];
  } else if (error) [Icon, text, colour] = [CloudOff, "Not saved", "text-danger"];
  else if (unsent) [Icon, text] = [RefreshCw, "Saving…"];
  else if (refused) {
    [Icon, text, colour] = [TriangleAlert, `${count(refused, "change")} not saved`, "text-danger"];
  }
  return (
    <p role="status" aria-label="Saving" className={`flex items-center gap-1.5 text-sm ${colour}`}>
      <Icon className="size-4 shrink-0" aria-hidden="true" />
      {text}
    </p>
  );
}
