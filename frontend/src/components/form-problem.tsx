/** The error message of a whole form. */
export function FormProblem({ text }: { text: string | undefined }) {
  if (!text) return null;
  return (
    <p
      role="alert"
      tabIndex={-1}
      className="rounded-lg bg-danger-soft px-4 py-3 text-sm font-medium text-danger"
    >
      {text}
    </p>
  );
}
