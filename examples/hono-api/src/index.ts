import { Hono } from "hono";
import { guard } from "oidc-wasm/hono";

interface Env {
  ISSUER: string;
  AUDIENCE: string;
}

const config = (env: Env) => ({ issuer: env.ISSUER, audience: env.AUDIENCE, keys: "cache-api" as const });

export default new Hono<{ Bindings: Env }>()
  .use(guard(config))
  .get("/", (c) => c.json({ hello: c.get("claims").sub }))
  .post("/notes", guard(config, { scope: "write" }), (c) => c.json({ written: true }, 201));
