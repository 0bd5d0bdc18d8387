import type { ReactNode } from "react";

type Props = { id: string; title: string; text: string; danger?: true; children: ReactNode };

/** A part of the account page: what it is about, and beside it what the user can do. */
export function Section({ id, title, text, danger, children }: Props) {
  return (
    <section
      aria-labelledby={id}
      tabIndex={-1}
      className="grid outline-none gap-x-12 gap-y-5 border-t border-line py-10 max-lg:grid-cols-1 lg:grid-cols-[16rem_minmax(0,1fr)]"
    >
      <div className="max-w-xl">
        <h2 id={id} className={`scroll-mt-24 font-semibold ${danger ? "text-danger" : ""}`}>
          {title}
        </h2>
        <p className="mt-1.5 text-sm text-muted text-pretty">{text}</p>
      </div>
      <div className={`card self-start ${danger ? "border-danger" : ""}`}>{children}</div>
    </section>
  );
}
