import { test } from "node:test";
import { service, tokens } from "./service.js";

test("a program takes a task through its whole life", async () => {
  Object.assign(process.env, { TODO_API_URL: service.baseUrl, TODO_API_TOKEN: tokens.newcomer });

  await import("../examples/life.js");
});
