"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { tasksOf } from "@/lib/api-client";
import { authClient } from "@/lib/auth-client";
import { Outbox } from "@/lib/outbox";
import { hasCode, isTemporary } from "@/lib/problems";
import { Toasts } from "./toasts";

export type Person = { id: string; name: string; email: string };
type Here = { person: Person; tasks: ReturnType<typeof tasksOf>; outbox: Outbox };
const HereContext = createContext<Here | null>(null);
const NOWHERE = { length: 0, key: () => null, getItem: () => null, setItem() {}, removeItem() {} };

/** Whose page this is, their calls of the API, and what of theirs is still to be sent. */
export function useHere(): Here {
  const here = useContext(HereContext);
  if (!here) throw new Error("useHere needs Providers around it");
  return here;
}

export function Providers({ person, children }: { person: Person; children: ReactNode }) {
  const [client] = useState(makeQueryClient);
  const [here] = useState<Here>(() => ({
    person,
    tasks: tasksOf(person.id),
    outbox: new Outbox(person.id, typeof window === "undefined" ? NOWHERE : window.localStorage),
  }));

  // In another tab somebody may have signed out, or somebody else in.
  const { data: session, isPending, error } = authClient.useSession();
  const isOther = !isPending && !error && session?.user.id !== person.id;
  useEffect(() => {
    if (isOther) window.location.reload();
  }, [isOther]);

  return (
    <QueryClientProvider client={client}>
      <HereContext value={here}>
        {children}
        <Toasts />
      </HereContext>
    </QueryClientProvider>
  );
}

function makeQueryClient() {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: (failures, error) => {
          if (hasCode(error, "user_mismatch")) window.location.reload();
          return isTemporary(error) && failures < 1; // then it is said, with a button
        },
        staleTime: 5_000, // milliseconds
      },
      // Without a connection a change fails at once and is taken back, in words, instead of waiting
      // unseen until the tab is closed.
      mutations: { networkMode: "always" },
    },
  });
}
