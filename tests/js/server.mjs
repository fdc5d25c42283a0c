// A loopback server with awkward endpoints, for what can only be seen over a real network.
import { createServer } from "node:http";
import { listening } from "../support/listening.mjs";

const suffix = "/.well-known/openid-configuration";

export async function startServer() {
  const server = createServer((request, response) => {
    const origin = `http://${request.headers.host}`;
    const json = {
      "content-type": "application/json",
      "access-control-allow-origin": "*",
      "access-control-allow-headers": "*",
    };
    const endless = () => {
      while (response.write(" ".repeat(65536)));
      response.once("drain", endless);
    };
    const answers = {
      "/good": () => response.writeHead(200, json).end(JSON.stringify({ issuer: `${origin}/good` })),
      // Followed, it would look like the metadata of the issuer asked for.
      "/redirecting": () => response.writeHead(302, { ...json, location: `${origin}/target` }).end(),
      "/silent": () => {},
      "/endless": () => {
        response.writeHead(200, json);
        endless();
      },
    };
    const { pathname } = new URL(request.url, origin);
    if (pathname === "/target")
      return response.writeHead(200, json).end(JSON.stringify({ issuer: `${origin}/redirecting` }));
    if (request.method === "OPTIONS") return response.writeHead(204, json).end();
    const answer = pathname.endsWith(suffix) && answers[pathname.slice(0, -suffix.length)];
    if (answer) answer();
    else response.writeHead(404, json).end("{}");
  });
  return listening(server);
}
