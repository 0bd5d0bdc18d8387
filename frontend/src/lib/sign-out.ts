import type { QueryClient } from "@tanstack/react-query";
import { authClient } from "./auth-client";
import { showToast } from "./toast";
import { endUndoPeriods } from "./undo";

const MAX_WAIT_MILLISECONDS = 3_000;

/** Sends delayed deletions, signs out, and loads the sign-in page, which removes the user's data. */
export async function signOut(client: QueryClient) {
  endUndoPeriods();
  const deadline = Date.now() + MAX_WAIT_MILLISECONDS;
  do await new Promise((resume) => setTimeout(resume, 20));
  while (client.isMutating() && Date.now() < deadline);
  try {
    const { error } = await authClient.signOut();
    if (error) throw new Error(error.message);
    window.location.assign("/sign-in");
  } catch {
    showToast("Could not sign out: the service cannot be reached", { failed: true });
  }
}
