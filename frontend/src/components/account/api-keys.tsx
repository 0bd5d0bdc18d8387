"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { authClient } from "@/lib/auth-client";
import { dataOf } from "@/lib/auth-result";
import { dayText } from "@/lib/day";
import { READ_PREFIX } from "@/lib/key-prefixes";
import { showToast } from "@/lib/toast";
import { Confirm } from "./confirm";
import { Item, Items } from "./items";
import { NewKey } from "./new-key";

const list = async () => (await dataOf(authClient.apiKey.list())).apiKeys;
type Key = Awaited<ReturnType<typeof list>>[number];

export function ApiKeys() {
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["api-keys"], queryFn: list });
  return (
    <>
      <NewKey />
      <div className="border-t border-line">
        <Items query={query} empty="You have no API keys.">
          {(key) => (
            <Item
              icon={KeyRound}
              title={key.name ?? "A key"}
              badge={key.prefix === READ_PREFIX ? "Only reads" : "Reads and changes"}
              text={describe(key)}
            >
              <Confirm
                action="Delete"
                label={`Delete ${key.name}`}
                title={`Delete the key “${key.name}”?`}
                text="Scripts that use it have no access to your tasks after 15 minutes at the latest."
                run={async () => {
                  await dataOf(authClient.apiKey.delete({ keyId: key.id }));
                  await client.invalidateQueries({ queryKey: ["api-keys"] });
                  showToast("The key is deleted");
                }}
              />
            </Item>
          )}
        </Items>
      </div>
    </>
  );
}

function describe({ start, expiresAt, lastRequest }: Key): string {
  const end = expiresAt ? `expires on ${dayText(expiresAt)}` : "does not expire";
  const use = lastRequest ? `last used on ${dayText(lastRequest)}` : "never used";
  return `${start}… · ${end} · ${use}`;
}
