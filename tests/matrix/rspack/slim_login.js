import "./slim.js";
import * as slim from "oidc-wasm/slim";
import { login } from "./login.js";

console.log(await login({ ...slim, default: async () => {} }));
