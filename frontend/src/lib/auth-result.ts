type Failure = { code?: string; message?: string; status: number };
type Result = { data: unknown; error: Failure | null };

/** An error of Better Auth. */
export class AuthError extends Error {
  readonly code: string | undefined;

  constructor({ code, message, status }: Failure) {
    super(message || `The response is ${status}`);
    this.code = code;
  }
}

/** Returns the data of a call of Better Auth's client, or throws an AuthError. */
export async function dataOf<R extends Result>(call: Promise<R>) {
  const { data, error } = await call;
  if (error) throw new AuthError(error);
  return data as Extract<R, { error: null }>["data"];
}
