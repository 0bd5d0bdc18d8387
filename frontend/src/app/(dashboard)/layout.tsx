import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { ServiceWorker } from "@/components/lazy";
import { Providers } from "@/components/providers";
import { Shell } from "@/components/shell";
import { auth } from "@/lib/auth";

export const metadata: Metadata = { title: "Your tasks" };

/** Layout for signed-in users. Redirects all others to the sign-in page. */
export default async function DashboardLayout({ children }: { children: ReactNode }) {
  const session = await auth.api.getSession({ headers: await headers() });
  if (!session) redirect("/sign-in");
  const { id, name, email } = session.user;
  return (
    <Providers user={{ id, name, email }}>
      <Shell>{children}</Shell>
      <ServiceWorker />
    </Providers>
  );
}
