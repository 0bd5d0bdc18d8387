import { SunMoon } from "lucide-react";
import { useUser } from "@/lib/user-context";

/** The place of the menus until they are loaded. */
export function MenusBefore() {
  const { user } = useUser();
  return (
    <span aria-hidden="true" className="flex items-center gap-1 text-muted">
      <span className="flex size-10 items-center justify-center">
        <SunMoon className="size-5" />
      </span>
      <span className="flex size-10 items-center justify-center">
        <span className="flex size-8 items-center justify-center rounded-full bg-accent-soft text-sm font-semibold text-accent uppercase">
          {[...user.name][0]}
        </span>
      </span>
    </span>
  );
}
