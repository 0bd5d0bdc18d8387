"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Monitor, Smartphone } from "lucide-react";
import { authClient } from "@/lib/auth-client";
import { AuthError, dataOf } from "@/lib/auth-result";
import { dayText } from "@/lib/day";
import { deviceOf } from "@/lib/device";
import { signInAgain } from "@/lib/sign-out";
import { Button } from "../button";
import { Confirm } from "./confirm";
import { Item, Items } from "./items";

export function Sessions() {
  const client = useQueryClient();
  const { data: own } = authClient.useSession();
  const isOwn = ({ id }: { id: string }) => id === own?.session.id;
  const query = useQuery({
    queryKey: ["sessions"],
    queryFn: () => dataOf(authClient.listSessions()),
    enabled: own !== null,
    select: (sessions) => sessions.toSorted((a, b) => Number(isOwn(b)) - Number(isOwn(a))),
    retry: false,
  });
  const changed = () => client.invalidateQueries({ queryKey: ["sessions"] });

  if (query.error instanceof AuthError && query.error.code === "SESSION_NOT_FRESH") {
    return (
      <div className="flex flex-wrap items-center justify-between gap-4 p-5 sm:p-6">
        <p className="min-w-0 flex-1 basis-64 text-sm text-muted">
          You signed in more than a day ago. To see your sessions, sign in again.
        </p>
        <Button variant="secondary" onClick={signInAgain}>
          Sign in again
        </Button>
      </div>
    );
  }
  return (
    <>
      <Items query={query} empty="There are no sessions.">
        {(session) => {
          const { name, isPhone } = deviceOf(session.userAgent ?? "");
          const since = `Signed in on ${dayText(session.createdAt)}`;
          return (
            <Item
              icon={isPhone ? Smartphone : Monitor}
              title={name}
              badge={isOwn(session) ? "This device" : undefined}
              text={session.ipAddress ? `${since} from ${session.ipAddress}` : since}
            >
              {!isOwn(session) && (
                <Confirm
                  action="Sign out"
                  label={`Sign out ${name}`}
                  title={`Sign out ${name}?`}
                  text="Your tasks stay readable there for 15 minutes at most."
                  run={async () => {
                    await dataOf(authClient.revokeSession({ token: session.token }));
                    await changed();
                  }}
                />
              )}
            </Item>
          );
        }}
      </Items>
      {query.data && query.data.length > 1 && (
        <div className="border-t border-line px-5 py-4 sm:px-6">
          <Confirm
            action="Sign out all others"
            title="Sign out on all other devices?"
            text="You stay signed in here. Connected agents and API keys keep working."
            run={async () => {
              await dataOf(authClient.revokeOtherSessions());
              await changed();
            }}
          />
        </div>
      )}
    </>
  );
}
