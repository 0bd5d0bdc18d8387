import { ArrowLeft } from "lucide-react";
import { headers } from "next/headers";
import Link from "next/link";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { Providers } from "@/components/providers";
import { Queries } from "@/components/queries";
import { ThemeMenu } from "@/components/theme-menu";
import { UserMenu } from "@/components/user-menu";
import { auth } from "@/lib/auth";

/** Layout of the account page. Redirects users who are not signed in to the sign-in page. */
export default async function AccountLayout({ children }: { children: ReactNode }) {
  const session = await auth.api.getSession({ headers: await headers() });
  if (!session) redirect("/sign-in");
  const { id, name, email } = session.user;
  return (
    <Providers user={{ id, name, email }}>
      <Queries>
        <header className="sticky top-0 z-10 border-b border-line bg-surface">
          <div className="mx-auto flex h-16 max-w-5xl items-center justify-between px-4 sm:px-6">
            <Link
              href="/dashboard"
              className="-ml-2 flex min-h-10 items-center gap-2 rounded-lg px-2 text-sm font-medium text-muted hover:bg-sunken hover:text-ink"
            >
              <ArrowLeft className="size-4" aria-hidden="true" />
              Your tasks
            </Link>
            <div className="flex items-center gap-1">
              <ThemeMenu />
              <UserMenu />
            </div>
          </div>
        </header>
        <main className="mx-auto max-w-5xl px-4 pt-8 pb-24 sm:px-6">{children}</main>
      </Queries>
    </Providers>
  );
}
