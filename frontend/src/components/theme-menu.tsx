"use client";

import { Menu } from "@base-ui/react/menu";
import { Check, SunMoon } from "lucide-react";
import { useState } from "react";
import { currentTheme, setTheme, THEMES, type Theme } from "@/lib/theme";
import { IconButton } from "./button";

export function ThemeMenu() {
  const [theme, select] = useState<Theme>("system");
  return (
    <Menu.Root onOpenChange={(open) => open && select(currentTheme())}>
      <Menu.Trigger render={<IconButton name="Theme" />}>
        <SunMoon className="size-5" aria-hidden="true" />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner align="end" sideOffset={6} className="z-30">
          <Menu.Popup className="menu">
            <Menu.RadioGroup
              value={theme}
              onValueChange={(chosen: Theme) => {
                setTheme(chosen);
                select(chosen);
              }}
            >
              {Object.entries(THEMES).map(([value, name]) => (
                <Menu.RadioItem key={value} value={value} className="menu-item" closeOnClick>
                  <span className="size-4">
                    <Menu.RadioItemIndicator>
                      <Check className="size-4 text-accent" aria-hidden="true" />
                    </Menu.RadioItemIndicator>
                  </span>
                  {name}
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
