/** Filters and order of the list. They are in the URL, so that it can be bookmarked and shared. */
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

/** Returns the filters of a query string. Invalid values are ignored. */
export function filtersFrom(query: URLSearchParams): Filters {
  const { status, sort, search } = Object.fromEntries(query);
  return {
    status: status && Object.hasOwn(STATUSES, status) ? (status as Filters["status"]) : "all",
    sort: sort && Object.hasOwn(SORTS, sort) ? (sort as Filters["sort"]) : UNFILTERED.sort,
    search: search?.trim() ?? "",
  };
}

/** Returns the query string for filters, without default values. */
export function queryOf(filters: Filters): string {
  const changed = Object.entries(filters).filter(
    ([name, value]) => value !== UNFILTERED[name as keyof Filters],
  );
  return changed.length ? `?${new URLSearchParams(changed)}` : "";
}
