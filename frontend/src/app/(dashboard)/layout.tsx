import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { Brand } from "@/components/brand";
import { Providers } from "@/components/providers";
import { ThemeMenu } from "@/components/theme-menu";
import { UserMenu } from "@/components/user-menu";
import { auth } from "@/lib/auth";

export const metadata: Metadata = { title: "Your tasks" };

/** Layout for signed-in users. Redirects all others to the sign-in page. */
export default async function DashboardLayout({ children }: { children: ReactNode }) {
  const session = await auth.api.getSession({ headers: await headers() });
  if (!session) redirect("/sign-in");
  const { id, name, email } = session.user;
  return (
    <Providers user={{ id, name, email }}>
      <header className="sticky top-0 z-10 border-b border-line bg-surface">
        <div className="mx-auto flex h-16 max-w-3xl items-center justify-between px-4 sm:px-6">
          <Brand />
          <div className="flex items-center gap-1">
            <ThemeMenu />
            <UserMenu />
          </div>
        </div>
      </header>
      <main className="mx-auto max-w-3xl px-4 pt-8 pb-32 sm:px-6">{children}</main>
    </Providers>
  );
}
