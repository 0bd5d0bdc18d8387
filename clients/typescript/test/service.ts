// The services and tokens of clients/tools/test_client.py, which runs these tests.
import { createHmac } from "node:crypto";
import { createTodoClient, type TodoClient } from "todo-api-client";

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is missing: run clients/tools/test_client.py`);
  return value;
}

export const service = {
  baseUrl: variable("TODO_API_URL"),
  /** Its database has no tables: every query is an internal error. */
  broken: variable("TODO_API_BROKEN_URL"),
  /** Its database is unreachable. */
  unavailable: variable("TODO_API_UNAVAILABLE_URL"),
};
export const tokens = {
  alice: variable("TODO_API_TOKEN"),
  expired: variable("TODO_API_EXPIRED_TOKEN"),
  suspended: variable("TODO_API_SUSPENDED_TOKEN"),
  /** Of a user without tasks. */
  newcomer: variable("TODO_API_NEWCOMER_TOKEN"),
};

/** Returns a client of a new user. */
export function newUser(): TodoClient {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const claims = { sub: crypto.randomUUID(), exp: Math.floor(Date.now() / 1000) + 900 };
  const signed = `${encode({ alg: "HS256" })}.${encode(claims)}`;
  const signature = createHmac("sha256", variable("TODO_API_SECRET")).update(signed);
  const token = `${signed}.${signature.digest("base64url")}`;
  return createTodoClient({ baseUrl: service.baseUrl, getToken: () => token });
}
