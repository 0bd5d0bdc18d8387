import { Copy } from "lucide-react";
import { useEffect, useRef } from "react";
import { copy } from "@/lib/copy";
import { Button } from "../button";

type Props = { label: string; text: string; isNew?: true };

/** A text to copy, such as a key that is shown once. A new one gets the focus. */
export function Copyable({ label, text, isNew }: Props) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isNew && text) input.current?.focus();
  }, [isNew, text]);
  return (
    <div className="flex gap-2">
      <input
        ref={input}
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
