import { Field } from "./field";
import { Links } from "./linked-text";

type Props = { title: string; problem: string | undefined; onChange: (title: string) => void };

const CHARACTERS_OF_A_LINE = 50;

/** The title, which is one line of text and is shown on as many lines as it needs. Enter saves. */
export function TitleField({ title, problem, onChange }: Props) {
  // For browsers without field-sizing
  const rows = Math.min(Math.ceil(title.length / CHARACTERS_OF_A_LINE) || 1, 3);
  return (
    <Field label="Title" {...(problem && { error: problem })} className="sm:col-span-2">
      {(control) => (
        <>
          <textarea
            {...control}
            rows={rows}
            dir="auto"
            autoComplete="off"
            className="control field-sizing-content max-h-40 resize-none font-medium"
            value={title}
            onChange={({ target }) => onChange(target.value.replace(/\s*[\r\n]+\s*/g, " "))}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
              event.preventDefault();
              if (!event.ctrlKey && !event.metaKey) event.currentTarget.form?.requestSubmit();
            }}
          />
          <Links text={title} />
        </>
      )}
    </Field>
  );
}
