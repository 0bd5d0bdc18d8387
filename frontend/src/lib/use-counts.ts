import { isRefusal } from "./errors";
import { type Counts, countsOf } from "./groups";
import type { State } from "./store";
import { useToday } from "./use-today";
import { useTaskState } from "./user-context";

const NONE: State["tasks"] = new Map();
let last: { tasks: unknown; today: string; counts: Counts } | undefined;

/** Returns the number of tasks in each view, which is counted once after each change. */
export function useCounts(): Counts {
  const { tasks: all, error } = useTaskState();
  const tasks = isRefusal(error) ? NONE : all; // they may no longer be shown
  const today = useToday();
  if (last?.tasks !== tasks || last.today !== today) {
    last = { tasks, today, counts: countsOf(tasks.values(), today) };
  }
  return last.counts;
}
