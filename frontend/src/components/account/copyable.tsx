import { Copy } from "lucide-react";
import { copy } from "@/lib/copy";
import { Button } from "../button";

/** A text to copy, such as a key that is shown once. */
export function Copyable({ label, text }: { label: string; text: string }) {
  return (
    <div className="flex gap-2">
      <input
        ref={(input) => input?.focus()}
        readOnly
        aria-label={label}
        value={text}
        onFocus={(event) => event.currentTarget.select()}
        className="control min-w-0 flex-1 font-mono"
      />
      <Button variant="secondary" onClick={() => copy(text)}>
        <Copy className="size-4" aria-hidden="true" />
        Copy
      </Button>
    </div>
  );
}
