// In a page, and in a worker: somebody signs in.
import * as oidc from "oidc-wasm";
import { login } from "./login.js";

const told = login(oidc).catch((error) => error.code ?? String(error));
if (globalThis.document) document.title = await told;
else postMessage(await told);
