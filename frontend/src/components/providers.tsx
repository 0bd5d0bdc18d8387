"use client";

import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { tasksOf } from "@/lib/api-client";
import { authClient } from "@/lib/auth-client";
import { HereContext, type Person } from "@/lib/here";
import { Outbox } from "@/lib/outbox";
import { hasCode, isTemporary } from "@/lib/problems";
import { Toasts } from "./toasts";

const NOWHERE = { length: 0, key: () => null, getItem: () => null, setItem() {}, removeItem() {} };

export function Providers({ person, children }: { person: Person; children: ReactNode }) {
  const [client] = useState(makeQueryClient);
  const [here] = useState(() => ({
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
    // The token is somebody else's by now: the page becomes theirs.
    queryCache: new QueryCache({
      onError: (error) => hasCode(error, "user_mismatch") && window.location.reload(),
    }),
    defaultOptions: {
      queries: {
        retry: (failures, error) => isTemporary(error) && failures < 1, // then it is said, with a button
        staleTime: 5_000, // milliseconds
      },
      // Without a connection a change fails at once and is taken back, in words, instead of waiting
      // unseen until the tab is closed.
      mutations: { networkMode: "always" },
    },
  });
}
