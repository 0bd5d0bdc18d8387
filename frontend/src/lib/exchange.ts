// Starts the exchange with the API. It is loaded after the page, which needs only the local copy.
import { apiOf } from "./api-client";
import { timeZone } from "./day";
import type { Drafts } from "./drafts";
import { SIGNED_OUT, setOnDevice } from "./sign-out";
import type { TaskStore } from "./store";
import { startSynchronizer } from "./synchronizer";
import { takeOver } from "./take-over";
import { showToast } from "./toast";

/** Exchanges the changes in the store with the API. Returns a function that stops this. */
export async function startExchange(store: TaskStore, drafts: Drafts): Promise<() => void> {
  await takeOver(store, window.localStorage);
  const channel = new BroadcastChannel(`todo:session:${store.userId}`);
  channel.onmessage = ({ data }) => data === SIGNED_OUT && window.location.assign("/sign-in");
  const synchronizer = startSynchronizer({
    store,
    api: apiOf(store.userId),
    timeZone: timeZone(),
    onMissing({ id }) {
      const title = store.savedTask(id)?.title ?? "A task";
      showToast(`“${title}” was deleted in another tab or on another device`, { failed: true });
    },
  });
  setOnDevice({ store, drafts, synchronizer, channel });
  return () => {
    synchronizer.stop();
    channel.close();
    setOnDevice(undefined);
  };
}
