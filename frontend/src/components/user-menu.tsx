"use client";

import { Menu } from "@base-ui/react/menu";
import { LogOut, Settings } from "lucide-react";
import Link from "next/link";
import { authClient } from "@/lib/auth-client";
import { signOut } from "@/lib/sign-out";
import { showToast } from "@/lib/toast";
import { useUser } from "@/lib/user-context";

export function UserMenu() {
  const { user } = useUser();
  const { data: session } = authClient.useSession();
  const name = session?.user.name ?? user.name; // the user may just have changed it
  return (
    <Menu.Root>
      <Menu.Trigger
        aria-label={`Account: ${name}`}
        className="flex size-10 items-center justify-center rounded-lg hover:bg-sunken"
      >
        <span className="flex size-8 items-center justify-center rounded-full bg-accent-soft text-sm font-semibold text-accent uppercase">
          {[...name][0]}
        </span>
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner align="end" sideOffset={6} className="z-30">
          <Menu.Popup className="menu">
            <Menu.Group>
              <Menu.GroupLabel className="max-w-64 px-2.5 py-2">
                <span className="block truncate font-medium text-ink">{name}</span>
                <span className="block truncate text-muted">{user.email}</span>
              </Menu.GroupLabel>
              <Menu.Separator className="my-1.5 h-px bg-line" />
              <Menu.Item
                className="menu-item"
                render={<Link href="/account" />}
                onClick={(event) => {
                  if (navigator.onLine) return;
                  event.preventDefault();
                  showToast("You are offline. Your account needs a connection");
                }}
              >
                <Settings className="size-4 text-muted" aria-hidden="true" />
                Account
              </Menu.Item>
              <Menu.Item className="menu-item" onClick={signOut}>
                <LogOut className="size-4 text-muted" aria-hidden="true" />
                Sign out
              </Menu.Item>
            </Menu.Group>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
