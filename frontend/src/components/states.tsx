import {
  CalendarCheck2,
  CheckCircle2,
  CloudOff,
  ListChecks,
  type LucideIcon,
  SearchX,
  ShieldAlert,
  Trash2,
  UserX,
  WifiOff,
} from "lucide-react";
import type { ReactNode } from "react";
import { errorText, hasCode } from "@/lib/errors";
import { useCounts } from "@/lib/use-counts";
import { useNavigate } from "@/lib/use-view";
import { useUser } from "@/lib/user-context";
import { HOME, type View } from "@/lib/views";
import { Button } from "./button";

const loadSignOut = () => import("@/lib/sign-out");

type Props = { icon: LucideIcon; title: string; text: string; alert?: true; children?: ReactNode };

/** A message in place of the list. */
function State({ icon: Icon, title, text, alert, children }: Props) {
  return (
    <div
      role={alert && "alert"}
      className="flex flex-col items-center px-4 py-14 text-center sm:py-20"
    >
      <span className="mb-4 flex size-12 items-center justify-center rounded-full bg-accent-soft text-accent">
        <Icon className="size-6" aria-hidden="true" />
      </span>
      <h2 className="font-semibold tracking-tight">{title}</h2>
      <p className="mt-1 max-w-sm text-sm text-muted text-pretty">{text}</p>
      {children && <div className="mt-5 flex gap-3">{children}</div>}
    </div>
  );
}

/** What a view without tasks shows. */
export function Empty({ view }: { view: View }) {
  const { all, completed } = useCounts();
  const navigate = useNavigate();
  const toAll = (text: string) => (
    <Button variant="secondary" onClick={() => navigate({ view: "all" }, { from: HOME })}>
      {text}
    </Button>
  );
  if (view.search) {
    return (
      <State
        icon={SearchX}
        title="Nothing found"
        text="Try other words. Accents and case do not matter."
      >
        <Button variant="secondary" onClick={() => navigate({ search: "" })}>
          Clear search
        </Button>
      </State>
    );
  }
  if (view.view === "trash") {
    return (
      <State
        icon={Trash2}
        title="The trash is empty"
        text="Deleted tasks stay here for 30 days. Until then you can restore them."
      />
    );
  }
  if (view.view === "completed") {
    return (
      <State
        icon={CheckCircle2}
        title="Nothing completed yet"
        text="Completed tasks appear here."
      />
    );
  }
  if (all === 0 && completed === 0) {
    return (
      <State
        icon={ListChecks}
        title="No tasks yet"
        text="Add your first task above. #home adds a tag, !high a priority."
      />
    );
  }
  if (view.tag || view.priority) {
    return (
      <State
        icon={CheckCircle2}
        title="No open tasks here"
        text="A new task that you add here belongs to this view."
      >
        {toAll("Show all tasks")}
      </State>
    );
  }
  if (view.view === "today") {
    return (
      <State
        icon={CalendarCheck2}
        title="Nothing left for today"
        text="Enjoy the rest of the day, or look ahead."
      >
        <Button variant="secondary" onClick={() => navigate({ view: "upcoming" }, { from: HOME })}>
          Show upcoming tasks
        </Button>
      </State>
    );
  }
  if (view.view === "overdue") {
    return <State icon={CalendarCheck2} title="Nothing is overdue" text="You are up to date." />;
  }
  if (view.view === "upcoming") {
    return (
      <State
        icon={CalendarCheck2}
        title="Nothing planned"
        text="Tasks that are due after today appear here."
      />
    );
  }
  return <State icon={CheckCircle2} title="All done" text="You have no open tasks." />;
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

/** A message about a failed exchange with the API, with a suitable action. */
export function LoadError({ error }: { error: unknown }) {
  const { synchronize } = useUser();
  if (hasCode(error, "account_suspended")) {
    return (
      <State
        icon={UserX}
        alert
        title="Your account is suspended"
        text="Your tasks are stored but cannot be shown. Contact the operator of this service."
      >
        <Button variant="secondary" onClick={async () => (await loadSignOut()).signOut()}>
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
        <Button onClick={async () => (await loadSignOut()).signInAgain()}>Sign in again</Button>
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
      <Button onClick={synchronize}>Try again</Button>
    </State>
  );
}
