import * as oidc from "oidc-wasm";
import { login } from "./login.js";

login(oidc).then(console.log);
