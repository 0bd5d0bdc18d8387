// API keys: a user's script sends one to /api/auth/token and gets a token for the API.
import { apiKey } from "@better-auth/api-key";
import type { GenericEndpointContext } from "better-auth";
import { PREFIX, READ_PREFIX } from "./key-prefixes";
import { READ, WRITE } from "./scopes";

export const keys = apiKey({
  defaultPrefix: PREFIX,
  requireName: true,
  enableSessionForAPIKeys: true,
  // A key is good for a token, and for no other route of Better Auth.
  customAPIKeyGetter: ({ path, headers }) => {
    const key = path === "/token" ? headers?.get("x-api-key") : undefined;
    return key?.startsWith(PREFIX) ? key : null;
  },
  startingCharactersConfig: { charactersLength: READ_PREFIX.length + 4 }, // shown in the list of keys
  rateLimit: { timeWindow: 60 * 60 * 1000, maxRequests: 60 },
});

/** Returns the claim `scope` for a token that was requested with a key. The token of a session has
 *  none, and may do everything. */
export function scopeOfKey(token: string): { scope?: string } {
  if (!token.startsWith(PREFIX)) return {};
  return { scope: token.startsWith(READ_PREFIX) ? READ : `${READ} ${WRITE}` };
}

/** Deletes the keys of a deleted user. Their table does not refer to the table of users. */
export async function deleteKeys({ id }: { id: string }, ctx: GenericEndpointContext | null) {
  const where = [{ field: "referenceId", value: id }];
  await ctx?.context.adapter.deleteMany({ model: "apikey", where });
}
