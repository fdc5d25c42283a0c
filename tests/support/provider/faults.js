// The faults: for each rule that a provider can break, a change that breaks it. A fault has the rule's code as its
// name, followed by words if there are several. With another name, `rule` is the rule's code. `flow` is the required
// response type, if not `code`.
import { base64url, createKey, flipped } from "./jws.js";

const claims = (members) => ({ idToken: ({ claims }) => over(members)(claims) });
const header = (change) => ({ idToken: ({ header }) => change(header) });
const text = (change) => ({
  idToken: (token) => {
    token.text = change;
  },
});
/** Replaces members of an object. A function receives the present object. */
const over = (members) => (it) => Object.assign(it, typeof members === "function" ? members(it) : members);

/** Changes the response of an endpoint. */
const answer = (endpoint, change) => ({
  answer: (name, ...given) => (name === endpoint ? change(...given) : undefined),
});
const body = (change) => answer("token", (reply) => Object.assign(reply, { body: change(reply.body) }));
const inside = (members) => body((text) => `${text.slice(0, -1)},${members}}`);
const sent = (endpoint, members) => answer(endpoint, (reply) => Object.assign(reply, members));
const page = { headers: { "content-type": "text/html" } };
const refused = { status: 400, body: '{"error":"invalid_request"}' };

// Created at the call, because importing must not throw without TextEncoder.
const utf8 = { encode: (text) => new TextEncoder().encode(text) };
/** Never responds. It ends with the caller's signal. */
const silence = (_reply, signal) =>
  new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
const endless = (reply) => {
  reply.body = new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(65536).fill(32)) });
};
const down = () => Promise.reject(new TypeError("the network is down"));

/** The same fault at each endpoint. */
const atEndpoints = Object.fromEntries(
  ["discovery", "jwks", "token", "userinfo", "revoke", "introspect"].flatMap((endpoint) => [
    [`${endpoint}.down`, { rule: "http.failed", ...answer(endpoint, down) }],
    [`${endpoint}.slow`, { rule: "http.timeout", ...answer(endpoint, silence) }],
    [`${endpoint}.endless`, { rule: "http.too_large", ...answer(endpoint, endless) }],
  ]),
);

const redirect = (change) => ({ redirect: change });
/** RFC 9207: the metadata announce `iss` in the redirect. The redirect may still lack it. */
const announced = (change) => ({
  metadata: over({ authorization_response_iss_parameter_supported: true }),
  redirect: change,
});
const tokens = (members) => ({ tokens: over(members) });
const userinfo = (members) => ({ userinfo: over(members) });
const keys = (change) => ({ keys: (keys) => keys.splice(0, keys.length, ...change(keys)) });
const accessToken = (members) => ({ accessToken: ({ claims }) => over(members)(claims) });
const logoutToken = (members) => ({ logoutToken: ({ claims }) => over(members)(claims) });
const initiated = (change) => ({ initiated: change });

/** Signs with another key of the provider, for which the client is not registered. */
const resigned = async (token, { provider }) => {
  const other = token.header.alg === "ES256" ? "ES384" : "ES256";
  const { kid, alg, privateKey } = provider.keyOf(other) ?? (await createKey(other));
  Object.assign(token, { header: { kid, alg }, key: privateKey });
};
const unsigned = ({ header }) => Object.assign(header, { alg: "none" });
/** Published keys for encryption, as keys for signatures: one of RSA and one of P-256. */
const more = (keys) => keys.filter(({ use }) => use === "enc").map((key) => ({ ...key, use: "sig" }));

/** @type {Record<string, import("./index.js").Changes & { [more: string]: any, rule?: string, flow?: string }>} */
export const faults = {
  ...atEndpoints,
  "discovery.status": { rule: "http.status", ...sent("discovery", { status: 503 }) },
  "jwks.status": { rule: "http.status", ...sent("jwks", { status: 503 }) },

  "json.utf8": body((text) => Uint8Array.of(...utf8.encode(text.slice(0, -1)), ...utf8.encode(',"x":"'), 255, 34, 125)),
  "json.bom": body((text) => `\ufeff${text}`),
  "json.syntax": body((text) => text.slice(0, -1)),
  "json.trailing": body((text) => `${text}x`),
  "json.depth": inside(`"x":${"[".repeat(70)}${"]".repeat(70)}`),
  "json.duplicate": inside('"token_type":"Bearer"'),
  "json.surrogate": inside('"x":"\\ud800"'),
  "json.number": inside('"x":1e400'),
  "json.object": body((text) => `[${text}]`),

  "discovery.issuer": { metadata: over((it) => ({ issuer: `${it.issuer}other` })) },
  "discovery.metadata": { metadata: over({ jwks_uri: 5 }) },
  "discovery.content_type": sent("discovery", page),
  "request.endpoint": { metadata: (it) => delete it.authorization_endpoint },
  "request.endpoint over http": { metadata: over({ authorization_endpoint: "http://op.test/authorize" }) },

  "redirect.malformed": redirect((it) => it.set("code", "\ufffd")),
  "redirect.response_mode": redirect((_it, response) => over({ mode: "fragment" })(response)),
  "redirect.duplicate_parameter": redirect((it) => it.append("state", it.get("state"))),
  "redirect.iss": announced((it) => it.set("iss", "https://evil.example/")),
  "redirect.iss missing": announced((it) => it.delete("iss")),
  "redirect.state": redirect((it) => it.set("state", `${it.get("state")}x`)),
  "redirect.state missing": redirect((it) => it.delete("state")),
  "redirect.oauth_error": redirect((it) => {
    for (const name of [...it.keys()]) if (name !== "state" && name !== "iss") it.delete(name);
    it.set("error", "access_denied");
  }),
  "redirect.unexpected_parameter": redirect((it) => it.set("id_token", "a.b.c")),
  "redirect.missing_parameter": redirect((it) => it.delete("code")),

  "token.oauth_error": { refuse: () => ({ error: "invalid_grant" }) },
  "token.status": sent("token", { status: 500, body: "{}" }),
  "token.content_type": sent("token", page),
  "token.access_token": tokens({ access_token: undefined }),
  "token.token_type": tokens({ token_type: "mac" }),
  "token.expires_in": tokens({ expires_in: -1 }),
  "token.refresh_token": tokens({ refresh_token: "" }),
  "token.id_token": tokens({ id_token: "" }),
  "token.scope": tokens({ scope: 5 }),
  "token.missing_id_token": tokens({ id_token: undefined }),
  "token.cache_control": answer("token", ({ headers }) => delete headers["cache-control"]),

  "revocation.oauth_error": sent("revoke", refused),
  "revocation.status": sent("revoke", { status: 500 }),
  "introspection.oauth_error": sent("introspect", refused),
  "introspection.status": sent("introspect", { status: 500, body: "{}" }),
  "introspection.content_type": sent("introspect", page),
  "introspection.active": { introspection: over({ active: "true" }) },

  "jws.malformed": text((token) => token.slice(0, token.lastIndexOf("."))),
  "jws.too_large": text((token) => `${token}${"A".repeat(65536)}`),
  "id_token.encrypted": text((token) => `${token}.e.e`),
  "jws.alg": { idToken: resigned },
  "jws.alg none": { idToken: unsigned },
  "jws.crit": header(over({ crit: ["exp"] })),
  "jws.typ": header(over({ typ: "at+jwt" })),
  "jws.signature": text(flipped),
  "jwks.malformed": sent("jwks", { body: '{"keys":{}}' }),
  "jwks.no_match": header(over({ kid: "another" })),
  "jwks.ambiguous": {
    ...header((it) => delete it.kid),
    ...keys((keys) => [...keys, ...more(keys)]),
  },
  "jwks.weak_key": keys((keys) =>
    keys.map(({ n, x, ...key }) => ({ ...key, n: n?.slice(0, 168), x: x?.slice(0, 40) })),
  ),

  "id_token.iss": claims((it) => ({ iss: `${it.iss}other` })),
  "id_token.iss without its slash": claims((it) => ({ iss: it.iss.slice(0, -1) })),
  "id_token.iss in a refresh": { "idToken.refresh": ({ claims }) => over({ iss: "https://evil.example" })(claims) },
  "id_token.sub": claims({ sub: undefined }),
  "id_token.aud": claims({ aud: "another client" }),
  "id_token.aud missing": claims({ aud: undefined }),
  "id_token.aud beside another": claims((it) => ({ azp: it.aud, aud: [it.aud, "another client"] })),
  "id_token.azp": claims({ azp: "another client" }),
  "id_token.exp": claims((it) => ({ iat: it.iat - 660, exp: it.iat - 360 })),
  "id_token.exp missing": claims({ exp: undefined }),
  "id_token.iat": claims((it) => ({ iat: it.iat + 3600, exp: it.iat + 3900 })),
  "id_token.iat missing": claims({ iat: undefined }),
  "id_token.nbf": claims((it) => ({ nbf: it.iat + 3600 })),
  "id_token.nonce": claims((it) => ({ nonce: `${it.nonce}x` })),
  "id_token.nonce missing": claims({ nonce: undefined }),
  "id_token.auth_time": claims((it) => ({ auth_time: it.iat - 86_400 })),
  "id_token.acr": claims({ acr: "another" }),
  // A warning: the client does not request it.
  "id_token.amr": claims({ amr: "pwd" }),
  "id_token.events": claims({ events: {} }),
  "id_token.at_hash": claims({ at_hash: base64url(new Uint8Array(16)) }),
  "id_token.at_hash missing": { flow: "id_token token", ...claims({ at_hash: undefined }) },
  "id_token.c_hash": claims({ c_hash: base64url(new Uint8Array(16)) }),
  "id_token.c_hash missing": { flow: "code id_token", ...claims({ c_hash: undefined }) },
  "id_token.s_hash": claims({ s_hash: base64url(new Uint8Array(16)) }),
  "id_token.hybrid": { flow: "code id_token", "idToken.token": ({ claims }) => over({ sub: "bob" })(claims) },
  "id_token.previous": { "idToken.refresh": ({ claims }) => over({ sub: "bob" })(claims) },

  "userinfo.status": sent("userinfo", { status: 403 }),
  "userinfo.content_type": sent("userinfo", page),
  "userinfo.sub": userinfo({ sub: "bob" }),
  "userinfo.iss": userinfo((it) => ({ iss: `${it.iss}other` })),
  "userinfo.aud": userinfo({ aud: "another client" }),
  "userinfo.exp": userinfo({ exp: 1 }),

  "access_token.typ": { accessToken: ({ header }) => over({ typ: "logout+jwt" })(header) },
  "access_token.iss": accessToken({ iss: "https://evil.example/" }),
  "access_token.aud": accessToken({ aud: "https://another.example" }),
  "access_token.client_id": accessToken({ client_id: "another client" }),
  "access_token.exp": accessToken({ exp: 1 }),
  "access_token.nbf": accessToken((it) => ({ nbf: it.iat + 3600 })),
  "access_token.scope": accessToken({ scope: "openid" }),
  "access_token.acr": accessToken({ acr: "another" }),
  "access_token.auth_time": accessToken((it) => ({ auth_time: it.iat - 86_400 })),
  "access_token.cnf": accessToken({ cnf: { jkt: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } }),
  "access_token.active": { introspection: over({ active: false }) },

  "logout_token.typ": { logoutToken: ({ header }) => over({ typ: "at+jwt" })(header) },
  "logout_token.iss": logoutToken((it) => ({ iss: `${it.iss}other` })),
  "logout_token.aud": logoutToken({ aud: "another client" }),
  "logout_token.iat": logoutToken((it) => ({ iat: it.iat + 3600, exp: it.iat + 3900 })),
  "logout_token.exp": logoutToken({ exp: 1 }),
  "logout_token.jti": logoutToken({ jti: undefined }),
  "logout_token.events": logoutToken({ events: undefined }),
  "logout_token.events of another kind": logoutToken((it) => ({ events: { [`${Object.keys(it.events)[0]}x`]: {} } })),
  "logout_token.nonce": logoutToken({ nonce: "n" }),
  "logout_token.subject": logoutToken({ sid: undefined }),
  "logout token unsigned": { rule: "jws.alg", logoutToken: unsigned },
  "logout token of another key": { rule: "jws.alg", logoutToken: resigned },

  "initiated_login.malformed": initiated((it) => it.append("iss", it.get("iss"))),
  "initiated_login.iss": initiated((it) => it.set("iss", "https://evil.example/")),
  "initiated_login.target_link_uri": initiated((it) => it.set("target_link_uri", "https://evil.example/inbox")),
};

/** The rule that a fault breaks. */
export const ruleOf = (name) => faults[name].rule ?? name.split(" ")[0];

const callers = "The caller's own arguments, or its stored values.";
const hosts = "The host: a runtime lacks a feature.";
const pushing = "This provider has no pushed authorization requests: tests/vectors/par.json has them.";
const signing = "This provider signs no authorization responses: tests/vectors/signed_response.json has them.";
const answering = "This provider signs no introspection answers: tests/vectors/signed_introspection.json has them.";
const encrypting = "This provider encrypts no tokens: tests/vectors/encrypted.json has them.";
const apis = "The metadata of a protected resource, not of a provider.";
const devices = "This provider has no device logins: tests/vectors/device.json has them.";
const phones = "This provider asks nobody on another device: tests/vectors/backchannel_authentication.json has it.";
const registrars = "This provider has no registration: tests/vectors/registration.json has it.";
const senders = "The sender of a request makes the proof, not the provider.";

/** The rules that no provider can break, with the reason. */
export const notBroken = {
  internal: "A defect of the engine.",
  "init.failed": hosts,
  "init.csp": hosts,
  "init.edge": hosts,
  "init.no_wasm": hosts,
  not_initialized: callers,
  "relying_party.freed": callers,
  "build.default": callers,
  "build.full": callers,
  argument: callers,
  "dpop.proof": senders,
  "dpop.jti": senders,
  "dpop.htm": senders,
  "dpop.htu": senders,
  "dpop.nonce": senders,
  "dpop.iat": senders,
  "dpop.ath": senders,
  "pkce.verifier": callers,
  "http.aborted": "The caller's signal.",
  "json.too_large": "A response above 1 MiB fails first, with http.too_large.",
  "request.redirect_uri": callers,
  "request.scope": callers,
  "request.resource": callers,
  "request.reserved": callers,
  "request.client_auth": callers,
  "request.pushed": callers,
  "mtls.bound_tokens": callers,
  "request.signed": callers,
  "profile.client_auth": callers,
  "profile.audience": callers,
  "profile.algorithm": callers,
  "profile.sender_constraint": callers,
  "profile.par": callers,
  "profile.pkce": callers,
  "profile.iss": callers,
  "profile.response_type": callers,
  "profile.grant": callers,
  "profile.expires_in": pushing,
  "profile.relaxation": callers,
  "profile.request_object": callers,
  "profile.response_mode": callers,
  "profile.introspection": callers,
  "profile.binding_message": callers,
  "ciba.oauth_error": phones,
  "ciba.response": phones,
  "ciba.expired": phones,
  "ciba.auth_req_id": phones,
  "jarm.unverified": callers,
  "jarm.iss": signing,
  "jarm.aud": signing,
  "jarm.exp": signing,
  "introspection.unsigned": answering,
  "introspection.typ": answering,
  "introspection.iss": answering,
  "introspection.aud": answering,
  "introspection.iat": answering,
  "introspection.token_introspection": answering,
  "jwe.required": encrypting,
  "jwe.malformed": encrypting,
  "jwe.header": encrypting,
  "jwe.alg": encrypting,
  "jwe.key": encrypting,
  "jwe.nested": encrypting,
  "jwe.decryption": encrypting,
  "access_token.certificate": senders,
  "par.oauth_error": pushing,
  "par.status": pushing,
  "par.content_type": pushing,
  "par.request_uri": pushing,
  "par.expires_in": pushing,
  "http.content_type": apis,
  "resource.metadata": apis,
  "resource.identifier": apis,
  "device.oauth_error": devices,
  "device.response": devices,
  "device.expired": devices,
  "registration.oauth_error": registrars,
  "registration.response": registrars,
  "registration.client_id": registrars,
  "token.authorization_details": "Only oidc-wasm/full checks it: tests/vectors/token_response.json has it.",
  "access_token.authorization_details": "Only oidc-wasm/full checks it: tests/vectors/access_token.json has it.",
  "token.issued_token_type": "Only oidc-wasm/full checks it: tests/vectors/token_response.json has it.",
  "step_up.max_age": apis,
  "transaction.missing": callers,
  "transaction.malformed": callers,
  "transaction.mismatch": callers,
  "jws.unsupported_alg": hosts,
  "jws.unsupported_key": hosts,
  "crypto.unavailable": hosts,
  "entropy.unavailable": hosts,
  "resource.unknown": callers,
};
