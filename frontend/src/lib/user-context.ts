import { createContext, useContext, useSyncExternalStore } from "react";
import type { Drafts } from "./drafts";
import { INITIAL, type State, type TaskStore } from "./store";

export type User = { id: string; name: string; email: string };
type UserContextValue = { user: User; store: TaskStore; drafts: Drafts; synchronize: () => void };

export const UserContext = createContext<UserContextValue | null>(null);

/** Returns the signed-in user, and the user's tasks and drafts. */
export function useUser(): UserContextValue {
  const value = useContext(UserContext);
  if (!value) throw new Error("useUser must be called inside of Providers");
  return value;
}

export function useTaskState(): State {
  const { store } = useUser();
  return useSyncExternalStore(store.subscribe, store.snapshot, () => INITIAL);
}

const NONE: ReadonlySet<string> = new Set();
/** Returns the ids of the tasks with a draft. */
export function useDraftIds(): ReadonlySet<string> {
  const { drafts } = useUser();
  return useSyncExternalStore(drafts.subscribe, drafts.list, () => NONE);
}
