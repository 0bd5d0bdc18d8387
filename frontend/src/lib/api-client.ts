// Calls of the API as the signed-in user.
import { createTodoClient, type Task, type TodoClient } from "todo-api-client";
import { getToken } from "./auth-client";
import { OtherUser } from "./errors";

const baseUrl = process.env.NEXT_PUBLIC_API_URL ?? "http://localhost:8000";

export const api = createTodoClient({ baseUrl, getToken });
export type { Task, TodoClient };

/** Returns a client for the tasks of this user only: when another user has signed in in another tab,
 *  a call fails without a request. */
export function apiOf(userId: string): TodoClient {
  return createTodoClient({
    baseUrl,
    async getToken(refused) {
      const token = await getToken(refused);
      if (token && subjectOf(token) !== userId) throw new OtherUser();
      return token;
    },
  });
}

function subjectOf(token: string): unknown {
  const payload = token.split(".")[1] ?? "";
  return JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))).sub;
}
