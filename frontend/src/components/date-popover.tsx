import { Popover } from "@base-ui/react/popover";
import { QueryClientProvider } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { queryClient } from "@/lib/query-client";
import { DateFields } from "./date-fields";
import type { DueValue } from "./date-menu";

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
            <QueryClientProvider client={queryClient}>
              <DateFields value={value} onChange={onChange} onDone={() => onOpen(false)} />
            </QueryClientProvider>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
