import assert from "node:assert/strict";
import test from "node:test";
import { startAppWithoutDatabase } from "./services.mjs";

test("the app works when its database starts after it", async () => {
  const { url, startDatabase } = await startAppWithoutDatabase();
  const signUp = (email) =>
    fetch(`${url}/api/auth/sign-up/email`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Origin: url },
      body: JSON.stringify({ email, name: "Alice", password: "four words in a row" }),
    });

  const before = await signUp("early@todo.test");
  await startDatabase();
  const after = await signUp("late@todo.test");

  assert.equal(before.status, 500);
  assert.equal(after.status, 200);
});
