import { Popover } from "@base-ui/react/popover";
import type { ReactElement, RefObject } from "react";
import { DateFields } from "./date-fields";
import type { DueValue } from "./date-menu";
import { Queries } from "./queries";

type Props = {
  value: DueValue;
  onChange: (value: DueValue) => void;
  trigger: ReactElement;
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
  finalFocus?: RefObject<HTMLElement | null>;
};

/** The content stays below the button while it grows, and over it if there is too little space. */
export function DatePopover({ value, onChange, trigger, isOpen, onOpen, finalFocus }: Props) {
  return (
    <Popover.Root open={isOpen} onOpenChange={onOpen}>
      <Popover.Trigger render={trigger} />
      <Popover.Portal>
        <Popover.Positioner
          side="bottom"
          align="end"
          sideOffset={6}
          collisionPadding={8}
          collisionAvoidance={{ side: "shift", align: "shift", fallbackAxisSide: "none" }}
          className="z-30"
        >
          <Popover.Popup
            finalFocus={finalFocus}
            className="menu max-h-[calc(100dvh-1rem)] w-80 max-w-[calc(100vw-1rem)] overflow-y-auto p-3!"
          >
            <Popover.Title className="sr-only">Due date</Popover.Title>
            <Queries>
              <DateFields value={value} onChange={onChange} onDone={() => onOpen(false)} />
            </Queries>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
