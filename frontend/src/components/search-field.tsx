"use client";

import { Search, X } from "lucide-react";
import { useEffect, useState } from "react";
import { FIELDS } from "@/lib/fields";
import { useNavigate, useView } from "@/lib/use-view";
import { IconButton } from "./button";

const SEARCH_DELAY_MILLISECONDS = 200; // after the last key press

/** The search, whose words are a part of the address. */
export function SearchField() {
  const view = useView();
  const navigate = useNavigate();
  const { search } = view;
  const [typed, type] = useState(search);
  const [seen, see] = useState(search);
  if (search !== seen) {
    // Changed from elsewhere (another view, the way back): the field follows.
    see(search);
    if (typed.trim() !== search) type(search);
  }

  useEffect(() => {
    if (typed.trim() === search) return;
    // The first letter is a step in the history, the others are not.
    const send = () => navigate({ search: typed.trim() }, { replace: search !== "" });
    const timer = setTimeout(send, SEARCH_DELAY_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [typed, search, navigate]);

  return (
    <search className="relative min-w-0 flex-1" aria-label="Search tasks">
      <Search
        className="pointer-events-none absolute top-1/2 left-3 size-4 -translate-y-1/2 text-muted"
        aria-hidden="true"
      />
      <input
        id={FIELDS.search}
        type="search"
        aria-label={view.view === "trash" ? "Search the trash" : "Search all tasks"}
        aria-keyshortcuts="/"
        placeholder={view.view === "trash" ? "Search the trash" : "Search all tasks"}
        dir="auto"
        value={typed}
        onChange={({ target }) => type(target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          if (typed) type("");
          else event.currentTarget.blur();
        }}
        className="control border-transparent! bg-sunken! px-9 [&::-webkit-search-cancel-button]:hidden"
      />
      {typed && (
        <IconButton
          name="Clear search"
          className="absolute inset-y-0 right-0 my-auto size-9"
          onClick={() => {
            type("");
            document.getElementById(FIELDS.search)?.focus();
          }}
        >
          <X className="size-4" aria-hidden="true" />
        </IconButton>
      )}
    </search>
  );
}
