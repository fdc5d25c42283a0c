import { createServer } from "node:http";
import { send, toRequest } from "oidc-wasm/node";
import { login } from "./auth.js";

const fetch = login.protect((_request, session) => new Response(`Hello, ${session.claims.sub}`));
createServer(async (incoming, outgoing) => send(await fetch(toRequest(incoming)), outgoing)).listen(process.env.PORT);
