import type { LocalCopy } from "./local-copy.ts";

/** Returns a copy that is opened at its first use. */
export function openedLater(open: () => Promise<LocalCopy>): LocalCopy {
  let opening: Promise<LocalCopy> | undefined;
  const opened = () => (opening ??= open());
  return {
    read: async () => (await opened()).read(),
    operations: async () => (await opened()).operations(),
    write: async (change) => (await opened()).write(change),
    claim: async (keys, attempt) => (await opened()).claim(keys, attempt),
    withdraw: async (keys) => (await opened()).withdraw(keys),
    close: () => void opening?.then((copy) => copy.close()),
  };
}
