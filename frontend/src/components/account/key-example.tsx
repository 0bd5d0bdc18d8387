"use client";

import { Copy } from "lucide-react";
import { API_URL } from "@/lib/api-url";
import { copy } from "@/lib/copy";
import { IconButton } from "../button";

/** How a script uses a key: with it, it gets a token for 15 minutes. */
export function KeyExample() {
  const lines = [
    `TOKEN=$(curl -s ${window.location.origin}/api/auth/token -H "x-api-key: $KEY" |`,
    `  python3 -c 'import json, sys; print(json.load(sys.stdin)["token"])')`,
    `curl ${API_URL}/api/tasks -H "Authorization: Bearer $TOKEN"`,
  ].join("\n");
  return (
    <div>
      <p className="mb-2 text-sm text-muted">
        A script sends the key to this app, gets a token that is valid for 15 minutes, and sends
        that to the API. <code>$KEY</code> is your key:
      </p>
      <div className="relative rounded-lg bg-sunken">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also with the keyboard */}
        <pre tabIndex={0} className="overflow-x-auto p-4 pr-14 text-xs leading-relaxed">
          {lines}
        </pre>
        <IconButton
          name="Copy the example"
          onClick={() => copy(lines)}
          className="absolute top-1 right-1 bg-sunken"
        >
          <Copy className="size-4" />
        </IconButton>
      </div>
    </div>
  );
}
