import { getToken } from "./auth-client";

/** Goes on after signing in. When an agent has sent the user here, Better Auth's client already loads
 *  the page that asks for their consent. The promise never resolves, so that the form stays busy. */
export function goOn(data: object): Promise<never> {
  getToken.forget();
  // A full page load, so that no data of the previous user remains.
  if (!("redirect" in data && data.redirect)) window.location.assign("/dashboard");
  return new Promise(() => {});
}
