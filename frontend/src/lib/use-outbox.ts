import { useMutation, useMutationState, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { errorText, isTemporary } from "./errors";
import type { Unsent } from "./outbox";
import { showToast } from "./toast";
import { find, LIST } from "./use-tasks";
import { useUser } from "./user-context";

const SEND = ["send"];
const RETRY_MILLISECONDS = 5_000;
const NONE: Unsent[] = [];

/** Returns the unsent tasks, and sends them. Each is sent at once. After a temporary error it is sent
 *  again every few seconds, when the browser is online again, and after a reload. */
export function useOutbox() {
  const client = useQueryClient();
  const { outbox, tasks } = useUser();
  const unsent = useSyncExternalStore(outbox.subscribe, outbox.list, () => NONE);
  const attempts = useMutationState({ filters: { mutationKey: SEND } });
  const { mutate } = useMutation({
    mutationKey: SEND,
    mutationFn: ({ key, fields }: Unsent) => tasks.create(key, fields),
    onSuccess: async (task, { key }) => {
      await client.invalidateQueries({ queryKey: LIST });
      outbox.remove(key);
      if (!find(client, task.id)) showToast(`Added “${task.title}”. It is not in the current list`);
    },
  });

  const entries = unsent.map((entry) => {
    const last = attempts.findLast(({ variables }) => (variables as Unsent).key === entry.key);
    return {
      ...entry,
      sent: last?.data as { id: string } | undefined,
      isNew: !last,
      problem: last?.error ? errorText(last.error) : undefined,
      willRetry: isTemporary(last?.error),
      send: () => mutate(entry),
      discard: () => outbox.remove(entry.key),
    };
  });

  const fresh = entries.filter(({ isNew }) => isNew).at(-1);
  const waiting = entries.filter(({ willRetry }) => willRetry).at(-1);
  const next = fresh?.key ?? waiting?.key;
  const isFresh = fresh !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempts` restarts the timer
  useEffect(() => {
    const entry = outbox.list().find(({ key }) => key === next);
    if (!entry) return;
    const send = () => mutate(entry);
    if (isFresh) return send();
    const timer = setTimeout(send, RETRY_MILLISECONDS);
    window.addEventListener("online", send);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("online", send);
    };
  }, [next, isFresh, attempts, outbox, mutate]);

  return entries;
}
