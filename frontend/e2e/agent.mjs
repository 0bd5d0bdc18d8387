// An agent, such as an assistant on the user's computer: it registers itself, sends the user to the
// app, and gets tokens (OAuth 2.1 with PKCE).
import { createHash, randomBytes } from "node:crypto";
import { API, APP } from "./services.mjs";

// Nothing listens there: the tests read the address of the redirect.
export const RETURNS_TO = "http://127.0.0.1:1";
const REDIRECT_URI = `${RETURNS_TO}/callback`;

export class Agent {
  verifier = randomBytes(32).toString("base64url");

  /** Returns a new agent, which has found the app's addresses by the issuer. */
  static async register(client_name) {
    const known = `${APP}/.well-known/oauth-authorization-server/api/auth`;
    const server = await (await fetch(known)).json();
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
    return Object.assign(new Agent(), { server, client_id });
  }

  /** The page that the agent opens in the user's browser. */
  address(scope) {
    const code_challenge = createHash("sha256").update(this.verifier).digest("base64url");
    const query = new URLSearchParams({
      response_type: "code",
      client_id: this.client_id,
      redirect_uri: REDIRECT_URI,
      resource: `${API}/api/mcp`,
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
      resource: `${API}/api/mcp`,
      ...form,
    });
    const response = await fetch(this.server.token_endpoint, { method: "POST", body });
    return { status: response.status, ...(await response.json()) };
  }
}

/** Waits until the browser of a user returns to the agent. Returns the parameters. */
export async function returned({ page, unexpected }) {
  const request = await page.waitForRequest((found) => found.url().startsWith(REDIRECT_URI));
  // This is the only request to another server.
  const own = unexpected.indexOf(`request to ${RETURNS_TO}`);
  if (own >= 0) unexpected.splice(own, 1);
  return Object.fromEntries(new URL(request.url()).searchParams);
}

/** Sends a request to the API. Returns its status and `code`. */
export async function send(token, method, path, body) {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const response = await fetch(API + path, { method, headers, body: JSON.stringify(body) });
  const json = await response.json().catch(() => undefined);
  return { status: response.status, code: json?.code, json };
}
