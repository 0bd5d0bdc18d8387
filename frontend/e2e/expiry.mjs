import assert from "node:assert/strict";
import { eventually, scenario } from "./scenario.mjs";
import { API } from "./services.mjs";

const HOUR = 3_600_000; // milliseconds

scenario("a token is renewed before it expires, and the person goes on", async (arrive) => {
  const alice = await arrive("Alice");
  await alice.signUp();
  await alice.addAndSee("Water the plants");
  const first = alice.token;

  await eventually(() => assert.ok(secondsLeft(first) < 29));
  await alice.addAndSee("Feed the cat");

  assert.notEqual(alice.token, first);
  assert.equal(alice.calls.filter(({ status }) => status === 401).length, 0);
  assert.equal(await alice.alert.count(), 0);
});

scenario("a token that has expired is renewed, and the person goes on", async (arrive) => {
  // Her computer's clock is slow: to it, the token is good for an hour more.
  const alice = await arrive("Alice", { clock: Date.now() - HOUR });
  await alice.signUp();
  await alice.addAndSee("Water the plants");
  const headers = { Authorization: `Bearer ${alice.token}` };

  await eventually(async () => {
    const answer = await fetch(`${API}/api/me`, { headers });
    assert.equal((await answer.json()).code, "token_expired");
  });
  await alice.addAndSee("Feed the cat");

  assert.deepEqual(alice.statuses("POST"), [201, 401, 201]);
  assert.equal(await alice.alert.count(), 0);
});

function secondsLeft(token) {
  const claims = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
  return claims.exp - Date.now() / 1000;
}
