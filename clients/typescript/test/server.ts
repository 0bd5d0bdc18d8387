// An HTTP server with faults that a test chooses.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

type Handle = (request: IncomingMessage, response: ServerResponse) => void;
const PROBLEM = { status: 503, code: "unavailable", detail: "Please try again" };

/** Starts a server until the test ends. `requests` contains those that have arrived. */
export async function faultyServer(test: TestContext, handle: Handle) {
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

/** Responds to the first `times` requests with a 503 of the API, and to all others with `[]`. */
export function outage(times: number, headers: Record<string, string> = {}): Handle {
  let count = 0;
  return (_, response) => {
    const isDown = count++ < times;
    response.writeHead(isDown ? 503 : 200, isDown ? headers : {});
    response.end(JSON.stringify(isDown ? PROBLEM : []));
  };
}
