import { ChevronDown } from "lucide-react";
import type { ComponentProps } from "react";

type Props = ComponentProps<"select"> & { options: Record<string, string>; quiet?: boolean };

/** A native select element, for keyboards and phones. */
export function Select({ options, quiet = false, className = "", ...rest }: Props) {
  return (
    <div className={`relative ${className}`}>
      <select
        className={`control appearance-none truncate pr-9 ${quiet ? "border-transparent! text-sm! text-muted! hover:bg-sunken" : ""}`}
        {...rest}
      >
        {Object.entries(options).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
      <ChevronDown
        className="pointer-events-none absolute top-1/2 right-3 size-4 -translate-y-1/2 text-muted"
        aria-hidden="true"
      />
    </div>
  );
}
