import * as oidc from "oidc-wasm";
import { login } from "./login.js";

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (new URL(event.request.url).pathname === "/who") event.respondWith(login(oidc).then((who) => new Response(who)));
});
