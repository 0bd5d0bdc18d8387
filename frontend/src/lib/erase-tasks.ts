import { APIError } from "better-auth/api";
import { API_URL } from "./api-url";
import { auth } from "./auth";

const ME = `${API_URL}/api/me`;

/** Erases all data of a user at the API, before Better Auth deletes the user. If that fails, an error
 *  keeps Better Auth from deleting the user, so that they can try again. */
export async function eraseTasks(_user: unknown, request?: Request): Promise<void> {
  const cookie = request?.headers.get("cookie") ?? "";
  const { token } = await auth.api.getToken({ headers: new Headers({ cookie }) });
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  // The API confirms with the e-mail that it knows, which may be an hour old.
  const { id, email } = await (await send({ headers })).json();
  await send({ method: "DELETE", headers, body: JSON.stringify({ email: email || id }) });
}

async function send(init: RequestInit): Promise<Response> {
  const response = await fetch(ME, init).catch(() => undefined);
  if (response?.ok) return response;
  const message = `The API responded with ${response?.status ?? "nothing"}`;
  // The API responds with 403 to a suspended user.
  const code = response?.status === 403 ? "ACCOUNT_SUSPENDED" : "NOT_ERASED";
  throw new APIError("BAD_GATEWAY", { code, message });
}
