/** How long a deletion can be taken back before it is sent. */
export const UNDO_MILLISECONDS = 6_000;

const waiting = new Set<(goAhead: boolean) => void>();

/** Resolves to true when the time is up, and to false as soon as `undo` is called. */
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

/** Ends every period, as if its time were up: before signing out. */
export function stopWaiting(): void {
  for (const end of [...waiting]) end(true);
}
