import { CloudUpload } from "lucide-react";
import type { useOutbox } from "@/lib/use-outbox";
import { Button } from "./button";

type Entry = ReturnType<typeof useOutbox>[number];

/** A task that was typed and is not there yet. */
export function UnsentRow({ entry }: { entry: Entry }) {
  const { fields, problem, willRetry } = entry;
  return (
    <li className="flex items-start gap-1 py-1.5 pr-2 pl-1.5">
      <span className="flex size-11 shrink-0 items-center justify-center text-muted">
        <CloudUpload className="size-5" aria-hidden="true" />
      </span>
      <div className="min-w-0 flex-1 py-2.5">
        <p className="font-medium wrap-anywhere">{fields.title}</p>
        {problem ? (
          <div role="alert" className="mt-1 text-sm">
            <p className="text-warning">
              Not saved yet: {problem}.{" "}
              {willRetry && "It is kept on this device and sent again by itself."}
            </p>
            <div className="mt-2 flex flex-wrap gap-2">
              <Button look="secondary" onClick={entry.send}>
                Try again
              </Button>
              <Button look="quiet" onClick={entry.discard}>
                Discard
              </Button>
            </div>
          </div>
        ) : (
          <p role="status" className="mt-0.5 text-sm text-muted">
            Saving…
          </p>
        )}
      </div>
    </li>
  );
}
