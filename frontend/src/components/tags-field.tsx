import { X } from "lucide-react";
import { type KeyboardEvent, useId, useState } from "react";
import { withTag } from "@/lib/task";
import { fold } from "@/lib/text";
import { useCounts } from "@/lib/use-counts";
import { Field } from "./field";

type Props = { tags: string[]; problem: string | undefined; onChange: (tags: string[]) => void };

/** The tags of a task as chips, and a field that adds one and suggests known ones. */
export function TagsField({ tags, problem, onChange }: Props) {
  const [typed, type] = useState("");
  const known = useCounts().tags;
  const list = useId();

  function add(text: string) {
    type("");
    if (text.trim()) onChange(withTag(tags, text.replace(/^\s*#/, "")));
  }

  function press(event: KeyboardEvent) {
    if (event.key === "Backspace" && !typed) onChange(tags.slice(0, -1));
    if ((event.key !== "Enter" && event.key !== ",") || !typed.trim()) return;
    event.preventDefault();
    add(typed);
  }

  const suggestions = known.filter(
    ({ name }) => fold(name).includes(fold(typed)) && withTag(tags, name) !== tags,
  );
  return (
    <Field label="Tags" {...(problem && { error: problem })}>
      {(control) => (
        <>
          <div className="control flex min-h-10 flex-wrap items-center gap-1.5 py-1.5! focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-accent">
            {tags.map((tag) => (
              <span
                key={tag}
                className="inline-flex max-w-full items-center rounded-md bg-sunken pl-2 text-sm"
              >
                <bdi className="truncate">{tag}</bdi>
                <button
                  type="button"
                  aria-label={`Remove tag ${tag}`}
                  onClick={() => onChange(tags.filter((other) => other !== tag))}
                  className="flex size-6 shrink-0 items-center justify-center text-muted hover:text-ink"
                >
                  <X className="size-3.5" aria-hidden="true" />
                </button>
              </span>
            ))}
            <input
              {...control}
              list={list}
              autoComplete="off"
              placeholder={tags.length ? "" : "Add a tag"}
              value={typed}
              onChange={({ target }) => {
                const isSuggestion = known.some(({ name }) => name === target.value);
                if (isSuggestion && target.value.length > typed.length + 1) add(target.value);
                else type(target.value);
              }}
              onKeyDown={press}
              onBlur={() => add(typed)}
              className="min-w-24 flex-1 bg-transparent outline-none"
            />
          </div>
          <datalist id={list}>
            {suggestions.slice(0, 20).map(({ name }) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}
