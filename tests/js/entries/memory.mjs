// Run with --expose-gc. Prints the module's pages: at the start, after a tenth, at the end.
import { setImmediate as turn } from "node:timers/promises";

let wasmMemory;
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(module, imports) {
    super(module, imports);
    // Node has modules of its own.
    if (this.exports.step) wasmMemory = this.exports.memory;
  }
};
const { default: init, createPkce, OidcError, RelyingParty } = await import("oidc-wasm");
await init();
const pages = () => wasmMemory.buffer.byteLength / 65536;

const provider = {
  issuer: "https://op.example.com",
  authorization_endpoint: "https://op.example.com/authorize",
  token_endpoint: "https://op.example.com/token",
  jwks_uri: "https://op.example.com/jwks",
  scopes_supported: Array.from({ length: 40 }, (_, at) => `scope-${at}`),
};
const client = { clientId: "app", redirectUri: "https://app.example.com/cb" };
const reply = {
  status: 200,
  headers: { "content-type": "application/json" },
  body: '{"access_token":"at","token_type":"Bearer","id_token":"a.b.c"}',
};
const refresh = /** @type {const} */ ({ type: "refresh_token", refreshToken: "refresh-token" });
const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const token = `${part({ alg: "RS256" })}.${part({ iss: provider.issuer, sub: "s", aud: "app" })}.AAAA`;
const { publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
const keySet = JSON.stringify({ keys: [await crypto.subtle.exportKey("jwk", publicKey)] });
const fetch = async () => new Response(keySet, { headers: { "content-type": "application/json" } });
const unsigned = `${part({ alg: "ES256" })}.${part({ iss: provider.issuer, sub: "s", aud: "app" })}.${"A".repeat(86)}`;

/** A call that must be refused, with this code. */
const refused = async (code, call) => {
  const verdict = await Promise.resolve()
    .then(call)
    .then(
      () => "ok",
      (error) => (error instanceof OidcError ? error.code : String(error)),
    );
  if (verdict !== code) throw new Error(`expected ${code}, got ${verdict}`);
};

function login(rp) {
  const { state, transaction } = rp.authorizationRequest({ scope: "openid email" });
  const { code } = rp.authorizationResponse(`${client.redirectUri}?code=the-code&state=${state}`, transaction);
  const grant = /** @type {const} */ ({ type: "authorization_code", code, transaction });
  rp.tokenRequest(grant);
  rp.tokenResponse(reply, grant);
  rp.checkIdToken(token, { nonce: "n" });
}

const kept = [];

const ways = {
  kept: () => kept.push(new RelyingParty(provider, client)),
  dropped: (count) => {
    const rp = new RelyingParty(provider, client);
    if (count % 10 === 0) login(rp);
  },
  freed: (count) => {
    const rp = new RelyingParty(provider, client);
    if (count % 10 === 0) login(rp);
    rp.free();
  },
  disposed: () => new RelyingParty(provider, client)[Symbol.dispose](),
  failing: async () => {
    await refused(
      "discovery.metadata",
      () => new RelyingParty({ ...provider, issuer: /** @type {any} */ (5) }, client),
    );
    await refused("argument.relax", () => new RelyingParty(provider, { ...client, relax: ["no-such-relaxation"] }));
    const rp = new RelyingParty(provider, client);
    const answer = (body) => () => rp.tokenResponse({ ...reply, body }, refresh);
    await refused("request.scope", () => rp.authorizationRequest({ scope: "\u0001" }));
    await refused("transaction.malformed", () => rp.authorizationResponse(`${client.redirectUri}?state=x`, "none"));
    await refused("token.oauth_error", answer('{"error":"invalid_grant","code":"x"}'));
    if (rp.checkIdToken("....").valid) throw new Error("a token of dots is valid");
    rp.free();
  },
  // A header is read up to a length that servers keep to.
  flooded: async () => {
    const rp = new RelyingParty(provider, client);
    const headers = { "www-authenticate": "a,".repeat(2e6), "content-type": "x".repeat(4e6) };
    await refused("token.status", () => rp.tokenResponse({ ...reply, status: 401, headers }, refresh));
    rp.free();
  },
  // Tokens whose signature is wrong, each time by a new party with its own keys: the parsed token is given back too.
  verified: () => {
    const rp = new RelyingParty({ ...provider, id_token_signing_alg_values_supported: ["ES256"] }, client);
    return refused("jws.signature", () => rp.verifyIdToken(unsigned, {}, { fetch }));
  },
  // The other tokens, and the assertion of a client that signs one with each request.
  served: async () => {
    const revocation_endpoint = `${provider.issuer}/revoke`;
    const auth = /** @type {const} */ ({ method: "client_secret_jwt", secret: "a secret of thirty-two bytes or more" });
    const rp = new RelyingParty({ ...provider, revocation_endpoint }, { ...client, auth });
    const down = () => Promise.reject(new TypeError("the network is down"));
    await refused("jws.signature", () => rp.verifyAccessToken(unsigned, { audience: "app" }, { fetch }));
    await refused("jws.alg", () => rp.verifyLogoutToken(unsigned, { fetch }));
    await rp.revoke("token", { fetch });
    await refused("http.failed", () => rp.revoke("token", { fetch: down }));
  },
};

const [, , way, text] = process.argv;
const times = Number(text);

/** Runs every message with secrets of its own, gives the party back, and says which secrets are still somewhere in the module's memory. */
async function leftOver() {
  const secrets = {};
  const secret = (name) => {
    secrets[name] = `${name}-${crypto.randomUUID()}`;
    return secrets[name];
  };
  const auth = /** @type {const} */ ({ method: "client_secret_post", secret: secret("client-secret") });
  const endpoints = { userinfo_endpoint: `${provider.issuer}/me`, revocation_endpoint: `${provider.issuer}/revoke` };
  const rp = new RelyingParty({ ...provider, ...endpoints }, { ...client, auth });
  const login = rp.authorizationRequest({ scope: "openid" });
  Object.assign(secrets, { state: login.state, verifier: JSON.parse(login.transaction).code_verifier });
  // At once, before another call writes over it.
  const fresh = ["state", "verifier"].filter(isIn(secrets));
  Object.assign(secrets, { pair: createPkce().verifier });
  fresh.push(...["pair"].filter(isIn(secrets)));
  const response = `${client.redirectUri}?code=${secret("code")}&state=${login.state}`;
  const { code } = rp.authorizationResponse(response, login.transaction);
  const grant = /** @type {const} */ ({ type: "authorization_code", code, transaction: login.transaction });
  rp.tokenRequest(grant);
  const tokens = { access_token: secret("access-token"), token_type: "Bearer", refresh_token: secret("refresh-token") };
  rp.tokenResponse({ ...reply, body: JSON.stringify({ ...tokens, id_token: "a.b.c" }) }, grant);
  rp.tokenRequest({ type: "refresh_token", refreshToken: tokens.refresh_token });
  rp.tokenRequest({ type: "password", username: "mara", password: secret("password") });
  const answer = async () => new Response('{"sub":"s"}', { headers: { "content-type": "application/json" } });
  await rp.userInfo(tokens.access_token, "s", { fetch: answer });
  await rp.revoke(tokens.refresh_token, { fetch: answer });
  await refused("jws.alg", () => rp.verifyIdToken(unsigned, { nonce: secret("nonce") }, { fetch }));
  const held = Object.keys(secrets).filter(isIn(secrets));
  rp.free();
  return { held, left: [...fresh, ...Object.keys(secrets).filter(isIn(secrets))] };
}

const isIn = (secrets) => (name) => Buffer.from(wasmMemory.buffer).includes(secrets[name]);

if (way === "wiped") {
  console.log(JSON.stringify(await leftOver()));
  process.exit();
}
const seen = [pages()];
for (let count = 1; count <= times; count++) {
  await ways[way](count);
  if (count % (times / 200) === 0) {
    gc();
    await turn(); // Finalizers run between turns of the event loop.
  }
  if (count === times / 10 || count === times) seen.push(pages());
}
console.log(JSON.stringify({ pages: seen }));
