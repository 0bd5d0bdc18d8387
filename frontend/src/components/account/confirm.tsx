"use client";

import { type MouseEvent, useState } from "react";
import { ask } from "@/lib/ask";
import { showToast } from "@/lib/toast";
import { Button } from "../button";

type Props = {
  /** The text of the button, and of the one that confirms. */
  action: string;
  /** The accessible name of the button, when there are several with the same text. */
  label?: string;
  title: string;
  text: string;
  run: () => Promise<unknown>;
};

/** A button for something that cannot be undone. It asks first. */
export function Confirm({ action, label, title, text, run }: Props) {
  const [busy, setBusy] = useState(false);

  async function askAndRun({ currentTarget }: MouseEvent) {
    const section = currentTarget.closest("section");
    if (!(await ask({ title, text, confirm: action }))) return;
    setBusy(true);
    try {
      await run();
    } catch {
      showToast(`${action}: this did not work. Please try again.`, { failed: true });
    }
    setBusy(false);
    // The button may be gone with what it was about.
    if (!currentTarget.isConnected) section?.focus();
  }

  return (
    <Button variant="secondary" aria-label={label} disabled={busy} onClick={askAndRun}>
      {action}
    </Button>
  );
}
