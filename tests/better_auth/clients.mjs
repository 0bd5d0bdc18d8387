// Better Auth for clients (OAuth) and API keys, configured as in a Next.js app, for
// accounts/tests/test_clients.py. docs/authentication.md explains the options.

import { apiKey } from "@better-auth/api-key";
import { oauthProvider } from "@better-auth/oauth-provider";
import { createAuthMiddleware, getSessionFromCtx } from "better-auth/api";
import { jwt } from "better-auth/plugins";

// The addresses of the API's MCP endpoint, and of another API that accepts tokens of this server.
const RESOURCES = ["https://todo.test/api/mcp", "https://photos.test/api"];

export const TABLES = [
  "apikey",
  "oauthAccessToken",
  "oauthClient",
  "oauthClientAssertion",
  "oauthClientResource",
  "oauthConsent",
  "oauthRefreshToken",
  "oauthResource",
];

// The token of a session has no scope. That of an API key has one, because a key is easily lost.
function scopeOf({ token }) {
  if (!token.startsWith("todo_")) return {};
  return { scope: token.startsWith("todo_read_") ? "tasks:read" : "tasks:read tasks:write" };
}

export const plugins = [
  jwt({
    jwt: {
      definePayload: ({ user, session }) => ({
        email: user.email,
        name: user.name,
        ...scopeOf(session),
      }),
    },
  }),
  oauthProvider({
    loginPage: "/sign-in",
    consentPage: "/consent",
    scopes: ["openid", "offline_access", "tasks:read", "tasks:write", "account"],
    resources: RESOURCES,
    clientRegistrationDefaultResources: RESOURCES,
    allowDynamicClientRegistration: true,
    allowUnauthenticatedClientRegistration: true,
    grantTypes: ["authorization_code", "refresh_token"],
    accessTokenExpiresIn: 900,
    customAccessTokenClaims: ({ user }) => (user ? { email: user.email, name: user.name } : {}),
  }),
  apiKey({
    enableSessionForAPIKeys: true,
    defaultPrefix: "todo_",
    // A key is good for a token, and for no other route of Better Auth.
    customAPIKeyGetter: ({ path, headers }) => {
      const key = path === "/token" && headers?.get("x-api-key");
      return key && key.startsWith("todo_") ? key : null;
    },
    rateLimit: { timeWindow: 60 * 60 * 1000, maxRequests: 60 },
  }),
];

// Better Auth keeps the refresh tokens of a client whose consent is deleted.
export const hooks = {
  before: createAuthMiddleware(async (ctx) => {
    if (ctx.path !== "/oauth2/delete-consent") return;
    const { adapter } = ctx.context;
    const userId = (await getSessionFromCtx(ctx))?.user.id;
    const own = [{ field: "id", value: ctx.body?.id }, { field: "userId", value: userId }];
    const consent = userId && (await adapter.findOne({ model: "oauthConsent", where: own }));
    if (!consent) return;
    const where = [{ field: "clientId", value: consent.clientId }, { field: "userId", value: userId }];
    await adapter.deleteMany({ model: "oauthRefreshToken", where });
  }),
};
