import assert from "node:assert/strict";
import { eventually, scenario } from "./scenario.mjs";
import { API } from "./services.mjs";

const HOUR = 3_600_000; // milliseconds

scenario("a token is renewed before it expires", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.addAndSee("Water the plants");
  const first = alice.token;

  await eventually(() => assert.ok(secondsLeft(first) < 29));
  await alice.addAndSee("Feed the cat");

  assert.notEqual(alice.token, first);
  assert.deepEqual(alice.failures, []);
  assert.equal(await alice.alert.count(), 0);
});

scenario("an expired token is renewed", async (newUser) => {
  // The clock of the browser is an hour slow, so the app considers the token valid.
  const alice = await newUser("Alice", { clock: Date.now() - HOUR });
  await alice.signUp();
  await alice.addAndSee("Water the plants");
  const headers = { Authorization: `Bearer ${alice.token}` };

  await eventually(async () => {
    const response = await fetch(`${API}/api/me`, { headers });
    assert.equal((await response.json()).code, "token_expired");
  });
  await alice.addAndSee("Feed the cat");

  assert.deepEqual(alice.failures, [401]);
  assert.equal(await alice.alert.count(), 0);
});

function secondsLeft(token) {
  const claims = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
  return claims.exp - Date.now() / 1000;
}
