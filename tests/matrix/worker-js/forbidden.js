import * as oidc from "oidc-wasm";
import { login } from "./login.js";

export default { fetch: async () => new Response(await login(oidc).catch((error) => error.code)) };
