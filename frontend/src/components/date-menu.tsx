import { cloneElement, type ReactElement, type RefObject, useState } from "react";
import type { DueFields } from "@/lib/drafts";
import { DatePopover } from "./lazy";

export type DueValue = DueFields;
type Props = {
  value: DueValue;
  onChange: (value: DueValue) => void;
  trigger: ReactElement<{ onClick?: () => void }>;
  /** Gets the focus when the menu is closed, in place of the button. */
  finalFocus?: RefObject<HTMLElement | null>;
};

/** A button with a menu of the due date, its time and repeating. The menu is loaded when it is opened. */
export function DateMenu({ value, onChange, trigger, finalFocus }: Props) {
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
        {...(finalFocus && { finalFocus })}
      />
    );
  }
  const open = () => {
    setLoaded(true);
    setOpen(true);
  };
  return cloneElement(trigger, { onClick: open });
}
