// What a token of an agent or of an API key may do: docs/authentication.md of the API.
export const READ = "tasks:read";
export const WRITE = "tasks:write";
export const ACCOUNT = "account";

const WORDS = [
  [READ, "can read your tasks"],
  [WRITE, "can change and delete your tasks"],
  [ACCOUNT, "can export all your data, and erase your account"],
] as const;

/** Returns the permissions of a list of scopes in words. Other scopes, such as openid, permit nothing
 *  with the API. */
export function inWords(scopes: string[]): string[] {
  return WORDS.filter(([scope]) => scopes.includes(scope)).map(([, words]) => words);
}

/** Returns the scopes without those that permit changes. */
export function onlyReading(scopes: string[]): string[] {
  return scopes.filter((scope) => scope !== WRITE && scope !== ACCOUNT);
}
