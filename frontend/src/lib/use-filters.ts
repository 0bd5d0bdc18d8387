import { useSearchParams } from "next/navigation";
import { useCallback } from "react";
import { type Filters, filtersFrom, queryOf } from "./filters";

/** The filters in the address, and how to change some of them without loading the page again. */
export function useFilters() {
  const filters = filtersFrom(useSearchParams());
  const change = useCallback((some: Partial<Filters>) => {
    const { pathname, search } = window.location;
    const now = filtersFrom(new URLSearchParams(search)); // others may have changed since rendering
    window.history.replaceState(null, "", pathname + queryOf({ ...now, ...some }));
  }, []);
  return [filters, change] as const;
}
