import { Menu } from "@base-ui/react/menu";
import { CalendarX2, Check, PencilLine, Trash2 } from "lucide-react";
import type { ReactElement } from "react";
import { dueDay } from "@/lib/due";
import { DAYS } from "@/lib/reschedule";
import { PRIORITIES, type Priority } from "@/lib/task";
import { useActions } from "@/lib/use-actions";
import type { RowMenuProps } from "./row-menu";

const BY_URGENCY = (Object.keys(PRIORITIES) as Priority[]).reverse();
const CHECK = <Check className="size-4 text-accent" aria-hidden="true" />;

/** The menu of a row, open at first: its day, its priority, and what else can be done with it. */
export function RowActions({
  task,
  today,
  onOpen,
  trigger,
}: RowMenuProps & { trigger: ReactElement }) {
  const { edit, move, remove } = useActions();
  const day = dueDay(task);
  return (
    <Menu.Root defaultOpen>
      <Menu.Trigger render={trigger} />
      <Menu.Portal>
        <Menu.Positioner align="end" sideOffset={4} className="z-30" collisionPadding={8}>
          <Menu.Popup className="menu">
            <Menu.RadioGroup
              value={day ?? ""}
              onValueChange={(chosen: string) => move([task], chosen || null)}
            >
              <Menu.GroupLabel className="px-2.5 py-1 text-xs text-muted">Due</Menu.GroupLabel>
              {DAYS.map(({ name, of }) => (
                <Item key={name} value={of(today)}>
                  {name}
                </Item>
              ))}
              {day && (
                <Menu.RadioItem value="" className="menu-item" closeOnClick>
                  <CalendarX2 className="size-4 text-muted" aria-hidden="true" />
                  No due date
                </Menu.RadioItem>
              )}
            </Menu.RadioGroup>
            <Menu.Separator className="my-1.5 h-px bg-line" />
            <Menu.RadioGroup
              value={task.priority}
              onValueChange={(priority: Priority) => edit(task, { priority })}
            >
              <Menu.GroupLabel className="px-2.5 py-1 text-xs text-muted">Priority</Menu.GroupLabel>
              {BY_URGENCY.map((priority) => (
                <Item key={priority} value={priority}>
                  {PRIORITIES[priority]}
                </Item>
              ))}
            </Menu.RadioGroup>
            <Menu.Separator className="my-1.5 h-px bg-line" />
            <Menu.Item className="menu-item" onClick={() => onOpen(task)}>
              <PencilLine className="size-4 text-muted" aria-hidden="true" />
              Open
            </Menu.Item>
            <Menu.Item className="menu-item text-danger" onClick={() => remove(task)}>
              <Trash2 className="size-4" aria-hidden="true" />
              Delete
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

function Item({ value, children }: { value: string; children: string }) {
  return (
    <Menu.RadioItem value={value} className="menu-item" closeOnClick>
      <span className="size-4">
        <Menu.RadioItemIndicator>{CHECK}</Menu.RadioItemIndicator>
      </span>
      {children}
    </Menu.RadioItem>
  );
}
