export type Token = string | null | undefined;
/** Called for each request, and once more with the token that was refused. */
export type GetToken = (refused?: string) => Token | Promise<Token>;

/** Keeps a token until it is refused or about to expire; parallel requests share one fetch.
 *  For the one person of a browser: `forget` it on signing in or out. Never for a server. */
export function rememberToken(fetchToken: () => Promise<Token>): GetToken & { forget(): void } {
  let kept: Promise<Token> | undefined;
  const get = async (refused?: string) => {
    const before = kept;
    const token = await before?.catch(() => null);
    const stale = !token || token === refused || secondsLeft(token) < 30;
    // Unless somebody else renewed it while this waited.
    if (!kept || (kept === before && stale)) kept = fetchToken();
    return kept;
  };
  return Object.assign(get, { forget: () => void (kept = undefined) });
}

function secondsLeft(token: string): number {
  try {
    const payload = token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(atob(payload)).exp - Date.now() / 1000;
  } catch {
    return Infinity; // not for us to read: good until it is refused
  }
}
