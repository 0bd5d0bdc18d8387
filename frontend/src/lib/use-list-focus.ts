import { type RefObject, useEffect } from "react";

/** Keeps the focus in the list: when the focused row is removed (the task was deleted, or no longer
 *  matches), the row at the same position gets the focus. */
export function useListFocus(list: RefObject<HTMLElement | null>) {
  useEffect(() => {
    let position = -1;
    const rowsOf = () => [...(list.current?.querySelectorAll<HTMLElement>("[data-task]") ?? [])];
    function remember() {
      if (document.activeElement?.closest("[role=dialog]")) return; // the focus will come back
      position = rowsOf().findIndex((row) => row.contains(document.activeElement));
    }
    const observer = new MutationObserver(() => {
      if (position < 0 || document.activeElement !== document.body) return;
      const rows = rowsOf();
      const row = rows[Math.min(position, rows.length - 1)];
      row?.querySelector<HTMLElement>("[data-primary]")?.focus();
    });
    document.addEventListener("focusin", remember);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener("focusin", remember);
      observer.disconnect();
    };
  }, [list]);
}
