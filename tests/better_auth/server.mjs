// Better Auth with its JWT plugin, as a Next.js app runs it, for accounts/tests/test_better_auth.py.
//
// node server.mjs EdDSA ES256 ... starts one server for each algorithm on a free port of loopback
// and prints their addresses as one line of JSON. It ends when its standard input does.
// Two routes are for tests only: POST /test/rotate lets the signing key expire, as rotationInterval
// does in time (it stays listed during the grace period); POST /test/withdraw removes all keys.

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

  // "trimmed": what docs/authentication.md advises, on the default algorithm.
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
  const rotations = {
    "/test/rotate": () => tables.jwks.forEach((key) => (key.expiresAt = new Date(Date.now() - 1000))),
    "/test/withdraw": () => (tables.jwks.length = 0),
  };
  server.on("request", (request, response) => {
    const rotate = request.method === "POST" && rotations[request.url];
    if (!rotate) return handle(request, response);
    rotate();
    response.end("{}");
  });
  return [algorithm, origin];
}

const addresses = await Promise.all(process.argv.slice(2).map(start));
console.log(JSON.stringify(Object.fromEntries(addresses)));
process.stdin.resume().on("end", () => process.exit());
