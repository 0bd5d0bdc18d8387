// Agents: other programs that a user connects, with OAuth. They get tokens for the API.
import { oauthProvider } from "@better-auth/oauth-provider";
import { createAuthMiddleware, getSessionFromCtx } from "better-auth/api";
import { TOOLS_URL } from "./api-url";
import { ACCOUNT, READ, WRITE } from "./scopes";

const WITHOUT_TABLES = { findOne: () => Promise.reject(new Error("no such table")) };

const provider = oauthProvider({
  loginPage: "/sign-in",
  consentPage: "/consent",
  scopes: ["openid", "offline_access", READ, WRITE, ACCOUNT],
  // The API accepts tokens for this audience with the setting AUTH_SOURCES.
  resources: [TOOLS_URL],
  clientRegistrationDefaultResources: [TOOLS_URL],
  // An agent registers itself. Its name is its own claim, so the consent page also shows its address.
  allowDynamicClientRegistration: true,
  allowUnauthenticatedClientRegistration: true,
  grantTypes: ["authorization_code", "refresh_token"],
  accessTokenExpiresIn: 900, // seconds
  customAccessTokenClaims: ({ user }) => (user ? { email: user.email, name: user.name } : {}),
});

/** The plugin writes its `resources` to the database, at the start or at their first use. At the start,
 *  an outage of the database would break the app until it is started again, so it is always done at the
 *  first use, as when the table is missing. */
export const agents: typeof provider = {
  ...provider,
  init: (ctx) => provider.init(Object.create(ctx, { adapter: { value: WITHOUT_TABLES } })),
};

/** Deletes an agent's refresh tokens when the user deletes its consent. By default they stay valid. */
export const endAgentWithConsent = createAuthMiddleware(async (ctx) => {
  if (ctx.path !== "/oauth2/delete-consent") return;
  const user = (await getSessionFromCtx(ctx))?.user;
  if (!user) return;
  const { adapter } = ctx.context;
  const ofUser = { field: "userId", value: user.id };
  const consent = await adapter.findOne<{ clientId: string }>({
    model: "oauthConsent",
    where: [{ field: "id", value: String(ctx.body?.id) }, ofUser],
  });
  if (!consent) return;
  const ofClient = { field: "clientId", value: consent.clientId };
  await adapter.deleteMany({ model: "oauthRefreshToken", where: [ofClient, ofUser] });
});
