import { useSearchParams } from "next/navigation";
import { useCallback } from "react";
import { type Filters, filtersFrom, queryOf } from "./filters";

/** Returns the filters in the URL, and a function that changes some of them without a page load. */
export function useFilters() {
  const filters = filtersFrom(useSearchParams());
  const change = useCallback((some: Partial<Filters>) => {
    const { pathname, search } = window.location;
    const current = filtersFrom(new URLSearchParams(search)); // may have changed since rendering
    window.history.replaceState(null, "", pathname + queryOf({ ...current, ...some }));
  }, []);
  return [filters, change] as const;
}
