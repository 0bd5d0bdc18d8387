import type { Toasts } from "./toasts";

type Action = { name: string; run: () => void };
type Options = { id?: string; action?: Action; failed?: true; milliseconds?: number };

let loading: Promise<Toasts> | undefined;
const load = () => (loading ??= import("./toasts").then(({ toasts }) => toasts));

/** Shows a short message in place of the one before. Its code is loaded with the first one. */
export async function showToast(title: string, options: Options = {}): Promise<void> {
  const { action, failed, milliseconds = failed ? 10_000 : 5_000 } = options;
  const toasts = await load();
  toasts.close();
  const id: string = toasts.add({
    title,
    timeout: milliseconds,
    ...(options.id && { id: options.id }),
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

/** Closes the message with this id, if it is shown. */
export const closeToast = async (id: string): Promise<void> => (await load()).close(id);

/** Closes the message that is shown. */
export const closeToasts = async (): Promise<void> => (await load()).close();
