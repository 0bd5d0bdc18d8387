import { useEffect, useState } from "react";
import type { FindWhen } from "./when";

let loading: Promise<FindWhen | undefined> | undefined;

/** Resolves to the function that understands dates, or to undefined if it cannot be loaded. */
export function loadFindWhen(): Promise<FindWhen | undefined> {
  loading ??= import("./when").then(
    ({ findWhen }) => findWhen,
    () => {
      loading = undefined; // without a network; later it is tried again
      return undefined;
    },
  );
  return loading;
}

/** Returns the function that understands dates when it has been loaded, which begins with the first text. */
export function useFindWhen(hasText: boolean): { find?: FindWhen | undefined; isReady: boolean } {
  const [state, setState] = useState<{ find?: FindWhen | undefined; isReady: boolean }>({
    isReady: false,
  });
  useEffect(() => {
    if (hasText) void loadFindWhen().then((find) => setState({ find, isReady: true }));
  }, [hasText]);
  return state;
}
