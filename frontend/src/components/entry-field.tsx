import { type KeyboardEvent, type RefObject, useId, useState } from "react";
import { type Completions, complete, completionsAt } from "@/lib/completions";
import { FIELDS } from "@/lib/fields";

type Props = {
  ref: RefObject<HTMLInputElement | null>;
  text: string;
  tags: string[];
  problemId: string | undefined;
  isReadOnly: boolean;
  onChange: (text: string) => void;
  /** Returns whether the pasted text is treated otherwise than by the browser. */
  onPaste: (text: string) => boolean;
  /** Returns whether there is something to undo. */
  onUndo: () => boolean;
};

/** The text field, with a menu that completes tags and priorities. */
export function EntryField({ ref, text, tags, problemId, isReadOnly, ...handlers }: Props) {
  const { onChange, onPaste, onUndo } = handlers;
  const [completions, setCompletions] = useState<Completions>();
  const [selected, select] = useState(0);
  const id = useId();

  function update({ value, selectionStart }: HTMLInputElement) {
    onChange(value);
    setCompletions(completionsAt(value, selectionStart ?? value.length, tags));
    select(0);
  }

  function accept(index: number) {
    const field = ref.current;
    const option = completions?.options[index];
    if (!field || !completions || !option) return;
    const cursor = field.selectionStart ?? text.length;
    const completed = complete(text, cursor, completions.start, option.insert);
    onChange(completed.text);
    setCompletions(undefined);
    field.focus();
    requestAnimationFrame(() => field.setSelectionRange(completed.cursor, completed.cursor));
  }

  function press(event: KeyboardEvent) {
    if (event.key === "Escape" && !completions) ref.current?.blur();
    const isUndo = event.key === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    if (isUndo && onUndo()) event.preventDefault();
    if (!completions || event.nativeEvent.isComposing) return;
    const { length } = completions.options;
    const typed = text.slice(completions.start, ref.current?.selectionStart ?? text.length);
    const isComplete = completions.options[selected]?.insert === typed;
    if (event.key === "ArrowDown") select((selected + 1) % length);
    else if (event.key === "ArrowUp") select((selected + length - 1) % length);
    else if (event.key === "Enter" || event.key === "Tab") {
      if (isComplete) return setCompletions(undefined); // Enter adds the task
      accept(selected);
    } else if (event.key === "Escape") setCompletions(undefined);
    else return;
    event.preventDefault();
  }

  return (
    <div className="relative min-w-0 flex-1">
      <input
        ref={ref}
        id={FIELDS.newTask}
        role="combobox"
        aria-label="New task"
        aria-autocomplete="list"
        aria-expanded={completions !== undefined}
        aria-controls={`${id}-list`}
        aria-activedescendant={completions && `${id}-${selected}`}
        aria-invalid={problemId ? true : undefined}
        aria-describedby={problemId}
        aria-keyshortcuts="n"
        placeholder="Add a task… fri #tag !high"
        readOnly={isReadOnly}
        autoComplete="off"
        dir="auto"
        value={text}
        onChange={({ currentTarget }) => update(currentTarget)}
        onKeyDown={press}
        onPaste={(event) => {
          if (onPaste(event.clipboardData.getData("text/plain"))) event.preventDefault();
        }}
        onBlur={() => setCompletions(undefined)}
        className="min-h-10 w-full rounded-lg bg-transparent px-2.5 text-base text-ellipsis"
      />
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label="Completions"
        hidden={!completions}
        className="menu absolute top-full left-0 mt-1"
      >
        {completions?.options.map(({ label, insert }, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the text field
          <div
            key={insert}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === selected}
            onMouseDown={(event) => event.preventDefault()} // the field keeps the focus
            onClick={() => accept(index)}
            className="menu-item aria-selected:bg-sunken"
          >
            {label}
          </div>
        ))}
      </div>
    </div>
  );
}
