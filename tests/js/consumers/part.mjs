// A file that oidc-wasm/full loads later: the codes of a login that needs it and of a registration without it, and the requests sent.
import init, { RelyingParty, registerClient } from "oidc-wasm/full";

await init();
const issuer = "https://op.example";
const provider = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  registration_endpoint: `${issuer}/register`,
  jwks_uri: `${issuer}/jwks`,
};
const rsa = { name: "RSA-OAEP", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
const { privateKey } = await crypto.subtle.generateKey(rsa, false, ["encrypt", "decrypt"]);
const redirectUri = "https://app.example/cb";
/** @type {import("oidc-wasm/full").DecryptionConfig[]} */
const decryption = [{ key: privateKey, alg: "RSA-OAEP-256" }];
const rp = new RelyingParty(provider, { clientId: "app", redirectUri, decryption });
const { state, transaction } = rp.authorizationRequest({ scope: "openid" });

let sent = 0;
const options = {
  fetch: async () => {
    sent++;
    return new Response("{}", { status: 500 });
  },
};
const codeOf = (promise) => promise.catch((error) => error.code ?? error);
const login = await codeOf(rp.callback(`${redirectUri}?code=c&state=${state}`, transaction, options));
const registration = await codeOf(registerClient(provider, { redirect_uris: [redirectUri] }, options));
console.log(login, registration, sent);
