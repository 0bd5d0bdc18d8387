import type { Undo } from "./store.ts";

const MAX_STEPS = 50;
const steps: { undo: Undo; text: string }[] = [];

/** Remembers how to undo a change. Returns a function that undoes it, once. */
export function remember(text: string, undo: Undo): Undo {
  const step = { undo, text };
  steps.push(step);
  if (steps.length > MAX_STEPS) steps.shift();
  return async () => {
    const index = steps.indexOf(step);
    if (index < 0) return;
    steps.splice(index, 1);
    await undo();
  };
}

/** Undoes the last change that is not undone yet. Returns what it was; undefined if there is none. */
export async function undoLast(): Promise<string | undefined> {
  const step = steps.pop();
  await step?.undo();
  return step?.text;
}
