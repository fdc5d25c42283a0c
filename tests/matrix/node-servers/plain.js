import { createServer } from "node:http";
import { send, toRequest } from "oidc-wasm/node";
import { login } from "./auth.js";

const fetch = login.protect((_request, session) => new Response(`Hello, ${session.claims.sub}`));
createServer(async (incoming, outgoing) => {
  try {
    await send(await fetch(toRequest(incoming)), outgoing);
  } catch ({ status = 500 }) {
    outgoing.statusCode = status;
    outgoing.end();
  }
}).listen(process.env.PORT);
