"use client";

import { Menu } from "lucide-react";
import { usePathname } from "next/navigation";
import { type ReactNode, useState } from "react";
import { PAGE } from "@/lib/use-view";
import { Brand } from "./brand";
import { IconButton } from "./button";
import { WhenIdle } from "./idle";
import { Drawer, Menus, Sidebar } from "./lazy";
import { MenusBefore } from "./menus-before";
import { SearchField } from "./search-field";

/** The frame of the pages of signed-in users: a bar on top, and the views at the side or in a drawer. */
export function Shell({ children }: { children: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  const isTasks = usePathname() === PAGE;
  return (
    <>
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-40 focus:rounded-lg focus:bg-surface focus:px-4 focus:py-2.5"
      >
        Skip to the tasks
      </a>
      <header className="sticky top-0 z-10 flex h-14 items-center gap-1 border-b border-line bg-canvas px-2 sm:pr-4 lg:pl-5">
        <IconButton
          name="Views"
          className="lg:hidden"
          aria-haspopup="dialog"
          aria-expanded={isOpen}
          onClick={() => setOpen(true)}
        >
          <Menu className="size-5" aria-hidden="true" />
        </IconButton>
        <span className="flex items-center max-sm:sr-only sm:mr-3 lg:mr-0 lg:w-55">
          <Brand />
        </span>
        {isTasks && (
          <div className="flex min-w-0 flex-1 lg:max-w-md lg:pl-4">
            <SearchField />
          </div>
        )}
        <div className="ml-auto flex items-center gap-1">
          <WhenIdle before={<MenusBefore />}>
            <Menus />
          </WhenIdle>
        </div>
      </header>
      <div className="min-h-[calc(100dvh-3.5rem)] bg-surface lg:grid lg:grid-cols-[15rem_minmax(0,1fr)]">
        <aside className="sticky top-14 bg-canvas hidden h-[calc(100dvh-3.5rem)] overflow-y-auto border-r border-line p-3 lg:block">
          <Sidebar />
        </aside>
        <main
          id="content"
          tabIndex={-1}
          className="mx-auto outline-none w-full max-w-3xl px-4 pt-6 pb-32 sm:px-8 sm:pt-8"
        >
          {children}
        </main>
      </div>
      {isOpen && <Drawer onClose={() => setOpen(false)} />}
    </>
  );
}
