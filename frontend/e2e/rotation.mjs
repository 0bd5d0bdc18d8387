import assert from "node:assert/strict";
import { scenario } from "./scenario.mjs";
import { sql } from "./services.mjs";

scenario("signing keys rotate, and the person goes on", async (arrive) => {
  // With a slow clock the app keeps the token of the old key, until it is refused.
  const alice = await arrive("Alice", { clock: Date.now() - 3_600_000 });
  await alice.signUp();
  await alice.addAndSee("Water the plants");
  const old = keyOf(alice.token);

  await sql("DELETE FROM better_auth.jwks"); // the next token is signed by a new one
  const bob = await arrive("Bob");
  await bob.signUp(); // and tells the API of it
  await alice.addAndSee("Feed the cat");

  assert.notEqual(keyOf(bob.token), old);
  assert.equal(keyOf(alice.token), keyOf(bob.token));
  assert.deepEqual(alice.statuses("POST"), [201, 401, 201]);
  assert.equal(await alice.alert.count(), 0);
  assert.deepEqual(
    bob.statuses("GET").filter((status) => status === 401),
    [],
  );
});

const keyOf = (token) => JSON.parse(Buffer.from(token.split(".")[0], "base64url")).kid;
