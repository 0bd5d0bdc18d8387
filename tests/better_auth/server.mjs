// Better Auth with its JWT plugin, configured as in a Next.js app, for accounts/tests/test_better_auth.py.
//
// node server.mjs EdDSA ES256 ... starts one server for each algorithm on a free port of loopback
// and prints their addresses as one line of JSON. It exits when its standard input is closed.
// Two routes are for tests only:
// - POST /test/rotate expires the signing key, as rotationInterval does. The key stays in the key set
//   during the grace period.
// - POST /test/withdraw removes all keys.

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { toNodeHandler } from "better-auth/node";
import { jwt } from "better-auth/plugins";

async function start(algorithm) {
  const tables = { user: [], session: [], account: [], verification: [], jwks: [] };
  const server = createServer();
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const origin = `http://127.0.0.1:${server.address().port}`;

  // "trimmed": the payload that docs/authentication.md advises, with the default algorithm.
  const options =
    algorithm === "trimmed"
      ? { jwt: { definePayload: ({ user }) => ({ email: user.email, name: user.name }) } }
      : { jwks: { keyPairConfig: { alg: algorithm } } };
  const auth = betterAuth({
    baseURL: origin,
    secret: randomBytes(32).toString("hex"),
    database: memoryAdapter(tables),
    emailAndPassword: { enabled: true },
    plugins: [jwt(options)],
    telemetry: { enabled: false },
  });

  const handle = toNodeHandler(auth);
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
  return [algorithm, origin];
}

const addresses = await Promise.all(process.argv.slice(2).map(start));
console.log(JSON.stringify(Object.fromEntries(addresses)));
process.stdin.resume().on("end", () => process.exit());
