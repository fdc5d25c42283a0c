// The worker that keeps the tokens: one call of its own, with what the site gives it.
import { serveAuth } from "oidc-wasm/worker";

serveAuth(globalThis.settings);
