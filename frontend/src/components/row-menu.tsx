import { Ellipsis } from "lucide-react";
import { useState } from "react";
import type { Task } from "@/lib/task";
import { IconButton } from "./button";
import { RowActions } from "./lazy";

export type RowMenuProps = { task: Task; today: string; onOpen: (task: Task) => void };

/** The button of the menu of a row. The menu is loaded when it is opened. */
export function RowMenu(props: RowMenuProps) {
  const [isUsed, setUsed] = useState(false);
  const trigger = (
    <IconButton
      name={`Actions for ${props.task.title}`}
      aria-haspopup="menu"
      data-menu
      onClick={() => setUsed(true)}
    >
      <Ellipsis className="size-4" aria-hidden="true" />
    </IconButton>
  );
  return isUsed ? <RowActions {...props} trigger={trigger} /> : trigger;
}
