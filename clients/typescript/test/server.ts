// A real HTTP server that misbehaves in the way that a test asks for.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

type Handle = (request: IncomingMessage, response: ServerResponse) => void;
const PROBLEM = { status: 503, code: "unavailable", detail: "Please try again" };

/** Serves until the test ends; `requests` grows with each one that arrives. */
export async function misbehaving(test: TestContext, handle: Handle) {
  const requests: { method: string; authorization: string | undefined; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { method = "", headers } = request;
    requests.push({ method, authorization: headers.authorization, body });
    handle(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { baseUrl: `http://127.0.0.1:${port}`, requests };
}

/** Answers the first `times` requests with a 503 of the API, and all others with `[]`. */
export function outage(times: number, headers: Record<string, string> = {}): Handle {
  let answered = 0;
  return (_, response) => {
    const down = answered++ < times;
    response.writeHead(down ? 503 : 200, down ? headers : {});
    response.end(JSON.stringify(down ? PROBLEM : []));
  };
}
