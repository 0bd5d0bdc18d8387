// When the changes are exchanged with the API: at the start, after each change, when the page is shown
// again or the browser is online again, every 30 seconds while the page is visible, and after errors.
import type { TodoApiError } from "todo-api-client";
import { isOtherUser, isTemporary } from "./errors.ts";
import { type Exchange, pull, push } from "./sync.ts";

const POLL_MILLISECONDS = 30_000;
const FIRST_RETRY_MILLISECONDS = 3_000;

export type Synchronizer = { run: () => Promise<void>; stop: () => void };

export function startSynchronizer(exchange: Exchange): Synchronizer {
  const { store } = exchange;
  let running: Promise<void> | undefined;
  let isWanted = false; // again, after the present exchange
  let isStopped = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function exchangeOnce() {
    store.set({ isBusy: true });
    try {
      // One tab after the other: each reads what the one before it has left.
      await navigator.locks.request(`todo:sync:${store.userId}`, async () => {
        if (isStopped) return;
        await push(exchange);
        await pull(exchange);
      });
      failures = 0;
      store.set({ isBusy: false, error: undefined });
    } catch (error) {
      if (isStopped) return;
      if (isOtherUser(error)) window.location.reload();
      failures += 1;
      store.set({ isBusy: false, error });
      if (isTemporary(error)) schedule(retryMilliseconds(error));
    }
  }

  function retryMilliseconds(error: unknown): number {
    const { retryAfter } = error as TodoApiError;
    const wait = FIRST_RETRY_MILLISECONDS * 2 ** Math.min(failures - 1, 4);
    return Math.max(wait, (retryAfter ?? 0) * 1000);
  }

  function schedule(milliseconds: number) {
    clearTimeout(timer);
    timer = setTimeout(() => void run(), milliseconds);
  }

  async function run(): Promise<void> {
    if (isStopped) return;
    isWanted = true;
    running ??= (async () => {
      while (isWanted && !isStopped) {
        isWanted = false;
        clearTimeout(timer);
        await exchangeOnce();
      }
      running = undefined;
    })();
    await running;
  }

  const runIfVisible = () => {
    if (document.visibilityState === "visible") void run();
  };
  const poll = setInterval(runIfVisible, POLL_MILLISECONDS);
  window.addEventListener("focus", runIfVisible);
  window.addEventListener("online", runIfVisible);
  document.addEventListener("visibilitychange", runIfVisible);
  store.onChange = () => void run();
  void run();

  return {
    run,
    stop() {
      isStopped = true;
      store.onChange = () => {};
      clearTimeout(timer);
      clearInterval(poll);
      window.removeEventListener("focus", runIfVisible);
      window.removeEventListener("online", runIfVisible);
      document.removeEventListener("visibilitychange", runIfVisible);
    },
  };
}
