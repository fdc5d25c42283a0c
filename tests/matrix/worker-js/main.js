import * as oidc from "oidc-wasm/js";
import { login } from "./login.js";

export default { fetch: async () => new Response(await login(oidc)) };
