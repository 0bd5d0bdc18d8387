// Better Auth, on the server. It keeps people, sessions and signing keys in a schema of its own,
// beside the tables of the API and out of their way.
import { betterAuth } from "better-auth";
import { jwt } from "better-auth/plugins";
import { PostgresDialect } from "kysely";
import { Pool } from "pg";

export const auth = betterAuth({
  baseURL: process.env.BETTER_AUTH_URL, // the issuer and the audience of every token
  secret: process.env.BETTER_AUTH_SECRET,
  database: {
    dialect: new PostgresDialect({
      pool: new Pool({ connectionString: process.env.DATABASE_URL }),
    }),
    type: "postgres",
    schemaName: "better_auth", // in every statement, so that a transaction pooler is fine
  },
  emailAndPassword: { enabled: true },
  plugins: [
    jwt({
      jwt: {
        expirationTime: process.env.JWT_EXPIRATION || "15m",
        // Without it the whole user row would travel in every token.
        definePayload: ({ user }) => ({ email: user.email, name: user.name }),
      },
    }),
  ],
  advanced: { database: { validateSchema: false } }, // src/instrumentation.ts makes what is missing
  telemetry: { enabled: false },
});
