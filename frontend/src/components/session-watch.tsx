import { useEffect } from "react";
import { authClient } from "@/lib/auth-client";
import { useUser } from "@/lib/user-context";

/** Loads the page again when the user has signed out, or another user has signed in, in another tab. */
export function SessionWatch() {
  const { user } = useUser();
  const { data: session, isPending, error } = authClient.useSession();
  const isOtherUser = !isPending && !error && session?.user.id !== user.id;
  useEffect(() => {
    if (isOtherUser && navigator.onLine) window.location.reload();
  }, [isOtherUser]);
  return null;
}
