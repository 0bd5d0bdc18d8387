import { Check } from "lucide-react";

const LINES = [
  { title: "Book the train to Vienna", details: "Due today · Urgent", done: false },
  { title: "Water the plants", details: "Due tomorrow", done: false },
  { title: "Send the invoice for November", details: "Completed", done: true },
  { title: "Call the dentist", details: "Due Friday · Low", done: false },
];

/** A decorative picture of a task list beside the sign-in form, hidden from screen readers. */
export function Preview() {
  return (
    <aside
      aria-hidden="true"
      className="hidden flex-col justify-center gap-10 border-l border-line bg-accent-soft px-16 lg:flex"
    >
      <p className="max-w-md text-3xl leading-tight font-semibold tracking-tight text-balance">
        All your tasks in one place.
      </p>
      <ul className="card max-w-md divide-y divide-line">
        {LINES.map(({ title, details, done }) => (
          <li key={title} className="flex items-start gap-3.5 px-5 py-4">
            <span
              className={`mt-0.5 flex size-5 shrink-0 items-center justify-center rounded-full border-2 ${done ? "border-accent bg-accent text-on-accent" : "border-edge"}`}
            >
              {done && <Check className="size-3.5" strokeWidth={3.5} />}
            </span>
            <span>
              <span className={done ? "text-muted line-through" : "font-medium"}>{title}</span>
              <span className="block text-sm text-muted">{details}</span>
            </span>
          </li>
        ))}
      </ul>
      <p className="max-w-md text-muted">Your tasks are private: only you can see them.</p>
    </aside>
  );
}
