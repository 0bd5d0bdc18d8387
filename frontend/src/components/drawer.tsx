import { Dialog } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { useState } from "react";
import { IconButton } from "./button";
import { BACKDROP } from "./dialog";
import { Sidebar } from "./sidebar";

/** The views on narrow screens. */
export function Drawer({ onClose }: { onClose: () => void }) {
  const [isOpen, setOpen] = useState(true);
  return (
    <Dialog.Root
      open={isOpen}
      onOpenChange={setOpen}
      onOpenChangeComplete={(open) => !open && onClose()}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className={BACKDROP} />
        <Dialog.Popup className="fixed inset-y-0 left-0 z-20 w-72 max-w-[85vw] overflow-y-auto border-r border-line bg-surface p-3 shadow-2xl transition-transform duration-150 data-ending-style:-translate-x-full data-starting-style:-translate-x-full">
          <div className="mb-2 flex items-center justify-between pl-2.5">
            <Dialog.Title className="font-semibold tracking-tight">Views</Dialog.Title>
            <Dialog.Close render={<IconButton name="Close" />}>
              <X className="size-5" aria-hidden="true" />
            </Dialog.Close>
          </div>
          <Sidebar onChoose={() => setOpen(false)} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
