// The services and tokens of clients/tools/test_client.py, which runs these tests.
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
export async function newUser(): Promise<TodoClient> {
  const anonymous = createTodoClient({ baseUrl: service.baseUrl });
  const body = { email: `${crypto.randomUUID()}@todo.test`, password: "correct horse battery" };
  const { data } = await anonymous.POST("/api/auth/signup", { body });
  return createTodoClient({ baseUrl: service.baseUrl, getToken: () => data.token });
}
