import { useEffect, useState } from "react";
import type { TaskFields } from "./api-client";
import { NO_FIELDS } from "./task-fields";
import { useUser } from "./user-context";

/** Returns the unfinished new task and a function to change it. The draft is kept in the browser's
 *  storage until the task is added, so closing the tab, reloading or signing out loses nothing. */
export function useDraft() {
  const storageKey = `todo:draft:${useUser().user.id}`;
  const [draft, setDraft] = useState(NO_FIELDS);

  useEffect(() => {
    const stored = localStorage.getItem(storageKey);
    // In an effect, because the first render must equal the server's, which has an empty form.
    if (stored) setDraft({ ...NO_FIELDS, ...JSON.parse(stored) });
  }, [storageKey]);

  function change(next: TaskFields) {
    setDraft(next);
    if (next === NO_FIELDS) localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, JSON.stringify(next));
  }
  return [draft, change] as const;
}
