import { useQueryClient } from "@tanstack/react-query";
import {
  CloudOff,
  ListChecks,
  type LucideIcon,
  SearchX,
  ShieldAlert,
  UserX,
  WifiOff,
} from "lucide-react";
import type { ReactNode } from "react";
import { errorText, hasCode } from "@/lib/errors";
import { signOut } from "@/lib/sign-out";
import { Button } from "./button";

type Props = { icon: LucideIcon; title: string; text: string; alert?: true; children?: ReactNode };

/** A message in place of the list. */
function State({ icon: Icon, title, text, alert, children }: Props) {
  return (
    <div
      role={alert && "alert"}
      className="card flex flex-col items-center px-6 py-14 text-center sm:py-16"
    >
      <span className="mb-5 flex size-14 items-center justify-center rounded-2xl bg-accent-soft text-accent">
        <Icon className="size-7" aria-hidden="true" />
      </span>
      <h2 className="text-lg font-semibold tracking-tight">{title}</h2>
      <p className="mt-1.5 max-w-sm text-muted text-pretty">{text}</p>
      {children && <div className="mt-6 flex gap-3">{children}</div>}
    </div>
  );
}

export function EmptyList() {
  return <State icon={ListChecks} title="No tasks yet" text="Add your first task above." />;
}

export function NoMatches({ onClear }: { onClear: () => void }) {
  return (
    <State icon={SearchX} title="No matching tasks" text="Try another search or filter.">
      <Button variant="secondary" onClick={onClear}>
        Show all tasks
      </Button>
    </State>
  );
}

export function Offline() {
  return (
    <State
      icon={WifiOff}
      title="You are offline"
      text="Your tasks will appear when you are back online."
    />
  );
}

/** A message about a failed request for the list, with a suitable action. */
export function LoadError({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const client = useQueryClient();
  if (hasCode(error, "account_suspended")) {
    return (
      <State
        icon={UserX}
        alert
        title="Your account is suspended"
        text="Your tasks are stored but cannot be shown. Contact the operator of this service."
      >
        <Button variant="secondary" onClick={() => signOut(client)}>
          Sign out
        </Button>
      </State>
    );
  }
  if (hasCode(error, "not_authenticated") || hasCode(error, "token_invalid")) {
    return (
      <State
        icon={ShieldAlert}
        alert
        title="You are signed out"
        text="Your session has expired. The text that you entered is kept on this device."
      >
        <Button onClick={() => signOut(client)}>Sign in again</Button>
      </State>
    );
  }
  return (
    <State
      icon={CloudOff}
      alert
      title="Your tasks could not be loaded"
      text={`The request failed: ${errorText(error)}. Please try again in a moment.`}
    >
      <Button onClick={onRetry}>Try again</Button>
    </State>
  );
}

export function Loading() {
  return (
    <div role="status" className="card divide-y divide-line">
      <span className="sr-only">Loading your tasks</span>
      {["w-3/5", "w-2/5", "w-1/2", "w-1/3"].map((width) => (
        <div
          key={width}
          aria-hidden="true"
          className="flex animate-pulse items-start gap-4 px-5 py-4.5"
        >
          <span className="size-5 rounded-full bg-sunken" />
          <span className="flex-1">
            <span className={`block h-4 rounded bg-sunken ${width}`} />
            <span className="mt-2.5 block h-3 w-24 rounded bg-sunken" />
          </span>
        </div>
      ))}
    </div>
  );
}
