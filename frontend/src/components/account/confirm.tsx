"use client";

import { AlertDialog } from "@base-ui/react/alert-dialog";
import { useState } from "react";
import { showToast } from "@/lib/toast";
import { Button } from "../button";
import { BACKDROP, POPUP } from "./dialog-styles";

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
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);

  async function confirm() {
    setBusy(true);
    try {
      await run();
      setOpen(false);
    } catch {
      showToast(`${action}: this did not work. Please try again.`, { failed: true });
    }
    setBusy(false);
  }

  return (
    <AlertDialog.Root open={open} onOpenChange={setOpen}>
      <AlertDialog.Trigger render={<Button variant="secondary" aria-label={label} />}>
        {action}
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={BACKDROP} />
        <AlertDialog.Popup className={POPUP}>
          <AlertDialog.Title className="text-lg font-semibold tracking-tight wrap-anywhere">
            {title}
          </AlertDialog.Title>
          <AlertDialog.Description className="mt-2 text-sm text-muted text-pretty">
            {text}
          </AlertDialog.Description>
          <div className="mt-6 flex flex-wrap justify-end gap-3">
            <AlertDialog.Close render={<Button variant="secondary" />}>Cancel</AlertDialog.Close>
            <Button variant="danger" disabled={busy} onClick={confirm}>
              {action}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
