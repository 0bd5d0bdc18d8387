export type Token = string | null | undefined;
/** Returns a token. Called for each request, and once more with the token that was refused. */
export type GetToken = (refused?: string) => Token | Promise<Token>;

/** Returns a `getToken` that keeps a token until it is refused or about to expire. Parallel
 *  requests share one fetch. For browsers: `forget` the token at each sign-in and sign-out. Not for
 *  servers, which have many users. */
export function rememberToken(fetchToken: () => Promise<Token>): GetToken & { forget(): void } {
  let kept: Promise<Token> | undefined;
  const get = async (refused?: string) => {
    const current = kept;
    const token = await current?.catch(() => null);
    const isStale = !token || token === refused || secondsLeft(token) < 30;
    // Not when another call has renewed it during the await.
    if (!kept || (kept === current && isStale)) kept = fetchToken();
    return kept;
  };
  return Object.assign(get, { forget: () => void (kept = undefined) });
}

function secondsLeft(token: string): number {
  try {
    const payload = token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(atob(payload)).exp - Date.now() / 1000;
  } catch {
    return Infinity; // not a JWT: kept until it is refused
  }
}
