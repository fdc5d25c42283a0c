import * as oidc from "oidc-wasm";
import { login } from "./login.js";

const told = login(oidc).catch((error) => error.code ?? String(error));
chrome.runtime.onMessage.addListener((_message, _sender, reply) => {
  told.then(reply);
  return true;
});
