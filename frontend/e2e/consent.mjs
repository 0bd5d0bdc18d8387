import assert from "node:assert/strict";
import { Agent, callTool, decide, send } from "./agent.mjs";
import { checker } from "./checker.mjs";
import { scenario } from "./scenario.mjs";

const SCOPE = "tasks:read tasks:write offline_access";

scenario("a user connects an agent that only reads, and disconnects it", async (newUser) => {
  const alice = await newUser("Alice");
  const check = checker(alice);
  await alice.signUp();
  await alice.addAndSee("Water the plants");
  await alice.context.clearCookies();
  const agent = await Agent.register("Task Assistant");

  await alice.page.goto(agent.address(SCOPE));
  await alice.page.waitForURL("**/sign-in?*");
  await alice.ready();
  await check("sign-in-for-agent");
  await alice.fillCredentials("Sign in");
  await alice.page.waitForURL("**/consent?*");
  await alice.ready();
  await alice.page.getByText("can change and delete your tasks").waitFor();
  await alice.page.getByText("127.0.0.1:1").waitFor();
  await check("consent");
  const { code, state } = await decide(alice, "Allow only reading");
  const tokens = await agent.exchange(code);

  assert.equal(state, "a-state");
  assert.equal(tokens.scope, "tasks:read offline_access");
  const listed = await send(tokens.access_token, "GET", "/api/tasks");
  const created = await send(tokens.access_token, "POST", "/api/tasks", { title: "Feed the cat" });
  assert.deepEqual(
    listed.json.map(({ title }) => title),
    ["Water the plants"],
  );
  assert.deepEqual([created.status, created.code], [403, "insufficient_scope"]);
  const result = await callTool(tokens.access_token, "list_tasks");
  assert.match(JSON.stringify(result), /Water the plants/);
  const renewed = await agent.refresh(tokens.refresh_token);
  assert.equal(renewed.status, 200);

  await alice.goTo("/account");
  await alice.page.getByText("Can read your tasks. Connected on").waitFor();
  await check("account-agent", { fullPage: true });
  await alice.button("Disconnect Task Assistant").click();
  await alice.page.getByRole("alertdialog").waitFor();
  await check("account-disconnect");
  await alice.page.getByRole("alertdialog").getByText("Disconnect", { exact: true }).click();
  await alice.page.getByText("No agent is connected.").waitFor();
  const refused = await agent.refresh(renewed.refresh_token);
  assert.deepEqual([refused.status, refused.error], [400, "invalid_grant"]);
  assert.deepEqual(check.violations, []);
});

scenario("a signed-in user allows an agent to change tasks", async (newUser) => {
  const alice = await newUser("Alice");
  await alice.signUp();
  const agent = await Agent.register("Task Assistant");

  await alice.page.goto(agent.address(SCOPE));
  await alice.ready();
  await alice.button("Use another account").click();
  await alice.page.waitForURL("**/sign-in?*");
  await alice.ready();
  await alice.fillCredentials("Sign in");
  await alice.page.waitForURL("**/consent?*");
  await alice.ready();
  const { code } = await decide(alice, "Allow");
  const { access_token } = await agent.exchange(code);
  const created = await send(access_token, "POST", "/api/tasks", { title: "Feed the cat" });
  const erased = await send(access_token, "DELETE", "/api/me", { email: alice.email });

  assert.equal(created.status, 201);
  assert.deepEqual([erased.status, erased.code], [403, "insufficient_scope"]);
  await alice.goTo("/dashboard?view=all");
  await alice.checkbox("Feed the cat").waitFor();
});

scenario("a new user signs up and denies", async (newUser) => {
  const alice = await newUser("Alice");
  const check = checker(alice);
  const agent = await Agent.register("Task Assistant");

  await alice.page.goto(agent.address("openid tasks:read account"));
  await alice.ready();
  await alice.page.getByRole("link", { name: "Sign up" }).click();
  await alice.page.getByLabel("Name", { exact: true }).fill("Alice");
  await alice.fillCredentials("Create account");
  await alice.page.waitForURL("**/consent?*");
  await alice.ready();
  await alice.page.getByText("erase your account").waitFor();
  await check("consent-account");
  const denied = await decide(alice, "Deny");

  assert.equal(denied.error, "access_denied");
  assert.equal(denied.code, undefined);
  assert.deepEqual(check.violations, []);
});

scenario("a consent page that was not signed by the app grants nothing", async (newUser) => {
  const alice = await newUser("Alice");
  const check = checker(alice);
  await alice.signUp();
  const agent = await Agent.register("Task Assistant");

  await alice.goTo("/consent");
  await alice.page.getByText("No app asks to be connected").waitFor();
  await check("consent-nobody");
  await alice.page.goto(agent.address("tasks:read"));
  await alice.page.waitForURL("**/consent?*");
  const forged = alice.page.url().replace("scope=tasks%3Aread", "scope=tasks%3Aread+tasks%3Awrite");
  await alice.page.goto(forged);
  await alice.ready();
  await alice.button("Allow").click();
  await alice.alert.waitFor();
  await check("consent-refused");

  assert.match(alice.page.url(), /\/consent\?/);
  assert.deepEqual(check.violations, []);
});
