/** What of the list is shown. It stands in the address, so that it can be kept and shared. */
export const STATUSES = { all: "All", pending: "Pending", completed: "Completed" } as const;
export const SORTS = {
  "-created_at": "Newest",
  created_at: "Oldest",
  due_date: "Due date",
  "-priority": "Priority",
  title: "Title",
} as const;

export type Filters = { status: keyof typeof STATUSES; sort: keyof typeof SORTS; search: string };
export const UNFILTERED: Filters = { status: "all", sort: "-created_at", search: "" };

/** Whatever in the address makes no sense counts as not there. */
export function filtersFrom(query: URLSearchParams): Filters {
  const { status, sort, search } = Object.fromEntries(query);
  return {
    status: status && Object.hasOwn(STATUSES, status) ? (status as Filters["status"]) : "all",
    sort: sort && Object.hasOwn(SORTS, sort) ? (sort as Filters["sort"]) : UNFILTERED.sort,
    search: search?.trim() ?? "",
  };
}

/** The address's query, with only what differs from the usual. */
export function queryOf(filters: Filters): string {
  const changed = Object.entries(filters).filter(
    ([name, value]) => value !== UNFILTERED[name as keyof Filters],
  );
  return changed.length ? `?${new URLSearchParams(changed)}` : "";
}
