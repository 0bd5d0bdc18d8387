import { CalendarDays, Flag, Hash, Repeat2, X } from "lucide-react";
import { useEffect, useState } from "react";
import type { NewDraft } from "@/lib/drafts";
import { dueDay, formatDue } from "@/lib/due";
import type { Entry } from "@/lib/quick-entry";
import { repeatText } from "@/lib/repeat";
import { PRIORITIES } from "@/lib/task";

type Props = {
  draft: NewDraft;
  entry: Entry;
  today: string;
  isShown: boolean;
  onChange: (some: Partial<NewDraft>) => void;
};
type Chip = {
  kind: keyof typeof ICONS;
  text: string;
  remove?: { name: string; run: () => void };
};
const ICONS = { date: CalendarDays, repeat: Repeat2, priority: Flag, tag: Hash };

/** What a new task will have: its date, how it repeats, its priority and its tags. */
export function EntryChips({ draft, entry, today, isShown, onChange }: Props) {
  const chips = isShown ? chipsOf(draft, entry, today, onChange) : [];
  return (
    <>
      {chips.length > 0 && (
        <ul
          aria-label="Details of the new task"
          className="mt-1 flex flex-wrap gap-1.5 px-2.5 py-1"
        >
          {chips.map(({ kind, text, remove }) => (
            <li
              key={`${kind} ${text}`}
              className="inline-flex min-h-6 max-w-full items-center gap-1 rounded-md bg-sunken px-2 text-sm text-muted"
            >
              <Icon kind={kind} />
              {kind === "tag" && <span className="sr-only">Tag </span>}
              <bdi className="wrap-anywhere">{text}</bdi>
              {remove && (
                <button
                  type="button"
                  aria-label={remove.name}
                  title={remove.name}
                  onClick={remove.run}
                  className="-mr-2 flex size-6 shrink-0 items-center justify-center rounded-md hover:text-ink"
                >
                  <X className="size-3.5" aria-hidden="true" />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      <Announcement text={chips.map(({ text }) => text).join(", ")} />
    </>
  );
}

function Icon({ kind }: Pick<Chip, "kind">) {
  const Shape = ICONS[kind];
  return <Shape className="size-4 shrink-0" aria-hidden="true" />;
}

const ANNOUNCEMENT_MILLISECONDS = 1_000; // after the last change

/** Tells screen readers what was understood, when the user pauses. */
function Announcement({ text }: { text: string }) {
  const [announced, announce] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => announce(text), ANNOUNCEMENT_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <p aria-live="polite" className="sr-only">
      {announced}
    </p>
  );
}

function chipsOf(
  { due: chosen, kept = [] }: NewDraft,
  { fields, due, dateWords, repeatWords }: Entry,
  today: string,
  onChange: Props["onChange"],
): Chip[] {
  /** Leaves the words in the title, or forgets what was chosen. */
  const without = (words: string[], rest: NewDraft["due"]) => () =>
    onChange(words.length ? { kept: [...kept, ...words] } : { due: rest });
  const chips: Chip[] = [];
  const dateText = formatDue({ ...due, completed: false }, today)?.text;
  if (dateText || chosen) {
    chips.push({
      kind: "date",
      text: dateText ?? "No due date",
      ...((chosen || dateWords.length > 0) && {
        remove: { name: "Remove due date", run: without(dateWords, undefined) },
      }),
    });
  }
  if (due.repeat) {
    chips.push({
      kind: "repeat",
      text: repeatText(due.repeat, dueDay(due)),
      remove: {
        name: "Remove repeat",
        run: without(repeatWords, chosen && { ...chosen, repeat: null }),
      },
    });
  }
  if (fields.priority !== "medium") {
    chips.push({ kind: "priority", text: `${PRIORITIES[fields.priority]} priority` });
  }
  return [...chips, ...fields.tags.map((text): Chip => ({ kind: "tag", text }))];
}
