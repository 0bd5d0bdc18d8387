import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { auth } from "./auth";

export type SearchParams = Promise<Record<string, string | string[] | undefined>>;

/** Returns the query of a page to which an agent has sent the user, with "?"; otherwise "". */
export async function agentQueryOf(searchParams: SearchParams): Promise<string> {
  const query = new URLSearchParams();
  for (const [name, values = []] of Object.entries(await searchParams)) {
    for (const value of [values].flat()) query.append(name, value);
  }
  return query.has("sig") ? `?${query}` : "";
}

/** The same, for pages that are of no use to signed-in users: redirects them to the dashboard, unless
 *  an agent wants them to sign in again. */
export async function whenSignedOut(searchParams: SearchParams): Promise<string> {
  const agentQuery = await agentQueryOf(searchParams);
  const signedIn = await auth.api.getSession({ headers: await headers() });
  if (signedIn && !agentQuery) redirect("/dashboard");
  return agentQuery;
}
