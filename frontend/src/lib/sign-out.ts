import { ask } from "./ask";
import { authClient, getToken } from "./auth-client";
import type { Drafts } from "./drafts";
import { deleteLocalCopy } from "./local-copy";
import type { TaskStore } from "./store";
import type { Synchronizer } from "./synchronizer";
import { count } from "./text";
import { showToast } from "./toast";

const MAX_WAIT_MILLISECONDS = 5_000;

/** What is on this device for the user of the page. */
export type OnDevice = {
  store: TaskStore;
  drafts: Drafts;
  synchronizer: Synchronizer;
  channel: BroadcastChannel;
};
export const SIGNED_OUT = "signed out";
let device: OnDevice | undefined;
export const setOnDevice = (value: OnDevice | undefined) => {
  device = value;
};

/** Sends the unsent changes, signs out, deletes the user's data on this device, and loads the sign-in
 *  page. Asks first if something would be lost. */
export async function signOut() {
  if (!navigator.onLine) {
    showToast("You are offline. Sign out when you are online again", { failed: true });
    return;
  }
  if (device && !(await mayLeave(device))) return;
  try {
    const { error } = await authClient.signOut();
    if (error) throw new Error(error.message);
  } catch {
    showToast("Could not sign out: the service cannot be reached", { failed: true });
    return;
  }
  if (device) await wipe(device);
  goToSignIn();
}

/** Loads the sign-in page after the end of a session. The data on this device stays. */
export async function signInAgain() {
  await authClient.signOut().catch(() => {});
  goToSignIn();
}

function goToSignIn() {
  getToken.forget();
  window.location.assign("/sign-in");
}

async function mayLeave({ store, drafts, synchronizer }: OnDevice): Promise<boolean> {
  if (store.snapshot().operations.length) {
    const late = new Promise((resume) => setTimeout(resume, MAX_WAIT_MILLISECONDS));
    await Promise.race([synchronizer.run(), late]);
  }
  const unsent = store.snapshot().operations.length;
  const unsaved = drafts.list().size;
  if (!unsent && !unsaved) return true;
  const lost = [
    unsent && `${count(unsent, "change")} not sent yet`,
    unsaved && count(unsaved, "draft"),
  ];
  return ask({
    title: "Sign out and lose changes?",
    text: `This device has ${lost.filter(Boolean).join(" and ")}. Signing out deletes everything on this device.`,
    confirm: "Sign out",
  });
}

/** Deletes what this browser stores of the user, after their account was erased. */
export async function forgetOnThisDevice() {
  if (device) await wipe(device);
}

async function wipe({ store, drafts, synchronizer, channel }: OnDevice) {
  synchronizer.stop();
  store.close();
  drafts.clear();
  await deleteLocalCopy(store.userId);
  // Without a service worker, the sign-in page leaves nothing in the caches.
  const workers = await navigator.serviceWorker.getRegistrations();
  await Promise.all(workers.map((worker) => worker.unregister()));
  const names = await caches.keys();
  await Promise.all(names.map((name) => caches.delete(name)));
  channel.postMessage(SIGNED_OUT);
}
