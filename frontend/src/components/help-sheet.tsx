import { useState } from "react";
import { Dialog } from "./dialog";

const KEYS: [string, string][] = [
  ["n", "Add a task"],
  ["/", "Search"],
  ["j  k", "Next and previous task"],
  ["x", "Complete or reopen the task"],
  ["e  Enter", "Open the task"],
  ["1 2 3 4", "Priority: urgent, high, medium, low"],
  ["d", "Open the menu of the task, with its day"],
  ["Delete", "Move the task to the trash"],
  ["Ctrl Z", "Undo (⌘ Z on a Mac)"],
  ["Ctrl Enter", "Save the open task (⌘ Enter on a Mac)"],
  ["Escape", "Close, or leave a field"],
  ["g  t", "Go to Today"],
  ["g  u", "Go to Upcoming"],
  ["g  o", "Go to Overdue"],
  ["g  a", "Go to All tasks"],
  ["g  c", "Go to Completed"],
  ["g  d", "Go to Trash"],
  ["?", "Show this help"],
];

/** The keys of the app. */
export function HelpSheet({ onClose }: { onClose: () => void }) {
  const [isOpen, setOpen] = useState(true);
  return (
    <Dialog title="Keyboard" isOpen={isOpen} onClose={() => setOpen(false)} onClosed={onClose}>
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-6 gap-y-2 text-sm">
        {KEYS.map(([keys, text]) => (
          <div key={keys} className="contents">
            <dt className="flex gap-1">
              {keys.split(/\s+/).map((key) => (
                <kbd
                  key={key}
                  className="min-w-7 rounded-md border border-edge bg-sunken px-1.5 py-0.5 text-center font-sans text-xs font-medium"
                >
                  {key}
                </kbd>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
