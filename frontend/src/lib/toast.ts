import type { Toasts } from "./toasts";

type Action = { name: string; run: () => void };
type Options = { action?: Action; failed?: true; milliseconds?: number };

let loading: Promise<Toasts> | undefined;
const load = () => (loading ??= import("./toasts").then(({ toasts }) => toasts));

/** Shows a short message. Its code is loaded with the first one. */
export async function showToast(title: string, options: Options = {}): Promise<void> {
  const { action, failed, milliseconds = failed ? 10_000 : 5_000 } = options;
  const toasts = await load();
  const id: string = toasts.add({
    title,
    timeout: milliseconds,
    ...(action && {
      actionProps: {
        children: action.name,
        onClick: () => {
          toasts.close(id);
          action.run();
        },
      },
    }),
  });
}

/** Closes all messages. */
export const closeToasts = async (): Promise<void> => (await load()).close();
