import { useMutation, useMutationState, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { useHere } from "./here";
import type { Unsent } from "./outbox";
import { inWords, isTemporary } from "./problems";
import { say } from "./say";
import { find, LIST } from "./use-tasks";

const SEND = ["send"];
const AGAIN_MILLISECONDS = 5_000;
const NONE: Unsent[] = [];

/** The tasks that were typed and are not there yet. Each is sent at once; again every few seconds
 *  while the API is out of reach, and when the connection or the page comes back. */
export function useOutbox() {
  const client = useQueryClient();
  const { outbox, tasks } = useHere();
  const unsent = useSyncExternalStore(outbox.subscribe, outbox.list, () => NONE);
  const tries = useMutationState({ filters: { mutationKey: SEND } });
  const { mutate } = useMutation({
    mutationKey: SEND,
    mutationFn: ({ key, fields }: Unsent) => tasks.create(key, fields),
    onSuccess: async (task, { key }) => {
      await client.invalidateQueries({ queryKey: LIST });
      outbox.remove(key);
      if (!find(client, task.id))
        say(`Added “${task.title}”. It is not among the tasks shown here`);
    },
  });

  const entries = unsent.map((entry) => {
    const last = tries.findLast(({ variables }) => (variables as Unsent).key === entry.key);
    return {
      ...entry,
      sent: last?.data as { id: string } | undefined,
      isNew: !last,
      problem: last?.error ? inWords(last.error) : undefined,
      willRetry: isTemporary(last?.error),
      send: () => mutate(entry),
      discard: () => outbox.remove(entry.key),
    };
  });

  const fresh = entries.filter(({ isNew }) => isNew).at(-1);
  const waiting = entries.filter(({ willRetry }) => willRetry).at(-1);
  const next = fresh?.key ?? waiting?.key;
  const isFresh = fresh !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `tries` begins the wait anew
  useEffect(() => {
    const entry = outbox.list().find(({ key }) => key === next);
    if (!entry) return;
    const send = () => mutate(entry);
    if (isFresh) return send();
    const timer = setTimeout(send, AGAIN_MILLISECONDS);
    window.addEventListener("online", send);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("online", send);
    };
  }, [next, isFresh, tries, outbox, mutate]);

  return entries;
}
