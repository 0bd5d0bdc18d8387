import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { scenario } from "./scenario.mjs";

scenario("a token signed with an unknown key is refused", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();

  const own = await alice.request("GET", "/api/me", alice.token);
  const forged = await alice.request("GET", "/api/me", forge(alice.token));

  assert.equal(own.status, 200);
  assert.deepEqual([forged.status, forged.body.code], [401, "token_invalid"]);
});

scenario("a user whose token is refused is asked to sign in again", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  await alice.addAndSee("Water the plants");
  const json = { token: forge(alice.token) };

  await alice.context.route("**/api/auth/token", (route) => route.fulfill({ json }));
  await alice.reload();

  await alice.page.getByRole("heading", { name: "You are signed out" }).waitFor();
  assert.deepEqual(await alice.tasks(), []);
  await alice.context.unroute("**/api/auth/token");
  await alice.button("Sign in again").click();
  await alice.button("Sign in").waitFor();
  await alice.ready();
  await alice.enterCredentials("Sign in");
  assert.deepEqual(await alice.tasks(), ["Water the plants"]);
});

function forge(token) {
  const signed = token.slice(0, token.lastIndexOf("."));
  const { privateKey } = generateKeyPairSync("ed25519");
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString("base64url")}`;
}
