import { createContext, useContext } from "react";
import type { tasksOf } from "./api-client";
import type { Outbox } from "./outbox";

export type User = { id: string; name: string; email: string };
type UserContextValue = { user: User; tasks: ReturnType<typeof tasksOf>; outbox: Outbox };

export const UserContext = createContext<UserContextValue | null>(null);

/** Returns the signed-in user, the API calls for the user's tasks, and the outbox of unsent tasks. */
export function useUser(): UserContextValue {
  const value = useContext(UserContext);
  if (!value) throw new Error("useUser must be called inside of Providers");
  return value;
}
