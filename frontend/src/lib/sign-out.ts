import type { QueryClient } from "@tanstack/react-query";
import { authClient } from "./auth-client";
import { say } from "./say";
import { stopWaiting } from "./undo";

const LONGEST_WAIT = 3_000; // milliseconds

/** Sends what is still waiting, signs out, and leaves nothing of the person in this page. */
export async function signOut(client: QueryClient) {
  stopWaiting();
  const deadline = Date.now() + LONGEST_WAIT;
  do await new Promise((resume) => setTimeout(resume, 20));
  while (client.isMutating() && Date.now() < deadline);
  try {
    const { error } = await authClient.signOut();
    if (error) throw new Error(error.message);
    window.location.assign("/sign-in");
  } catch {
    say("You are still signed in: the service cannot be reached", { failed: true });
  }
}
