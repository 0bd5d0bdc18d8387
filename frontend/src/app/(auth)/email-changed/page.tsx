import type { Metadata } from "next";
import { TextLink } from "@/components/text-link";
import type { SearchParams } from "@/lib/agent-query";

export const metadata: Metadata = { title: "Your email address" };

/** Where the link in the e-mail leads, after Better Auth has changed the address. */
export default async function EmailChangedPage({ searchParams }: { searchParams: SearchParams }) {
  const { error } = await searchParams;
  if (error === "INVALID_USER") {
    return (
      <>
        <h1 className="text-2xl font-semibold tracking-tight">This link is of another account</h1>
        <p className="mt-2 mb-6 text-muted">
          You are signed in with a different account here. Sign out, and open the link again.
        </p>
        <p>
          <TextLink href="/dashboard">Your tasks</TextLink>
        </p>
      </>
    );
  }
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">
        {error ? "This link is not valid any more" : "Your email address is changed"}
      </h1>
      <p className="mt-2 mb-6 text-muted">
        {error ? "A link works once, and for an hour." : "You sign in with the new address now."}
      </p>
      <p>
        <TextLink href={error ? "/account" : "/dashboard"}>
          {error ? "Send a new link" : "Your tasks"}
        </TextLink>
      </p>
    </>
  );
}
