import { CloudUpload } from "lucide-react";
import type { useOutbox } from "@/lib/use-outbox";
import { Button } from "./button";

type Entry = ReturnType<typeof useOutbox>[number];

/** A list row for a new task that the API has not confirmed yet. */
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
              {willRetry && "It is stored on this device and will be sent again automatically."}
            </p>
            <div className="mt-2 flex flex-wrap gap-2">
              <Button variant="secondary" onClick={entry.send}>
                Try again
              </Button>
              <Button variant="quiet" onClick={entry.discard}>
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
