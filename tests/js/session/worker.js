// The worker that holds the tokens: one call, with the site's options.
import { serveAuth } from "oidc-wasm/worker";

serveAuth(globalThis.settings);
// Ends as a browser ends a worker, without an event for the page.
const end = ({ data }) => data === "end" && close();
addEventListener("message", end);
addEventListener("connect", (/** @type {any} */ { ports: [port] }) => port.addEventListener("message", end));
