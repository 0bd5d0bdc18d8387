// Better Auth on the server. Its users, sessions and signing keys are in a separate schema of the
// database.
import { betterAuth } from "better-auth";
import { jwt } from "better-auth/plugins";
import { PostgresDialect } from "kysely";
import { Pool } from "pg";
import { agents, endAgentWithConsent } from "./agents";
import { deleteKeys, keys, scopeOfKey } from "./api-keys";
import { announceEmailChange } from "./email-change";
import { eraseTasks } from "./erase-tasks";
import { CAN_SEND_MAIL, sendEmailLink, sendResetLink } from "./mail";

const baseURL = process.env.BETTER_AUTH_URL; // the issuer and the audience of a session's tokens

export const auth = betterAuth({
  baseURL,
  // On a development machine, both names work.
  trustedOrigins: baseURL?.startsWith("http://localhost")
    ? [baseURL.replace("localhost", "127.0.0.1")]
    : [],
  secret: process.env.BETTER_AUTH_SECRET,
  database: {
    dialect: new PostgresDialect({
      pool: new Pool({ connectionString: process.env.DATABASE_URL }),
    }),
    type: "postgres",
    schemaName: "better_auth", // every statement names it, so a transaction pooler works
  },
  emailAndPassword: {
    enabled: true,
    revokeSessionsOnPasswordReset: true,
    ...(CAN_SEND_MAIL && { sendResetPassword: sendResetLink }),
  },
  ...(CAN_SEND_MAIL && { emailVerification: { sendVerificationEmail: sendEmailLink } }),
  user: {
    changeEmail: { enabled: CAN_SEND_MAIL },
    deleteUser: { enabled: true, beforeDelete: eraseTasks },
  },
  plugins: [
    jwt({
      jwt: {
        expirationTime: process.env.JWT_EXPIRATION || "15m",
        // By default every token contains the whole user row.
        definePayload: ({ user, session }) => ({
          email: user.email,
          name: user.name,
          ...scopeOfKey(session.token),
        }),
      },
    }),
    agents,
    keys,
  ],
  hooks: { before: endAgentWithConsent, after: announceEmailChange },
  databaseHooks: { user: { delete: { after: deleteKeys } } },
  advanced: { database: { validateSchema: false } }, // src/instrumentation.ts creates missing tables
  telemetry: { enabled: false },
});
