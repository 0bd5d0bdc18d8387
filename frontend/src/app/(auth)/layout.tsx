import type { ReactNode } from "react";
import { Brand } from "@/components/brand";
import { Preview } from "@/components/preview";
import { ThemeMenu } from "@/components/theme-menu";

/** Layout of the pages for signing in and up, and for a new password. */
export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <div className="grid min-h-dvh lg:grid-cols-[1fr_1.1fr]">
      <div className="flex flex-col px-6 py-5 sm:px-10">
        <header className="flex items-center justify-between">
          <Brand />
          <ThemeMenu />
        </header>
        <main className="mx-auto flex w-full max-w-sm flex-1 flex-col justify-center py-10">
          {children}
        </main>
      </div>
      <Preview />
    </div>
  );
}
