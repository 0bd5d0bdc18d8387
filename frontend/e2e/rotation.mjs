import assert from "node:assert/strict";
import { scenario } from "./scenario.mjs";
import { sql } from "./services.mjs";

scenario("after a rotation of the signing keys the user can continue", async (newUser) => {
  // With a slow clock, the app keeps using the token of the old key until the API refuses it.
  const alice = await newUser("Alice", { clock: Date.now() - 3_600_000 });
  await alice.signUp();
  await alice.addAndSee("Water the plants");
  const old = keyOf(alice.token);

  await sql("DELETE FROM better_auth.jwks"); // the next token is signed with a new key
  const bob = await newUser("Bob");
  await bob.signUp(); // and makes the API fetch the new key
  await alice.addAndSee("Feed the cat");

  assert.notEqual(keyOf(bob.token), old);
  assert.equal(keyOf(alice.token), keyOf(bob.token));
  assert.deepEqual(alice.failures, [401]);
  assert.equal(await alice.alert.count(), 0);
  assert.deepEqual(bob.failures, []);
});

const keyOf = (token) => JSON.parse(Buffer.from(token.split(".")[0], "base64url")).kid;
