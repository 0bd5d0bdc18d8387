import { useEffect } from "react";

/** The names of controls that have a key of their own. */
export const NEW_TASK = "new-task";
export const SEARCH = "search-tasks";
const KEYS: Record<string, string> = { n: NEW_TASK, "/": SEARCH };

/** `n` goes to the field for a new task, `/` to the search; not while somebody types. */
export function useShortcuts() {
  useEffect(() => {
    function press(event: KeyboardEvent) {
      const target = event.target as HTMLElement;
      const busy = target.closest(
        "input:not([type=checkbox]), textarea, select, [role=dialog], [role=menu]",
      );
      const id = KEYS[event.key];
      if (!id || busy || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault(); // or the key would be typed as well
      document.getElementById(id)?.focus();
    }
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}
