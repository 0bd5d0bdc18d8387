import type { Metadata } from "next";
import { ResetPassword } from "@/components/reset-password";
import { TextLink } from "@/components/text-link";
import type { SearchParams } from "@/lib/agent-query";

export const metadata: Metadata = { title: "Choose a new password" };

export default async function ResetPasswordPage({ searchParams }: { searchParams: SearchParams }) {
  const { token } = await searchParams;
  if (typeof token === "string") return <ResetPassword token={token} />;
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">This link is not valid any more</h1>
      <p className="mt-2 mb-6 text-muted">A link works once, and for an hour.</p>
      <p>
        <TextLink href="/forgot-password">Send a new link</TextLink>
      </p>
    </>
  );
}
