import { Hono } from "hono";
import { guard, login } from "oidc-wasm/hono";
import "oidc-wasm/js";

interface Env {
  ISSUER: string;
  CLIENT_ID: string;
  COOKIE_SECRET: string;
}

const app = new Hono<{ Bindings: Env }>()
  .get("/api", guard({ issuer: "https://op.example", audience: "https://api.example" }), (c) =>
    c.json({ hello: c.get("claims").sub }),
  )
  .use(login((env: Env) => ({ issuer: env.ISSUER, clientId: env.CLIENT_ID, cookieSecret: env.COOKIE_SECRET })))
  .get("/", (c) => c.text(`Hello, ${c.get("user").sub}`));

export default app;
