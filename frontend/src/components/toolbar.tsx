"use client";

import { Search, X } from "lucide-react";
import { useEffect, useState } from "react";
import { type Filters, SORTS, STATUSES } from "@/lib/filters";
import { SEARCH } from "@/lib/use-shortcuts";
import { IconButton } from "./button";
import { Select } from "./select";

const SEARCH_DELAY_MILLISECONDS = 250; // after the last key press

type Props = { filters: Filters; onChange: (some: Partial<Filters>) => void };

export function Toolbar({ filters, onChange }: Props) {
  return (
    <search
      className="mb-4 flex flex-wrap items-center gap-2.5 sm:gap-3"
      aria-label="Search and filter tasks"
    >
      <fieldset className="flex rounded-lg bg-sunken p-1">
        <legend className="sr-only">Status</legend>
        {Object.entries(STATUSES).map(([value, name]) => (
          <label
            key={value}
            className="flex min-h-8 cursor-pointer items-center rounded-md px-2.5 text-sm sm:px-3 text-muted select-none hover:text-ink has-checked:bg-surface has-checked:font-medium has-checked:text-ink has-checked:shadow-sm has-focus-visible:outline-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name="status"
              className="sr-only"
              checked={filters.status === value}
              onChange={() => onChange({ status: value as Filters["status"] })}
            />
            {name}
          </label>
        ))}
      </fieldset>
      <SearchField search={filters.search} onChange={onChange} />
      <Select
        aria-label="Sort by"
        className="min-w-0 max-sm:flex-1"
        options={SORTS}
        value={filters.sort}
        onChange={({ target }) => onChange({ sort: target.value as Filters["sort"] })}
      />
    </search>
  );
}

function SearchField({ search, onChange }: { search: string; onChange: Props["onChange"] }) {
  const [typed, type] = useState(search);
  const [seen, see] = useState(search);
  if (search !== seen) {
    // Changed from elsewhere ("Show all tasks", the way back): the field follows.
    see(search);
    if (typed.trim() !== search) type(search);
  }

  useEffect(() => {
    if (typed.trim() === search) return;
    const timer = setTimeout(() => onChange({ search: typed.trim() }), SEARCH_DELAY_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [typed, search, onChange]);

  return (
    <div className="relative min-w-48 flex-1 max-sm:order-first max-sm:w-full max-sm:flex-none">
      <Search
        className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted"
        aria-hidden="true"
      />
      <input
        id={SEARCH}
        type="search"
        aria-label="Search tasks"
        aria-keyshortcuts="/"
        placeholder="Search"
        value={typed}
        onChange={({ target }) => type(target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          if (typed) type("");
          else event.currentTarget.blur();
        }}
        className="control px-9 [&::-webkit-search-cancel-button]:hidden"
      />
      {typed && (
        <IconButton
          name="Clear search"
          className="absolute inset-y-0 right-0 my-auto size-9"
          onClick={() => {
            type("");
            document.getElementById(SEARCH)?.focus();
          }}
        >
          <X className="size-4" aria-hidden="true" />
        </IconButton>
      )}
    </div>
  );
}
