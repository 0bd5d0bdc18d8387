"use client";

import { type ReactNode, useEffect, useState } from "react";
import { Drafts, NO_STORAGE } from "@/lib/drafts";
import type { LocalCopy } from "@/lib/local-copy";
import { openedLater } from "@/lib/opened-later";
import { TaskStore } from "@/lib/store";
import { showToast } from "@/lib/toast";
import { type User, UserContext } from "@/lib/user-context";
import { WhenIdle } from "./idle";
import { SessionWatch, Toasts } from "./lazy";
import { Question } from "./question";

/** The signed-in user, with the tasks on this device and their exchange with the API. */
export function Providers({ user, children }: { user: User; children: ReactNode }) {
  const [context] = useState(() => contextOf(user));
  useEffect(() => start(context), [context]);
  return (
    <UserContext value={context}>
      {children}
      <Question />
      <WhenIdle>
        <Toasts />
        <SessionWatch />
      </WhenIdle>
    </UserContext>
  );
}

function contextOf(user: User) {
  const isServer = typeof window === "undefined";
  const drafts = new Drafts(user.id, isServer ? NO_STORAGE : window.localStorage);
  const copy = openedLater(() => openCopy(user.id));
  const channel = isServer ? undefined : new BroadcastChannel(`todo:${user.id}`);
  const store = new TaskStore(user.id, copy, channel);
  return { user, store, drafts, synchronize: () => store.onChange() };
}

/** Reads the local copy, and then starts the exchange with the API. Returns a function that stops it. */
function start({ store, drafts }: ReturnType<typeof contextOf>): () => void {
  let isStopped = false;
  let stop = () => {};
  void store
    .load()
    .then(() => import("@/lib/exchange"))
    .then(async ({ startExchange }) => {
      if (isStopped) return;
      stop = await startExchange(store, drafts);
      if (isStopped) stop();
    });
  return () => {
    isStopped = true;
    stop();
  };
}

async function openCopy(userId: string): Promise<LocalCopy> {
  const { openLocalCopy } = await import("@/lib/local-copy");
  return openLocalCopy(userId).catch(withoutStorage);
}

async function withoutStorage(): Promise<LocalCopy> {
  showToast("This browser stores nothing: keep this page open until all changes are saved", {
    failed: true,
  });
  return (await import("@/lib/memory-copy")).memoryCopy();
}
