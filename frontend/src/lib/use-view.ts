import { usePathname, useSearchParams } from "next/navigation";
import { useCallback } from "react";
import { HOME, queryOf, type View, viewFrom } from "./views";

export const PAGE = "/dashboard";
export const addressOf = (view: Partial<View>) => PAGE + queryOf(view);

/** Returns the view in the address. */
export const useView = () => viewFrom(useSearchParams());

/** Returns a function that changes some of the view in the address, as a step in the browser's history
 *  or, with `replace`, in place of the present one. It loads no page, so it also works offline. */
export function useNavigate() {
  const isHere = usePathname() === PAGE;
  return useCallback(
    (some: Partial<View>, { replace = false, from }: { replace?: boolean; from?: View } = {}) => {
      // The address may have changed since the last rendering.
      const current =
        from ?? (isHere ? viewFrom(new URLSearchParams(window.location.search)) : HOME);
      const address = addressOf({ ...current, ...some });
      if (!isHere) window.location.assign(address);
      else if (replace) window.history.replaceState(null, "", address);
      else window.history.pushState(null, "", address);
    },
    [isHere],
  );
}
