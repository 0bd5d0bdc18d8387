import { createContext, useContext } from "react";
import type { tasksOf } from "./api-client";
import type { Outbox } from "./outbox";

export type Person = { id: string; name: string; email: string };
type Here = { person: Person; tasks: ReturnType<typeof tasksOf>; outbox: Outbox };

export const HereContext = createContext<Here | null>(null);

/** Whose page this is, their calls of the API, and what of theirs is still to be sent. */
export function useHere(): Here {
  const here = useContext(HereContext);
  if (!here) throw new Error("useHere needs Providers around it");
  return here;
}
