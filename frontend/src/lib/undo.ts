/** The time between a deletion by the user and its request, in which it can be undone. */
export const UNDO_MILLISECONDS = 6_000;

const waiting = new Set<(goAhead: boolean) => void>();

/** Starts an undo period. `over` resolves to true at its end, or to false when `undo` is called. */
export function undoPeriod(): { over: Promise<boolean>; undo: () => void } {
  let end = (_goAhead: boolean) => {};
  const over = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => end(true), UNDO_MILLISECONDS);
    end = (goAhead) => {
      clearTimeout(timer);
      waiting.delete(end);
      resolve(goAhead);
    };
    waiting.add(end);
  });
  return { over, undo: () => end(false) };
}

/** Ends all undo periods at once, so that their deletions are sent before signing out. */
export function endUndoPeriods(): void {
  for (const end of [...waiting]) end(true);
}
