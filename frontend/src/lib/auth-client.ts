// Better Auth, in the browser: who is signed in, and tokens for the API.
import { jwtClient } from "better-auth/client/plugins";
import { createAuthClient } from "better-auth/react";
import { rememberToken } from "todo-api-client";

export const authClient = createAuthClient({ plugins: [jwtClient()] });

/** A token for the API, kept in memory alone and renewed before it expires. Null when signed out. */
export const getToken = rememberToken(async () => {
  const { data, error } = await authClient.token();
  if (error && error.status !== 401) throw new Error(error.message);
  return data?.token ?? null;
});
