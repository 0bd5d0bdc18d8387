// Better Auth with its JWT plugin, configured as in a Next.js app, for accounts/tests/better_auth.py.
//
// node server.mjs EdDSA ES256 ... starts one server for each algorithm on a free port of loopback
// and prints their addresses as one line of JSON. It exits when its standard input is closed.
// Two names are no algorithms: "trimmed", and "clients", which is in clients.mjs.
// Two routes are for tests only:
// - POST /test/rotate expires the signing key, as rotationInterval does. The key stays in the key set
//   during the grace period.
// - POST /test/withdraw removes all keys.

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { oauthProviderAuthServerMetadata } from "@better-auth/oauth-provider";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { toNodeHandler } from "better-auth/node";
import { jwt } from "better-auth/plugins";
import * as clients from "./clients.mjs";

// "trimmed": the payload that docs/authentication.md advises, with the default algorithm.
function configuration(name) {
  if (name === "clients") return { plugins: clients.plugins, hooks: clients.hooks };
  if (name !== "trimmed") return { plugins: [jwt({ jwks: { keyPairConfig: { alg: name } } })] };
  return { plugins: [jwt({ jwt: { definePayload: ({ user }) => ({ email: user.email, name: user.name }) } })] };
}

// The routes of a Next.js app: app/api/auth/[...all]/route.ts, and with clients
// app/.well-known/oauth-authorization-server/api/auth/route.ts.
function routes(name, auth) {
  const handle = toNodeHandler(auth);
  const metadata = oauthProviderAuthServerMetadata(auth);
  return async (request, response) => {
    if (request.url.startsWith("/api/auth/")) return handle(request, response);
    const known = name === "clients" && request.url === "/.well-known/oauth-authorization-server/api/auth";
    if (!known) return response.writeHead(404).end();
    const found = await metadata(new Request(`http://${request.headers.host}${request.url}`));
    response.writeHead(found.status, Object.fromEntries(found.headers)).end(await found.text());
  };
}

async function start(name) {
  const names = ["user", "session", "account", "verification", "jwks", ...clients.TABLES];
  const tables = Object.fromEntries(names.map((table) => [table, []]));
  const server = createServer();
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const origin = `http://127.0.0.1:${server.address().port}`;

  const auth = betterAuth({
    baseURL: origin,
    secret: randomBytes(32).toString("hex"),
    database: memoryAdapter(tables),
    emailAndPassword: { enabled: true },
    telemetry: { enabled: false },
    ...configuration(name),
  });

  const handle = routes(name, auth);
  const changes = {
    "/test/rotate": () => tables.jwks.forEach((key) => (key.expiresAt = new Date(Date.now() - 1000))),
    "/test/withdraw": () => (tables.jwks.length = 0),
  };
  server.on("request", (request, response) => {
    const change = request.method === "POST" && changes[request.url];
    if (!change) return handle(request, response);
    change();
    response.end("{}");
  });
  return [name, origin];
}

const addresses = await Promise.all(process.argv.slice(2).map(start));
console.log(JSON.stringify(Object.fromEntries(addresses)));
process.stdin.resume().on("end", () => process.exit());
