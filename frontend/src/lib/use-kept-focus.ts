import { type RefObject, useEffect } from "react";

/** When the row with the focus goes away (its task was deleted, or no longer matches), the focus moves
 *  to the row that took its place instead of being lost. */
export function useKeptFocus(list: RefObject<HTMLElement | null>) {
  useEffect(() => {
    let place = -1;
    function remember() {
      const rows = [...(list.current?.children ?? [])];
      place = rows.findIndex((row) => row.contains(document.activeElement));
    }
    const observer = new MutationObserver(() => {
      if (place < 0 || document.activeElement !== document.body) return;
      const rows = list.current?.children ?? [];
      const row = rows[Math.min(place, rows.length - 1)];
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
