// An agent, such as an assistant on the user's computer: it registers itself, sends the user to the
// app, and gets tokens (OAuth 2.1 with PKCE).
import { createHash, randomBytes } from "node:crypto";
import { API } from "./services.mjs";

// Nothing listens there: the tests read the address of the redirect.
const RETURNS_TO = "http://127.0.0.1:1";
const REDIRECT_URI = `${RETURNS_TO}/callback`;

export class Agent {
  verifier = randomBytes(32).toString("base64url");

  /** Returns a new agent, which knows only the address of the API's tools. */
  static async register(client_name) {
    const { resource, authorization_servers } = await read(
      `${API}/.well-known/oauth-protected-resource/api/mcp`,
    );
    const { origin, pathname } = new URL(authorization_servers[0]);
    const server = await read(`${origin}/.well-known/oauth-authorization-server${pathname}`);
    const response = await fetch(server.registration_endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        client_name,
        application_type: "native",
        redirect_uris: [REDIRECT_URI],
        grant_types: ["authorization_code", "refresh_token"],
        token_endpoint_auth_method: "none",
      }),
    });
    const { client_id } = await response.json();
    return Object.assign(new Agent(), { resource, server, client_id });
  }

  /** The page that the agent opens in the user's browser. */
  address(scope) {
    const code_challenge = createHash("sha256").update(this.verifier).digest("base64url");
    const query = new URLSearchParams({
      response_type: "code",
      client_id: this.client_id,
      redirect_uri: REDIRECT_URI,
      resource: this.resource,
      state: "a-state",
      code_challenge,
      code_challenge_method: "S256",
      scope,
    });
    return `${this.server.authorization_endpoint}?${query}`;
  }

  async exchange(code) {
    const grant_type = "authorization_code";
    const { verifier: code_verifier } = this;
    return this.ask({ grant_type, code, code_verifier, redirect_uri: REDIRECT_URI });
  }

  async refresh(refresh_token) {
    return this.ask({ grant_type: "refresh_token", refresh_token });
  }

  async ask(form) {
    const body = new URLSearchParams({
      client_id: this.client_id,
      resource: this.resource,
      ...form,
    });
    const response = await fetch(this.server.token_endpoint, { method: "POST", body });
    return { status: response.status, ...(await response.json()) };
  }
}

const read = async (url) => (await fetch(url)).json();

/** Clicks a button of the consent page. Returns the parameters with which the browser of the user
 *  returns to the agent. */
export async function decide(user, button) {
  const { page, context, unexpected } = user;
  await context.route(`${RETURNS_TO}/**`, (route) => route.fulfill({ body: "Connected" }));
  await user.button(button).click();
  await page.waitForURL(`${RETURNS_TO}/**`);
  // This is the only request to another server.
  unexpected.splice(unexpected.indexOf(`request to ${RETURNS_TO}`), 1);
  return Object.fromEntries(new URL(page.url()).searchParams);
}

/** Sends a request to the API. Returns its status and `code`. */
export async function send(token, method, path, body) {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const response = await fetch(API + path, { method, headers, body: JSON.stringify(body) });
  const json = await response.json().catch(() => undefined);
  return { status: response.status, code: json?.code, json };
}

/** Calls a tool of the API (Model Context Protocol). Returns its result. */
export async function callTool(token, name, args = {}) {
  const params = { name, arguments: args };
  const { json } = await send(token, "POST", "/api/mcp", {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params,
  });
  return json.result;
}
