import { CircleAlert } from "lucide-react";
import { type ReactNode, useId } from "react";

type Described = { id: string; "aria-describedby"?: string; "aria-invalid"?: true };
type Props = {
  label: string;
  hint?: string;
  error?: string;
  className?: string;
  children: (control: Described) => ReactNode;
};

/** A form control with its label, hint and error message. */
export function Field({ label, hint, error, className = "", children }: Props) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className={`flex flex-col gap-1.5 ${className}`}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children({
        id,
        ...(described && { "aria-describedby": described }),
        ...(error && { "aria-invalid": true }),
      })}
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-muted">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="flex items-start gap-1.5 text-sm font-medium text-danger">
          <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden="true" />
          {error}
        </p>
      )}
    </div>
  );
}
