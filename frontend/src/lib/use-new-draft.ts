import { useEffect, useState } from "react";
import { EMPTY, type NewDraft } from "./drafts";
import { useUser } from "./user-context";

/** Returns the unfinished new task, which all tabs of the user share, and a function that changes it. A date
 *  without a text is forgotten when `place` changes. */
export function useNewDraft(place: string) {
  const { drafts } = useUser();
  const [draft, setDraft] = useState<NewDraft>(EMPTY);
  // In an effect, because the first render must equal the server's, which has an empty field.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is read again in another view
  useEffect(() => setDraft(drafts.readNew()), [drafts, place]);
  useEffect(() => drafts.onNewElsewhere(() => setDraft(drafts.readNew())), [drafts]);
  function write(next: NewDraft) {
    setDraft(next);
    drafts.writeNew(next);
  }
  return [draft, write] as const;
}
