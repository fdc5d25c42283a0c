// The provider on a loopback port, for tests that need a socket.
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { listening } from "../listening.mjs";

/**
 * `create(origin)` resolves to the providers of this origin.
 * @param {(origin: string) => Promise<{ issuer: string, fetch: typeof fetch }[]>} create
 */
export async function serveProviders(create) {
  let providers = [];
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    const stopper = new AbortController();
    response.once("close", () => stopper.abort());
    const address = new URL(url, origin).href;
    let form = "";
    for await (const chunk of request) form += chunk;
    const body = /^(GET|HEAD)$/.test(method) ? undefined : form;
    try {
      const provider = providers.find(({ issuer }) => address.startsWith(issuer)) ?? providers[0];
      const reply = await provider.fetch(address, { method, headers, body, signal: stopper.signal });
      response.writeHead(reply.status, Object.fromEntries(reply.headers));
      if (reply.body) Readable.fromWeb(reply.body).pipe(response);
      else response.end();
    } catch {
      // Acts like a broken network.
      response.destroy();
    }
  });
  const { origin, close } = await listening(server);
  providers = await create(origin);
  return { origin, close, providers };
}
