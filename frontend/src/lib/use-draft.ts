import { useEffect, useState } from "react";
import type { TaskFields } from "./api-client";
import { useHere } from "./here";
import { NO_FIELDS } from "./task-fields";

/** The task that is being typed. It is kept in the browser until it is added, so that a tab that is
 *  closed, reloaded or signed out loses nothing. */
export function useDraft() {
  const name = `todo:draft:${useHere().person.id}`;
  const [draft, setDraft] = useState(NO_FIELDS);

  useEffect(() => {
    const kept = localStorage.getItem(name);
    if (kept) setDraft({ ...NO_FIELDS, ...JSON.parse(kept) }); // only now: the server has rendered an empty form
  }, [name]);

  function change(next: TaskFields) {
    setDraft(next);
    if (next === NO_FIELDS) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(next));
  }
  return [draft, change] as const;
}
