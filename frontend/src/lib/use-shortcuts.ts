import { useEffect } from "react";

/** The ids of controls with a keyboard shortcut. */
export const NEW_TASK = "new-task";
export const SEARCH = "search-tasks";
const KEYS: Record<string, string> = { n: NEW_TASK, "/": SEARCH };

/** Adds the shortcuts `n` (new task) and `/` (search). They are off in text fields, menus and dialogs. */
export function useShortcuts() {
  useEffect(() => {
    function press(event: KeyboardEvent) {
      const target = event.target as HTMLElement;
      const busy = target.closest(
        "input:not([type=checkbox]), textarea, select, [role=dialog], [role=menu]",
      );
      const id = KEYS[event.key];
      if (!id || busy || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault(); // else the character would be entered into the field
      document.getElementById(id)?.focus();
    }
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}
