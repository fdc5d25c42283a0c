// A person signs in, in a page and in a worker.
import * as oidc from "oidc-wasm";
import { login } from "./login.js";

const told = login(oidc).catch((error) => error.code ?? String(error));
if (globalThis.document) document.title = await told;
else postMessage(await told);
