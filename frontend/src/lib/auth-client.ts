// Better Auth in the browser: the session, and tokens for the API.
import { apiKeyClient } from "@better-auth/api-key/client";
import { oauthProviderClient } from "@better-auth/oauth-provider/client";
import { jwtClient } from "better-auth/client/plugins";
import { createAuthClient } from "better-auth/react";
import { rememberToken } from "todo-api-client";

export const authClient = createAuthClient({
  plugins: [jwtClient(), oauthProviderClient(), apiKeyClient()],
});

/** Returns a token for the API, or null when signed out. It is kept only in memory, and renewed before
 *  it expires. */
export const getToken = rememberToken(async () => {
  const { data, error } = await authClient.token();
  if (error && error.status !== 401) throw new Error(error.message);
  return data?.token ?? null;
});
