import { useSyncExternalStore } from "react";
import { dayOf } from "./day";

const CHECK_MILLISECONDS = 30_000;

/** Returns the user's present day, which changes at midnight. On the server, where the time zone of the
 *  user is not known, it is that of the server, and no task is shown. */
export const useToday = () =>
  useSyncExternalStore(
    (listener) => {
      const timer = setInterval(listener, CHECK_MILLISECONDS);
      document.addEventListener("visibilitychange", listener);
      return () => {
        clearInterval(timer);
        document.removeEventListener("visibilitychange", listener);
      };
    },
    () => dayOf(new Date()),
    () => dayOf(new Date()),
  );
