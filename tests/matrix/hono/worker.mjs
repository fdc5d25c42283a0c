import { Miniflare } from "miniflare";
import { fetch, issuer } from "./provider.js";

/** Answers the Worker's network requests. */
async function outboundService(request) {
  const { url, method, headers } = request;
  const body = method === "POST" ? await request.text() : undefined;
  return fetch(url, { method, headers: Object.fromEntries(headers), body, redirect: "manual" });
}

const bindings = { ISSUER: issuer, CLIENT_ID: "app", COOKIE_SECRET: "a cookie secret of thirty-two characters" };
const bundle = { modules: true, scriptPath: "dist/index.js", compatibilityDate: "2026-04-01" };
const place = { host: "localhost", port: Number(process.env.PORT) };
await new Miniflare({ ...bundle, ...place, bindings, outboundService }).ready;
