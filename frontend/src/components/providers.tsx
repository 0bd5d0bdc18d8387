"use client";

import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { tasksOf } from "@/lib/api-client";
import { authClient } from "@/lib/auth-client";
import { hasCode, isTemporary } from "@/lib/errors";
import { Outbox } from "@/lib/outbox";
import { type User, UserContext } from "@/lib/user-context";
import { Toasts } from "./toasts";

const NO_STORAGE = {
  length: 0,
  key: () => null,
  getItem: () => null,
  setItem() {},
  removeItem() {},
};

export function Providers({ user, children }: { user: User; children: ReactNode }) {
  const [client] = useState(makeQueryClient);
  const [context] = useState(() => ({
    user,
    tasks: tasksOf(user.id),
    outbox: new Outbox(user.id, typeof window === "undefined" ? NO_STORAGE : window.localStorage),
  }));

  // In another tab the user may have signed out, or another user may have signed in.
  const { data: session, isPending, error } = authClient.useSession();
  const isOtherUser = !isPending && !error && session?.user.id !== user.id;
  useEffect(() => {
    if (isOtherUser) window.location.reload();
  }, [isOtherUser]);

  return (
    <QueryClientProvider client={client}>
      <UserContext value={context}>
        {children}
        <Toasts />
      </UserContext>
    </QueryClientProvider>
  );
}

function makeQueryClient() {
  return new QueryClient({
    // The token belongs to another user, who signed in in another tab: load their page.
    queryCache: new QueryCache({
      onError: (error) => hasCode(error, "user_mismatch") && window.location.reload(),
    }),
    defaultOptions: {
      queries: {
        retry: (failures, error) => isTemporary(error) && failures < 1, // then the user can retry
        staleTime: 5_000, // milliseconds
      },
      // While offline, a change fails at once and the user sees an error. By default it would wait
      // for a connection, and be lost when the tab is closed.
      mutations: { networkMode: "always" },
    },
  });
}
