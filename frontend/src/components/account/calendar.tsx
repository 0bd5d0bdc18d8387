"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CalendarDays } from "lucide-react";
import { useState } from "react";
import { api } from "@/lib/api-client";
import { dayText } from "@/lib/day";
import { hasCode } from "@/lib/errors";
import { showToast } from "@/lib/toast";
import { Button } from "../button";
import { Confirm } from "./confirm";
import { Copyable } from "./copyable";
import { Item, Items } from "./items";

/** Returns the feed in a list; an empty list without one. */
async function feeds() {
  try {
    const { data } = await api.GET("/api/me/calendar");
    return [{ id: "feed", createdAt: data.created_at }];
  } catch (error) {
    if (hasCode(error, "not_found")) return [];
    throw error;
  }
}

export function Calendar() {
  const client = useQueryClient();
  const [address, setAddress] = useState<string>();
  const [busy, setBusy] = useState(false);
  const query = useQuery({ queryKey: ["calendar"], queryFn: feeds });
  const changed = () => client.invalidateQueries({ queryKey: ["calendar"] });

  async function make() {
    setAddress((await api.POST("/api/me/calendar")).data.url);
    await changed();
  }

  async function makeFirst() {
    setBusy(true);
    await make().catch(() =>
      showToast("The address could not be made. Please try again.", { failed: true }),
    );
    setBusy(false);
  }

  return (
    <>
      <Items query={query} empty="You have no calendar feed yet.">
        {({ createdAt }) => (
          <Item
            icon={CalendarDays}
            title="Your feed has an address"
            text={`Made on ${dayText(createdAt)}. It is not shown again.`}
          >
            <Confirm
              action="Revoke"
              label="Revoke the address"
              title="Revoke the address of your calendar feed?"
              text="Calendars with this address get no more changes. They may keep what they have read."
              run={async () => {
                await api.DELETE("/api/me/calendar");
                setAddress(undefined);
                await changed();
              }}
            />
          </Item>
        )}
      </Items>
      {query.data && (
        <div className="flex flex-col gap-4 border-t border-line px-5 py-4 sm:px-6">
          {address && (
            <div role="status" className="flex flex-col gap-3">
              <p className="text-sm">
                <strong className="font-semibold">Copy the address now</strong> and subscribe to it
                in your calendar program. Anyone who has it can read these tasks: keep it like a
                password.
              </p>
              <Copyable label="Address of your calendar feed" text={address} isNew />
            </div>
          )}
          {query.data.length ? (
            <div>
              <Confirm
                action="Make a new address"
                title="Make a new address for your calendar feed?"
                text="The present address ends at once: change it in your calendar programs."
                run={make}
              />
            </div>
          ) : (
            <Button variant="secondary" className="self-start" disabled={busy} onClick={makeFirst}>
              Make address
            </Button>
          )}
        </div>
      )}
    </>
  );
}
