import Fastify from "fastify";
import { express } from "oidc-wasm/node";
import { login } from "./auth.js";

const app = Fastify();
const pass = express(login);
app.addHook("onRequest", (request, reply, done) => pass(request.raw, reply.raw, done));
app.get("/", (request) => `Hello, ${request.raw.oidc.claims.sub}`);
app.listen({ port: Number(process.env.PORT) });
