import { API_URL } from "./api-url";
import { getToken } from "./auth-client";

const EXPORT = `${API_URL}/api/me/export`;
/** The formats of an export, and their parameters. */
export const FORMATS = { json: "", csv: "?format=csv&bom=true", ics: "?format=ics" };
export type Format = keyof typeof FORMATS;

/** Downloads the user's data as a file. Throws if the API does not return all of it. */
export async function download(format: Format, name: string) {
  const headers = { Authorization: `Bearer ${await getToken()}` };
  const response = await fetch(EXPORT + FORMATS[format], { headers });
  if (!response.ok) throw new Error(`The response is ${response.status}`);
  const url = URL.createObjectURL(await response.blob());
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}
