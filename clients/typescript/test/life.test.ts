import { test } from "node:test";
import { service, tokens } from "./service.js";

test("the example runs every operation on tasks", async () => {
  Object.assign(process.env, { TODO_API_URL: service.baseUrl, TODO_API_TOKEN: tokens.newcomer });

  await import("../examples/life.js");
});
