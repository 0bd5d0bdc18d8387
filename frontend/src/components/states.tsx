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
import { hasCode, inWords } from "@/lib/problems";
import { signOut } from "@/lib/sign-out";
import { Button } from "./button";

type Props = { icon: LucideIcon; title: string; text: string; alert?: true; children?: ReactNode };

/** What stands where the list would be. */
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

export function NothingYet() {
  return (
    <State
      icon={ListChecks}
      title="Nothing to do yet"
      text="Write your first task above. It appears here, for you alone."
    />
  );
}

export function NothingMatches({ onClear }: { onClear: () => void }) {
  return (
    <State icon={SearchX} title="No task matches" text="Other words or another filter may find it.">
      <Button look="secondary" onClick={onClear}>
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
      text="Your tasks appear as soon as there is a connection again."
    />
  );
}

/** Why there is no list, and what can be done about it. */
export function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const client = useQueryClient();
  if (hasCode(error, "account_suspended")) {
    return (
      <State
        icon={UserX}
        alert
        title="Your account is suspended"
        text="Your tasks are kept, but cannot be shown. Please ask whoever runs this service."
      >
        <Button look="secondary" onClick={() => signOut(client)}>
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
        text="Your session has ended. What you were typing is kept on this device."
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
      text={`They are safe, but ${inWords(error)}. Trying again in a moment often helps.`}
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
