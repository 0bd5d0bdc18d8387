import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { IconButton } from "./button";

export const BACKDROP =
  "fixed inset-0 z-20 bg-[rgb(0_0_0/0.4)] transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0";

type Props = {
  title: string;
  isOpen?: boolean;
  onClose: () => void;
  /** Called when the dialog has faded out, after `isOpen` was set to false. */
  onClosed?: () => void;
  children: ReactNode;
};

/** A dialog: in the middle of wide screens, at the bottom of narrow ones. */
export function Dialog({ title, isOpen = true, onClose, onClosed, children }: Props) {
  const opener = useReturnFocus();
  const popup = useRef<HTMLDivElement>(null);
  return (
    <Base.Root
      open={isOpen}
      onOpenChange={(open) => !open && onClose()}
      onOpenChangeComplete={(open) => !open && onClosed?.()}
    >
      <Base.Portal>
        <Base.Backdrop className={BACKDROP} />
        <Base.Popup
          ref={popup}
          data-dialog // moves the messages to the top of the page
          initialFocus={popup} // on a field it would open the keyboard of a phone
          finalFocus={() => opener ?? false}
          className="fixed inset-x-0 bottom-0 z-20 mx-auto max-h-[92dvh] w-full max-w-xl overflow-y-auto rounded-t-2xl border border-line bg-surface p-5 shadow-2xl outline-none transition-[opacity,translate] duration-150 data-ending-style:opacity-0 data-starting-style:translate-y-2 data-starting-style:opacity-0 sm:top-[10dvh] sm:bottom-auto sm:max-h-[80dvh] sm:rounded-2xl sm:p-6"
        >
          <div className="mb-4 flex items-center justify-between">
            <Base.Title className="text-base font-semibold tracking-tight">{title}</Base.Title>
            <Base.Close render={<IconButton name="Close" className="-mr-2" />}>
              <X className="size-5" aria-hidden="true" />
            </Base.Close>
          </div>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** Gives the focus back to the control that had it, also when the dialog is closed by going back. */
function useReturnFocus(): HTMLElement | undefined {
  const [opener] = useState(() => {
    if (typeof document === "undefined") return; // the server renders the page of an open task
    const focused = document.activeElement as HTMLElement;
    return focused === document.body ? undefined : focused;
  });
  useEffect(
    () => () => {
      setTimeout(() => {
        if (document.activeElement !== document.body || !opener?.isConnected) return;
        opener.focus();
      });
    },
    [opener],
  );
  return opener;
}
