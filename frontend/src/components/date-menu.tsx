import { cloneElement, type ReactElement, useState } from "react";
import type { TaskFields } from "@/lib/task";
import { DatePopover } from "./lazy";

export type DueValue = Pick<
  TaskFields,
  "due_date" | "due_at" | "time_zone" | "remind_at" | "repeat"
>;
type Props = {
  value: DueValue;
  onChange: (value: DueValue) => void;
  trigger: ReactElement<{ onClick?: () => void }>;
};

/** A button with a menu of the due date, its time and repeating. The menu is loaded when it is opened. */
export function DateMenu({ value, onChange, trigger }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [isLoaded, setLoaded] = useState(false);
  if (isLoaded) {
    return (
      <DatePopover
        value={value}
        onChange={onChange}
        trigger={trigger}
        isOpen={isOpen}
        onOpen={setOpen}
      />
    );
  }
  const open = () => {
    setLoaded(true);
    setOpen(true);
  };
  return cloneElement(trigger, { onClick: open });
}
