import { Toast } from "@base-ui/react/toast";

export const toasts = Toast.createToastManager();

type Action = { name: string; run: () => void };
type Options = { action?: Action; failed?: true; milliseconds?: number };

/** Shows a short message. Returns a function that closes it. */
export function showToast(title: string, options: Options = {}): () => void {
  const { action, failed, milliseconds = failed ? 10_000 : 5_000 } = options;
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
  return () => toasts.close(id);
}
