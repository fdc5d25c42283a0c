import { createGuard, createLogin } from "oidc-wasm/edge";
import { api, app, fetch, issuer } from "./provider.js";

export { app as home };

const cookieSecret = "a cookie secret of thirty-two characters";

export const login = createLogin({ issuer, clientId: "app", cookieSecret, origins: [app], fetch });
export const guard = createGuard({ issuer, audience: api, fetch });
