// The worker that holds the tokens: one call, with the site's options.
import { serveAuth } from "oidc-wasm/worker";

serveAuth(globalThis.settings);
