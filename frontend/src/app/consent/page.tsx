import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { Brand } from "@/components/brand";
import { Consent } from "@/components/consent";
import { TextLink } from "@/components/text-link";
import { ThemeMenu } from "@/components/theme-menu";
import { agentQueryOf, type SearchParams } from "@/lib/agent-query";
import { auth } from "@/lib/auth";

export const metadata: Metadata = { title: "Connect an app" };

/** Asks whether an agent may use the user's tasks. Better Auth has checked the agent's request and
 *  signed its query, and checks the signature again with the user's answer. */
export default async function ConsentPage({ searchParams }: { searchParams: SearchParams }) {
  const agentQuery = await agentQueryOf(searchParams);
  const session = await auth.api.getSession({ headers: await headers() });
  if (!session && agentQuery) redirect(`/sign-in${agentQuery}`);
  const query = new URLSearchParams(agentQuery);
  const name = session && (await nameOfAgent(query.get("client_id")));
  return (
    <div className="flex min-h-dvh flex-col px-4 py-5 sm:px-10">
      <header className="flex items-center justify-between">
        <Brand />
        <ThemeMenu />
      </header>
      <main className="mx-auto flex w-full max-w-md flex-1 flex-col justify-center py-8">
        {name ? (
          <Consent
            agent={name}
            email={session.user.email}
            scopes={query.get("scope")?.split(" ") ?? []}
            returnsTo={query.get("redirect_uri") ?? ""}
          />
        ) : (
          <>
            <h1 className="text-2xl font-semibold tracking-tight">No app asks to be connected</h1>
            <p className="mt-2 mb-6 text-muted">
              This page works only when an app has sent you here. Start again in that app.
            </p>
            <TextLink href="/dashboard">Go to your tasks</TextLink>
          </>
        )}
      </main>
    </div>
  );
}

/** Returns the name that an agent gave itself; undefined if there is no such agent. */
async function nameOfAgent(client_id: string | null) {
  if (!client_id) return undefined;
  try {
    const query = { client_id };
    const client = await auth.api.getOAuthClientPublic({ query, headers: await headers() });
    return client.client_name || "An unnamed app";
  } catch {
    return undefined;
  }
}
