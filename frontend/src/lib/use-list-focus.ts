import { type RefObject, useEffect } from "react";

/** Keeps the focus in the list: when the focused row is removed (the task was deleted, or no longer
 *  matches), the row at the same position gets the focus. */
export function useListFocus(list: RefObject<HTMLElement | null>) {
  useEffect(() => {
    let position = -1;
    function remember() {
      const rows = [...(list.current?.children ?? [])];
      position = rows.findIndex((row) => row.contains(document.activeElement));
    }
    const observer = new MutationObserver(() => {
      if (position < 0 || document.activeElement !== document.body) return;
      const rows = list.current?.children ?? [];
      const row = rows[Math.min(position, rows.length - 1)];
      row?.querySelector<HTMLElement>("input, button")?.focus();
    });
    document.addEventListener("focusin", remember);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener("focusin", remember);
      observer.disconnect();
    };
  }, [list]);
}
