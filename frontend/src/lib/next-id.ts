/** Returns the id of the task that the API creates when the repeating task `id` is completed: the
 *  UUID of version 5 (RFC 9562) of the name "next" in the namespace `id`. */
export async function nextId(id: string): Promise<string> {
  const namespace = (id.replaceAll("-", "").match(/../g) ?? []).map((byte) =>
    Number.parseInt(byte, 16),
  );
  const name = new TextEncoder().encode("next");
  const hash = await crypto.subtle.digest("SHA-1", Uint8Array.from([...namespace, ...name]));
  const bytes = new Uint8Array(hash).slice(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50; // the version
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80; // the variant
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
