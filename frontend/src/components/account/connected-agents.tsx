"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Bot } from "lucide-react";
import { TOOLS_URL } from "@/lib/api-url";
import { authClient } from "@/lib/auth-client";
import { dataOf } from "@/lib/auth-result";
import { dayText } from "@/lib/day";
import { inWords } from "@/lib/scopes";
import { showToast } from "@/lib/toast";
import { Confirm } from "./confirm";
import { Copyable } from "./copyable";
import { Item, Items } from "./items";

/** Returns the agents that the user has connected, with the name that each gave itself. */
async function agents() {
  const consents = await dataOf(authClient.oauth2.getConsents());
  return Promise.all(
    consents.map(async ({ id, clientId, scopes, createdAt }) => {
      const query = { client_id: clientId };
      const { data } = await authClient.oauth2.publicClient({ query });
      return { id: String(id), scopes, createdAt, name: data?.client_name ?? "An unnamed app" };
    }),
  );
}

export function ConnectedAgents() {
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["agents"], queryFn: agents });
  return (
    <>
      <Items query={query} empty="No agent is connected.">
        {({ id, name, scopes, createdAt }) => (
          <Item
            icon={Bot}
            title={name}
            text={`${sentence(inWords(scopes))} Connected on ${dayText(createdAt)}.`}
          >
            <Confirm
              action="Disconnect"
              label={`Disconnect ${name}`}
              title={`Disconnect ${name}?`}
              text="It has no access to your tasks after 15 minutes at the latest. You can connect it again."
              run={async () => {
                await dataOf(authClient.oauth2.deleteConsent({ id }));
                await client.invalidateQueries({ queryKey: ["agents"] });
                showToast(`${name} is disconnected`);
              }}
            />
          </Item>
        )}
      </Items>
      <div className="border-t border-line p-5 sm:p-6">
        <p className="mb-3 text-sm text-muted">
          To connect one, add this address in it as an MCP server or connector:
        </p>
        <Copyable label="Address for agents" text={TOOLS_URL} />
      </div>
    </>
  );
}

/** Returns "Can read your tasks, can change and delete your tasks." */
function sentence(words: string[]): string {
  const text = words.join(", ") || "has no access to your tasks";
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
