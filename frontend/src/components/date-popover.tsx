import { Popover } from "@base-ui/react/popover";
import type { ReactElement } from "react";
import { DateFields } from "./date-fields";
import type { DueValue } from "./date-menu";
import { Queries } from "./queries";

type Props = {
  value: DueValue;
  onChange: (value: DueValue) => void;
  trigger: ReactElement;
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
};

export function DatePopover({ value, onChange, trigger, isOpen, onOpen }: Props) {
  return (
    <Popover.Root open={isOpen} onOpenChange={onOpen}>
      <Popover.Trigger render={trigger} />
      <Popover.Portal>
        <Popover.Positioner align="end" sideOffset={6} className="z-30" collisionPadding={8}>
          <Popover.Popup className="menu max-h-(--available-height) w-80 max-w-[calc(100vw-1rem)] overflow-y-auto p-3!">
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
