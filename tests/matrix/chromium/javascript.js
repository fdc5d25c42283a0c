import * as oidc from "oidc-wasm/js";
import { login } from "./login.js";

document.title = await login(oidc).catch((error) => error.code ?? String(error));
