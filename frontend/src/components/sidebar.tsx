import {
  CalendarDays,
  CheckCircle2,
  Clock4,
  Flag,
  Hash,
  Inbox,
  type LucideIcon,
  Sun,
  Trash2,
} from "lucide-react";
import type { MouseEvent } from "react";
import { PRIORITIES, type Priority } from "@/lib/task";
import { useCounts } from "@/lib/use-counts";
import { addressOf, useNavigate, useView } from "@/lib/use-view";
import { HOME, VIEWS, type View, type ViewName } from "@/lib/views";

const ICONS: Record<ViewName, LucideIcon> = {
  today: Sun,
  upcoming: CalendarDays,
  overdue: Clock4,
  all: Inbox,
  completed: CheckCircle2,
  trash: Trash2,
};
const PRIORITY_COLOURS: Record<Priority, string> = {
  urgent: "text-danger",
  high: "text-warning",
  medium: "text-muted",
  low: "text-muted",
};

/** The views, the tags and the priorities, each with the number of its tasks. */
export function Sidebar({ onChoose }: { onChoose?: () => void }) {
  const counts = useCounts();
  const common = onChoose ? { onChoose } : {};
  const priorities = (Object.keys(PRIORITIES) as Priority[]).reverse();
  return (
    <nav aria-label="Views" className="flex flex-col gap-5 pb-6 text-sm">
      <ul>
        {(Object.keys(VIEWS) as ViewName[]).map((view) => (
          <Item key={view} to={{ view }} icon={ICONS[view]} count={counts[view]} {...common}>
            {VIEWS[view]}
          </Item>
        ))}
      </ul>
      <Section name="Priorities">
        {priorities.map((priority) => (
          <Item
            key={priority}
            to={{ priority }}
            icon={Flag}
            iconClass={PRIORITY_COLOURS[priority]}
            count={counts.priorities[priority]}
            {...common}
          >
            {PRIORITIES[priority]}
          </Item>
        ))}
      </Section>
      {counts.tags.length > 0 && (
        <Section name="Tags">
          {counts.tags.map(({ name, open }) => (
            <Item key={name} to={{ tag: name }} icon={Hash} count={open} {...common}>
              {name}
            </Item>
          ))}
        </Section>
      )}
    </nav>
  );
}

function Section({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <section>
      <h2 className="px-2.5 pb-1 text-xs font-medium text-muted">{name}</h2>
      <ul>{children}</ul>
    </section>
  );
}

type ItemProps = {
  to: Partial<View>;
  icon: LucideIcon;
  iconClass?: string;
  count: number;
  onChoose?: () => void;
  children: string;
};

function Item({ to, icon: Icon, iconClass = "text-muted", count, onChoose, children }: ItemProps) {
  const current = useView();
  const navigate = useNavigate();
  const { search, sort: _, task: __, ...place } = { ...HOME, ...to };
  const isCurrent =
    !current.search &&
    place.view === current.view &&
    place.priority === current.priority &&
    place.tag.toLowerCase() === current.tag.toLowerCase();

  function choose(event: MouseEvent) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // in a new tab
    event.preventDefault();
    navigate(to, { from: HOME });
    onChoose?.();
    window.scrollTo(0, 0);
  }

  return (
    <li>
      <a
        href={addressOf(to)}
        aria-current={isCurrent ? "page" : undefined}
        onClick={choose}
        className="flex min-h-9 items-center gap-2.5 rounded-lg px-2.5 transition-colors hover:bg-sunken aria-[current]:bg-accent-soft aria-[current]:font-medium"
      >
        <Icon
          className={`size-4 shrink-0 ${isCurrent ? "text-accent" : iconClass}`}
          aria-hidden="true"
        />
        <span title={children} className="min-w-0 flex-1 truncate">
          <bdi>{children}</bdi>
        </span>
        {count > 0 && (
          <span className="text-xs text-muted tabular-nums">
            {count.toLocaleString("en")}
            <span className="sr-only"> {count === 1 ? "task" : "tasks"}</span>
          </span>
        )}
      </a>
    </li>
  );
}
