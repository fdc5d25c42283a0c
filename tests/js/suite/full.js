// The features of oidc-wasm/full, and the errors of the default build: DPoP (RFC 9449) and pushed requests (RFC 9126).
import {
  clientMetadataDocument,
  createDpopKey,
  discoverResource,
  manageClient,
  RelyingParty,
  registerClient,
  stepUp,
} from "oidc-wasm";
import { isFull } from "../build.js";
import vectors from "../vectors.js";
import { party, withDecryptionKeys } from "./case.js";
import { fakeFetch, response, signal, silence, withFastTimers } from "./fake.js";
import { ok, same, secret, test, throws, withClock } from "./harness.js";
import { base64url, decoded, keyPair, publicKey, sign } from "./tokens.js";

const issuer = "https://op.example";
const provider = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  userinfo_endpoint: `${issuer}/userinfo`,
  revocation_endpoint: `${issuer}/revoke`,
  introspection_endpoint: `${issuer}/introspect`,
  pushed_authorization_request_endpoint: `${issuer}/par`,
  device_authorization_endpoint: `${issuer}/device`,
  backchannel_authentication_endpoint: `${issuer}/bc`,
  jwks_uri: `${issuer}/jwks`,
};
const client = { clientId: "app", redirectUri: "https://app.example/cb" };
const grant = /** @type {const} */ ({ type: "refresh_token", refreshToken: "the-refresh-token" });
const api = "https://api.example/orders";

const codes = {
  device_code: secret("the code of a device"),
  user_code: "WDJB-MJHT",
  verification_uri: `${issuer}/activate`,
  expires_in: 600,
  interval: 0,
};

const asked = { auth_req_id: secret("the request of a phone"), expires_in: 600, interval: 0 };

const bytes = (text) => new TextEncoder().encode(text);
const sha256 = async (text) => base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes(text))));

async function thumbprint(key) {
  const { crv, kty, x, y } = await crypto.subtle.exportKey("jwk", key);
  return sha256(JSON.stringify({ crv, kty, x, y }));
}

/** The claims of a proof with a valid signature and header. */
async function claimsOf(proof, pair) {
  const { header, claims } = decoded(proof);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  same(header, { typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } }, "header");
  const [input, signature] = [proof.slice(0, proof.lastIndexOf(".")), proof.split(".")[2]];
  const raw = Uint8Array.from(atob(signature.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const by = { name: "ECDSA", hash: "SHA-256" };
  ok(await crypto.subtle.verify(by, pair.publicKey, raw, bytes(input)), "signature of the proof");
  ok(/^[\w-]{22,}$/.test(claims.jti), "an identifier");
  ok(Math.abs(claims.iat - Date.now() / 1000) < 60, "made now");
  return claims;
}

async function bound(more = {}) {
  const dpop = await createDpopKey();
  return { dpop, rp: new RelyingParty(provider, { ...client, dpop, ...more }) };
}

/** The body of a token response. */
const tokens = (token_type = "DPoP") => ({ access_token: secret("an-access-token-of-it"), token_type });

test("access token: values that the engine sets are no options", async () => {
  const rp = new RelyingParty(provider, client);
  const expected = /** @type {any} */ ({ audience: "api", key: "thumbprint" });
  await throws("argument.key", () => rp.verifyAccessToken("a.b.c", expected));
  const fetch = fakeFetch(() => ({ body: { active: true } }));
  await throws("argument.key", () => rp.introspect("a", { expected, fetch }));
});

test("auth: an unknown method is refused with every method of this build", async () => {
  const auth = /** @type {any} */ ({ method: "kerberos" });
  const { message } = await throws("argument.method", () => new RelyingParty(provider, { ...client, auth }));
  const own = isFull ? "private_key_jwt, tls_client_auth or self_signed_tls_client_auth." : "or private_key_jwt.";
  ok(message.endsWith(own), message);
});

if (!isFull) {
  test("full: the errors of the default build name oidc-wasm/full", async () => {
    const rp = new RelyingParty(provider, client);
    const fetch = fakeFetch(() => ({ body: {} }));
    const dpop = await keyPair();
    const request = new Request(api);
    for (const call of [
      () => createDpopKey(),
      () => new RelyingParty(provider, { ...client, dpop }),
      () => RelyingParty.discover(issuer, { ...client, dpop }, { fetch }),
      () => new RelyingParty(provider, { ...client, mtls: true }),
      () => new RelyingParty(provider, { ...client, profile: "fapi2" }),
      () => new RelyingParty(provider, { ...client, requireSHash: true }),
      () => new RelyingParty(provider, { ...client, maxTokenAge: 60 }),
      () => RelyingParty.discover(issuer, { ...client, profile: "fapi2" }, { fetch }),
      () => new RelyingParty(provider, { ...client, authorizationSignedResponseAlg: "ES256" }),
      () => new RelyingParty(provider, { ...client, introspectionSignedResponseAlg: "ES256" }),
      () => new RelyingParty(provider, { ...client, introspectionEncryptedResponseAlg: "RSA-OAEP" }),
      () => new RelyingParty(provider, { ...client, decryption: [] }),
      () => new RelyingParty(provider, { ...client, idTokenEncryptedResponseAlg: "RSA-OAEP" }),
      () => rp.authorizationRequest({ responseMode: "jwt" }),
      () => new RelyingParty(provider, { ...client, requestObject: { key: dpop.privateKey } }),
      () => new RelyingParty(provider, { ...client, auth: { method: "tls_client_auth" } }),
      () => new RelyingParty(provider, { ...client, auth: { method: "self_signed_tls_client_auth" } }),
      () => rp.verifyAccessToken("a.b.c", { audience: "api", certificate: new Uint8Array() }, { fetch }),
      () => rp.introspect("a", { expected: { audience: "api", certificate: new Uint8Array() }, fetch }),
      () => rp.authorize({}, { fetch }),
      () => rp.fetch(api, {}, tokens(), { fetch }),
      () => rp.verifyAccessToken("a.b.c", { audience: "api", request }, { fetch }),
      () => rp.introspect("a", { expected: { audience: "api", request }, fetch }),
      () => registerClient(provider, {}, { fetch }),
      () => manageClient({ client_id: "app" }, "read", undefined, { fetch }),
      () => clientMetadataDocument("https://app.example/client.json", {}),
      () => rp.authorize({ authorizationDetails: [{ type: "payment" }] }, { fetch }),
      () => rp.authorizationRequest({ authorizationDetails: [{ type: "payment" }] }),
      () => rp.authorizationRequest({ authorizationDetails: [] }),
      () => rp.authorizationRequest({ dpopJkt: true }),
      () => rp.authorizationRequest({ dpopJkt: false }),
      () => rp.deviceAuthorization({}, { fetch }),
      () => rp.deviceLogin(codes, { fetch }),
      () => rp.backchannelAuthentication({ loginHint: "ada" }, { fetch }),
      () => rp.backchannelLogin(asked, { fetch }),
      () => discoverResource(api, { fetch }),
      () => stepUp('Bearer scope="read"'),
    ]) {
      const { message } = await throws("build.full", call);
      ok(message.includes("oidc-wasm/full"), message);
    }
    same(fetch.calls.length, 0, "requests sent");
  });
} else {
  test("dpop: a key pair is ES256, and its private key cannot be exported", async () => {
    const { privateKey, publicKey: open } = await createDpopKey();
    same([privateKey.extractable, open.extractable, privateKey.algorithm], [false, true, open.algorithm]);
  });

  test("dpop: values other than key pairs are rejected", async () => {
    const { privateKey, publicKey: open } = await createDpopKey();
    const hmac = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, true, ["sign"]);
    const jwk = await crypto.subtle.exportKey("jwk", open);
    const hidden = await crypto.subtle.importKey("jwk", jwk, open.algorithm, false, ["verify"]);
    for (const dpop of [
      null,
      true,
      "key",
      {},
      { privateKey },
      { privateKey: open, publicKey: open },
      { privateKey, publicKey: privateKey },
      { privateKey, publicKey: hidden },
      hmac,
    ])
      await throws("argument.dpop", () => new RelyingParty(provider, { ...client, dpop: /** @type {any} */ (dpop) }));
    new RelyingParty(provider, { ...client, dpop: { privateKey, publicKey: open } });
  });

  test("dpop: every request with a token or for a token has a proof", async () => {
    const { rp, dpop } = await bound();
    const bodies = {
      token: tokens(),
      userinfo: { sub: "she" },
      revoke: {},
      introspect: { active: false },
      par: { request_uri: "urn:x", expires_in: 60 },
    };
    const fetch = fakeFetch((url) => {
      const name = url.slice(issuer.length + 1);
      return { status: name === "par" ? 201 : 200, body: bodies[name] };
    });
    await rp.grant(grant, { fetch });
    await rp.userInfo("an-access-token-of-it", "she", { fetch });
    await rp.revoke("the-refresh-token", { fetch });
    await rp.introspect("the-refresh-token", { fetch });
    await new RelyingParty(provider, { ...client, dpop, pushedAuthorizationRequests: true }).authorize({}, { fetch });
    same(
      fetch.calls.map(({ url }) => url.slice(issuer.length + 1)),
      ["token", "userinfo", "revoke", "introspect", "par"],
    );
    const seen = new Set();
    for (const { url, method, headers } of fetch.calls) {
      const { jti, iat, ...claims } = await claimsOf(headers.get("dpop"), dpop);
      const isUserinfo = url.endsWith("userinfo");
      same(claims, { htm: method, htu: url, ...(isUserinfo && { ath: await sha256("an-access-token-of-it") }) }, url);
      if (isUserinfo) same(headers.get("authorization"), "DPoP an-access-token-of-it", "credentials");
      seen.add(jti);
    }
    same(seen.size, 5, "proofs");
    const par = new URLSearchParams(fetch.calls[4].body);
    same(par.get("dpop_jkt"), await thumbprint(dpop.publicKey), "dpop_jkt");
  });

  test("dpop: the userinfo request follows the token's type, and a bearer token needs no proof", async () => {
    const { rp } = await bound();
    const plain = new RelyingParty(provider, client);
    const fetch = fakeFetch(() => ({ body: { sub: "she" } }));
    const asked = async (rp, given) => {
      await rp.userInfo(given, "she", { fetch });
      const { headers } = fetch.calls.at(-1);
      return [headers.get("authorization"), headers.has("dpop")];
    };
    const token = "an-access-token-of-it";
    same(await asked(rp, token), [`DPoP ${token}`, true]);
    same(await asked(rp, tokens("dpop")), [`DPoP ${token}`, true]);
    same(await asked(rp, tokens("bearer")), [`Bearer ${token}`, false]);
    same(await asked(plain, token), [`Bearer ${token}`, false]);
    same(await asked(plain, tokens("Bearer")), [`Bearer ${token}`, false]);
    const { length } = fetch.calls;
    await throws("token.token_type", () => rp.userInfo(tokens("mac"), "she", { fetch }));
    await throws("token.token_type", () => plain.userInfo(tokens("DPoP"), "she", { fetch }));
    const typed = /** @type {any} */ ({ access_token: token, token_type: 5 });
    await throws("argument.token_type", () => rp.userInfo(typed, "she", { fetch }));
    same(fetch.calls.length, length, "requests sent");
  });

  test("dpop: a bound token needs the key, and an unbound token is accepted too", async () => {
    const { rp } = await bound();
    const plain = new RelyingParty(provider, client);
    const fetch = fakeFetch(() => ({ body: tokens() }));
    same((await rp.grant(grant, { fetch })).token_type, "DPoP");
    await throws("token.token_type", () => plain.grant(grant, { fetch }));
    same((await rp.grant(grant, { fetch: fakeFetch(() => ({ body: tokens("Bearer") })) })).token_type, "Bearer");
  });

  const asking = (nonce) =>
    response({
      status: 400,
      headers: { "content-type": "application/json", ...(nonce && { "dpop-nonce": nonce }) },
      body: { error: "use_dpop_nonce" },
    });
  const nonceOf = ({ headers }) => decoded(headers.get("dpop")).claims.nonce;

  test("dpop: a requested nonce is sent once, and kept for its origin", async () => {
    const { rp } = await bound();
    const answers = [
      asking("n1"),
      { body: tokens(), headers: { "content-type": "application/json", "dpop-nonce": "n2" } },
    ];
    const fetch = fakeFetch(() => answers.shift() ?? { body: tokens() });
    await rp.grant(grant, { fetch });
    await rp.grant(grant, { fetch });
    same(fetch.calls.map(nonceOf), [undefined, "n1", "n2"], "nonces");
    const elsewhere = apiFetch();
    await rp.fetch(api, {}, tokens(), { fetch: elsewhere });
    same(nonceOf(elsewhere.seen[0].request), undefined, "the nonce at another origin");
  });

  test("dpop: nonces are kept for a hundred origins, and the least recently used is dropped", async () => {
    const { rp } = await bound();
    const headers = { "dpop-nonce": "n" };
    const fetch = apiFetch(...Array.from({ length: 101 }, () => new Response(null, { headers })));
    const ask = (at) => rp.fetch(`https://api${at}.example/`, undefined, tokens(), { fetch });
    for (let at = 0; at < 100; at++) await ask(at);
    // The first one is used again, so the second is the oldest.
    await ask(0);
    const quiet = apiFetch();
    const sentTo = async (at) => {
      await rp.fetch(`https://api${at}.example/`, undefined, tokens(), { fetch: quiet });
      return nonceOf(quiet.seen.at(-1).request);
    };
    same(await Promise.all([0, 1, 99].map(sentTo)), ["n", "n", "n"], "a hundred");
    const next = apiFetch(new Response(null, { headers }));
    await rp.fetch("https://another.example/", undefined, tokens(), { fetch: next });
    const after = [];
    for (const at of [0, 1, 2, 99]) after.push(await sentTo(at));
    same(after, ["n", undefined, "n", "n"], "one more");
  });

  test("dpop: a server that requests nonces repeatedly, or sends none, causes an error", async () => {
    for (const [give, ...sent] of /** @type {const} */ ([
      [(at) => `n${at}`, 2, 4],
      // The second call knows this nonce already, so it would be refused again.
      [() => "same", 2, 3],
      [() => "", 1, 2],
    ])) {
      const { rp } = await bound();
      let at = 0;
      const fetch = fakeFetch(() => asking(give(at++)));
      for (const requests of sent) {
        same((await throws("token.oauth_error", () => rp.grant(grant, { fetch }))).error, "use_dpop_nonce");
        same(fetch.calls.length, requests, "requests sent");
      }
    }
  });

  test("dpop: concurrent requests are each sent again with the same nonce", async () => {
    const { rp } = await bound();
    // Both have signed their first proof before an answer comes: a signature takes any time on a busy machine.
    const together = () => {
      const both = signal();
      let first = 0;
      return async () => {
        if (++first === 2) both.give();
        await both;
      };
    };
    const met = together();
    const fetch = fakeFetch(async (_, request) => {
      if (nonceOf(request) === "n") return { body: tokens() };
      await met();
      return asking("n");
    });
    await Promise.all([rp.grant(grant, { fetch }), rp.grant(grant, { fetch })]);
    same(fetch.calls.map(nonceOf), [undefined, undefined, "n", "n"], "nonces");
    const seen = [];
    const metThere = together();
    const resource = async (request) => {
      seen.push(nonceOf(request));
      if (seen.at(-1) === "r") return new Response("fine");
      await metThere();
      return challenge("r");
    };
    const ask = async () => (await rp.fetch(api, {}, tokens(), { fetch: resource })).status;
    same(await Promise.all([ask(), ask()]), [200, 200], "answers of the resource");
    same(seen, [undefined, undefined, "r", "r"], "nonces of the resource");
  });

  test("dpop: another error with a nonce causes no retry", async () => {
    const { rp } = await bound();
    const headers = { "content-type": "application/json", "dpop-nonce": "n1" };
    const fetch = fakeFetch(() => ({ status: 400, headers, body: { error: "invalid_grant" } }));
    await throws("token.oauth_error", () => rp.grant(grant, { fetch }));
    same(fetch.calls.length, 1, "requests sent");
  });

  test("dpop: a retry has a new assertion", async () => {
    const auth = /** @type {const} */ ({ method: "client_secret_jwt", secret: "a secret of thirty-two bytes or more" });
    const { rp } = await bound({ auth });
    let isAsked = false;
    const fetch = fakeFetch(() => {
      if (isAsked) return { body: tokens() };
      isAsked = true;
      return asking("n1");
    });
    await rp.grant(grant, { fetch });
    const [first, second] = fetch.calls.map(({ body }) => secret(new URLSearchParams(body).get("client_assertion")));
    ok(first && second && first !== second, "two assertions");
  });

  test("dpop: onMessage shows requests without proofs and tokens", async () => {
    const { rp } = await bound();
    const told = [];
    const fetch = fakeFetch(() => ({ body: { sub: "she" } }));
    await rp.userInfo("an-access-token-of-it", "she", { fetch, onMessage: (message) => told.push(message) });
    same([told[0].headers.DPoP, told[0].headers.Authorization], ["…", "…"]);
  });

  test("authorize: the synchronous request fails if pushing is required, and authorize() pushes it", async () => {
    const demanding = { ...provider, require_pushed_authorization_requests: true };
    const fetch = fakeFetch(() => ({ status: 201, body: { request_uri: "urn:x", expires_in: 60 } }));
    for (const [metadata, pushes, isPushed] of /** @type {const} */ ([
      [demanding, undefined, true],
      [demanding, "auto", true],
      [demanding, false, false],
      [provider, undefined, false],
      [provider, true, true],
    ])) {
      const rp = new RelyingParty(metadata, { ...client, pushedAuthorizationRequests: pushes });
      if (isPushed) await throws("request.pushed", () => rp.authorizationRequest());
      else ok(rp.authorizationRequest().url.includes("&scope=openid&"));
      const before = fetch.calls.length;
      const { url, state, transaction } = await rp.authorize({ scope: "openid email" }, { fetch });
      secret(transaction);
      same(fetch.calls.length - before, isPushed ? 1 : 0, "requests sent");
      if (isPushed) same(url, `${issuer}/authorize?client_id=app&request_uri=urn%3Ax`);
      else ok(url.includes("&scope=openid%20email&"), url);
      const back = `https://app.example/cb?code=c&state=${state}`;
      same(rp.authorizationResponse(back, transaction).code, "c", "the redirect belongs to this login");
    }
    const rp = new RelyingParty(provider, client);
    const auto = /** @type {any} */ ({ ...client, pushedAuthorizationRequests: "always" });
    await throws("argument.pushedAuthorizationRequests", () => new RelyingParty(provider, auto));
    const wrong = /** @type {any} */ ({ dpopJkt: "x" });
    await throws("argument.dpopJkt", () => rp.authorize(wrong));
    await throws("argument.dpopJkt", () => rp.authorizationRequest(wrong));
    await throws("argument.params", () => rp.authorize(/** @type {any} */ (null)));
  });

  test("authorize: a pushed request that is sent again has the state and transaction of its second attempt", async () => {
    const { rp } = await bound({ pushedAuthorizationRequests: true });
    const answers = [asking("n1"), { status: 201, body: { request_uri: "urn:x", expires_in: 60 } }];
    const fetch = fakeFetch(() => answers.shift());
    const { state, transaction } = await rp.authorize({}, { fetch });
    const sent = fetch.calls.map(({ body }) => new URLSearchParams(body).get("state"));
    ok(sent[0] !== sent[1], "each attempt has its own state");
    same(state, sent[1], "state");
    const back = `https://app.example/cb?code=c&state=${state}`;
    same(rp.authorizationResponse(back, secret(transaction)).code, "c", "the redirect belongs to this login");
  });

  test("authorize: the code is bound to the key, by default", async () => {
    const { rp, dpop } = await bound();
    const named = async (params) => new URL((await rp.authorize(params)).url).searchParams.get("dpop_jkt");
    same(await named({}), await thumbprint(dpop.publicKey));
    same(await named({ dpopJkt: true }), await thumbprint(dpop.publicKey));
    same(await named({ dpopJkt: false }), null);
    const keyless = new RelyingParty(provider, client);
    ok(!(await keyless.authorize()).url.includes("dpop_jkt"));
    // It cannot name the key, so it does not pretend to.
    for (const params of [{}, { dpopJkt: false }])
      ok(!rp.authorizationRequest(params).url.includes("dpop_jkt"), "the synchronous request");
    await throws("argument.dpopJkt", () => rp.authorizationRequest({ dpopJkt: true }));
    await throws("argument.dpopJkt", () => keyless.authorize({ dpopJkt: true }));
  });

  /** An API's fetch: stores the requests and returns the answers in order. */
  function apiFetch(...answers) {
    const seen = [];
    const fetch = async (request) => {
      seen.push({ request, body: await request.clone().text() });
      return answers.shift() ?? new Response("fine");
    };
    return Object.assign(fetch, { seen });
  }
  const challenge = (nonce) =>
    new Response(null, {
      status: 401,
      headers: { "www-authenticate": 'DPoP error="use_dpop_nonce"', "dpop-nonce": nonce },
    });

  test("fetch: the token's type decides the scheme", async () => {
    const { rp, dpop } = await bound();
    const fetch = apiFetch();
    const init = { method: "POST", body: "an order", headers: { "x-own": "1", authorization: "Basic x", dpop: "x" } };
    const answer = await rp.fetch(`${api}?a=b#c`, init, tokens("dpop"), { fetch });
    same(await answer.text(), "fine");
    await rp.fetch(new Request(api, { headers: { dpop: "x" } }), undefined, tokens("bearer"), { fetch });
    const [first, second] = fetch.seen;
    same([first.request.method, first.body, first.request.headers.get("x-own")], ["POST", "an order", "1"]);
    same(first.request.headers.get("authorization"), "DPoP an-access-token-of-it");
    const { htm, htu, ath } = await claimsOf(first.request.headers.get("dpop"), dpop);
    same({ htm, htu, ath }, { htm: "POST", htu: api, ath: await sha256("an-access-token-of-it") });
    same(
      [second.request.headers.get("authorization"), second.request.headers.get("dpop")],
      ["Bearer an-access-token-of-it", null],
    );
    same(first.request.redirect, "manual", "redirects");
  });

  test("fetch: a nonce that the resource requires is sent once, with the same body", async () => {
    const { rp } = await bound();
    const fetch = apiFetch(challenge("r1"), new Response("fine", { headers: { "dpop-nonce": "r2" } }));
    const posted = (body) => /** @type {any} */ ({ method: "POST", body: body ?? "an order", duplex: "half" });
    const stream = () => new Response("an order").body;
    // Firefox turns a stream into text, which has a type.
    const isText = new Request(api, posted(stream())).headers.has("content-type");
    const init = posted(isText ? "an order" : stream());
    same(await (await rp.fetch(api, init, tokens(), { fetch })).text(), "fine");
    await rp.fetch(api, undefined, tokens(), { fetch });
    same(
      fetch.seen.map(({ body }) => body),
      ["an order", "an order", ""],
      "bodies",
    );
    const nonces = fetch.seen.map(({ request }) => decoded(request.headers.get("dpop")).claims.nonce);
    same(nonces, [undefined, "r1", "r2"], "nonces");
    const stubborn = apiFetch(challenge("r3"), challenge("r4"));
    same((await rp.fetch(api, undefined, tokens(), { fetch: stubborn })).status, 401);
    same(stubborn.seen.length, 2, "requests sent");
  });

  test("fetch: the body of the first answer does not count, whatever becomes of it", async () => {
    const { rp } = await bound();
    const bodies = {
      whole: { start: (sink) => sink.close() },
      broken: { start: (sink) => sink.error(new TypeError("no network")) },
      "without an end": { cancel: () => new Promise(() => {}) },
    };
    for (const [name, body] of Object.entries(bodies)) {
      const { status, headers } = challenge(name);
      const first = new Response(new ReadableStream(body), { status, headers });
      const fetch = apiFetch(first, new Response("fine"));
      same(await (await rp.fetch(api, undefined, tokens(), { fetch })).text(), "fine", name);
    }
    const controller = new AbortController();
    const { signal } = controller;
    const ended = async (request) => {
      request.signal.throwIfAborted();
      controller.abort();
      const broken = new ReadableStream({ start: (sink) => sink.error(signal.reason) });
      const { status, headers } = challenge("r5");
      return new Response(broken, { status, headers });
    };
    await throws("http.aborted", () => rp.fetch(api, { signal }, tokens(), { fetch: ended }));
  });

  test("fetch: no redirect is followed, with any options", async () => {
    const { rp } = await bound();
    const headers = { location: "https://evil.example/" };
    const wishes = [undefined, { redirect: "follow" }, { redirect: "manual" }, { redirect: "error" }];
    for (const init of /** @type {RequestInit[]} */ (wishes))
      for (const token of [tokens(), tokens("Bearer")]) {
        // workerd does not support "error".
        if (init?.redirect === "error" && !knowsError) continue;
        const fetch = apiFetch(new Response(null, { status: 307, headers }));
        same((await rp.fetch(api, init, token, { fetch })).status, 307);
        same((await rp.fetch(new Request(api, init), undefined, token, { fetch })).status, 200);
        const sent = fetch.seen.map(({ request }) => request.redirect);
        const wanted = init?.redirect === "error" ? "error" : "manual";
        same(sent, [wanted, wanted], "requests sent");
      }
  });
  const knowsError = (() => {
    try {
      return new Request(api, { redirect: "error" }).redirect === "error";
    } catch {
      return false;
    }
  })();

  test("fetch: an address may contain characters that a URI must escape", async () => {
    const { rp } = await bound();
    for (const path of ["a?filter={x}|y", "a|b", "100%"]) {
      const fetch = apiFetch();
      await rp.fetch(`https://api.example/${path}`, {}, tokens(), { fetch });
      const { request } = fetch.seen[0];
      same(decoded(request.headers.get("dpop")).claims.htu, request.url.split("?")[0], path);
    }
  });

  test("fetch: the signal of the request and the signal of the call end it", async () => {
    const { rp } = await bound();
    const heeding = (request) => silence(request);
    const ignoring = () => new Promise(() => {});
    const rows = /** @type {[string, string[]][]} */ ([
      ["init", []],
      ["input", []],
      ["options", []],
      ["init", ["options"]],
      ["input", ["options"]],
      ["options", ["init", "input"]],
    ]);
    const ended = async ([ends, others], when, fetch = heeding) => {
      const controller = new AbortController();
      const of = (name) =>
        name === ends ? controller : others.includes(name) ? new AbortController() : { signal: undefined };
      const [{ signal: one }, { signal: two }, { signal }] = ["input", "init", "options"].map(of);
      if (when === "before") controller.abort();
      const input = one ? new Request(api, { signal: one }) : api;
      const asked = throws("http.aborted", () => rp.fetch(input, two && { signal: two }, tokens(), { fetch, signal }));
      if (when === "later") setTimeout(() => controller.abort(), 10);
      same((await asked).endpoint, api, `${ends} beside ${others}, ${when}`);
    };
    for (const row of rows) for (const fetch of [heeding, ignoring]) await ended(row, "later", fetch);
    // Browsers before 2024 cannot join signals.
    const { any } = AbortSignal;
    Object.defineProperty(AbortSignal, "any", { value: undefined, configurable: true, writable: true });
    try {
      for (const when of ["later", "before"]) for (const row of rows) await ended(row, when);
    } finally {
      AbortSignal.any = any;
    }
  });

  test("fetch: the API gets no Referer that the caller forbids", async () => {
    const { rp } = await bound();
    for (const options of /** @type {RequestInit[]} */ ([
      {},
      { referrerPolicy: "no-referrer" },
      { referrerPolicy: "origin" },
      { referrer: "" },
    ])) {
      // Some runtimes have no Referer.
      const wanted = new Request(api, options);
      for (const [input, init] of /** @type {[string | Request, RequestInit?][]} */ ([[api, options], [wanted]])) {
        for (const signal of [undefined, new AbortController().signal]) {
          const api = apiFetch();
          // As the host's fetch reads its arguments.
          await rp.fetch(input, init, tokens(), { fetch: (url, options) => api(new Request(url, options)), signal });
          const { referrer, referrerPolicy } = api.seen[0].request;
          same([referrer, referrerPolicy], [wanted.referrer, wanted.referrerPolicy], JSON.stringify(options));
        }
      }
    }
  });

  test("fetch: invalid requests are rejected", async () => {
    const { rp } = await bound();
    const fetch = apiFetch();
    const refuses = (code, input, token) => throws(code, () => rp.fetch(input, {}, token, { fetch }));
    await refuses("argument.input", "http://api.example/", tokens());
    await refuses("argument.input", "https://", tokens());
    await refuses("token.token_type", api, tokens("mac"));
    await refuses("argument.token_type", api, { access_token: "a" });
    await refuses("argument.access_token", api, { token_type: "DPoP" });
    await refuses("argument.access_token", api, { ...tokens(), access_token: "a b" });
    await refuses("argument.token_type", api, undefined);
    await throws("token.token_type", () => new RelyingParty(provider, client).fetch(api, {}, tokens(), { fetch }));
    same(fetch.seen.length, 0, "requests sent");
    const broken = async () => {
      throw new TypeError("no network");
    };
    same((await throws("http.failed", () => rp.fetch(`${api}?a=b`, {}, tokens(), { fetch: broken }))).endpoint, api);
    for (const impossible of /** @type {any[]} */ ([undefined, null, 5, {}, { status: 200, headers: {} }]))
      await throws("http.failed", () => rp.fetch(api, {}, tokens(), { fetch: async () => impossible }));
    const net = { fetch: broken, signal: AbortSignal.abort() };
    same((await throws("http.aborted", () => rp.fetch(`${api}?a=b`, {}, tokens(), net))).endpoint, api);
  });

  test("decryption: keys that cannot decrypt are rejected", async () => {
    const pair = async (by, ...usages) => await crypto.subtle.generateKey(by, false, usages);
    const rsa = { name: "RSA-OAEP", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
    const { privateKey, publicKey } = await pair(rsa, "encrypt", "decrypt");
    const signer = await pair({ name: "ECDSA", namedCurve: "P-256" }, "sign", "verify");
    const takes = (decryption) => new RelyingParty(provider, { ...client, decryption });
    const alg = "RSA-OAEP-256";
    takes(Array(256).fill({ key: privateKey, alg }));
    // Some runtimes make no weak key.
    const like = (modulusLength) => ({
      algorithm: { ...rsa, hash: { name: "SHA-256" }, modulusLength },
      usages: ["decrypt"],
    });
    takes([{ key: like(2048), alg }]);
    for (const wrong of [
      { key: privateKey, alg },
      Array(257).fill({ key: privateKey, alg }),
      [{ key: publicKey, alg }],
      [{ key: signer.privateKey, alg: "ECDH-ES" }],
      [{ key: privateKey, alg: "RSA-OAEP" }],
      [{ key: privateKey }],
      [{ key: privateKey, alg, use: "enc" }],
      [{ key: like(2047), alg }],
    ])
      await throws("argument.decryption", () => takes(wrong), JSON.stringify(wrong));
  });

  test("decryption: expected values that the caller changes meanwhile do not count", async () => {
    const file = vectors["encrypted.json"];
    const one = file.cases.find(({ name }) => name === "ECDH-ES with A256GCM");
    const rp = party(await withDecryptionKeys(one, file), file);
    const fetch = fakeFetch(() => ({ body: { keys: [publicKey("p256a")] } }));
    for (const [before, after] of [
      [file.nonce, "another"],
      ["another", file.nonce],
    ]) {
      const expected = { nonce: before, now: file.now };
      const verified = rp.verifyIdToken(one.token, expected, { fetch });
      expected.nonce = after;
      if (before === "another") await throws("id_token.nonce", () => verified);
      else same((await verified).sub, one.expect.ok);
    }
  });

  test("decryption: a refresh whose ID token no key opens returns the new tokens", async () => {
    const file = vectors["encrypted.json"];
    const one = file.cases.find(({ name }) => name === "RSA-OAEP-256 with A256GCM");
    const alg = "RSA-OAEP-256";
    const ours = { key: "rsa1", alg };
    const { now: iat, subject: sub, nonce } = file;
    const previous = { iss: file.provider.issuer, sub, aud: file.client.clientId, iat, exp: iat + 600, nonce };
    const plain = one.content;
    for (const [name, code, more, id_token = one.token] of /** @type {[string, string, object, string?][]} */ ([
      ["another kid", "jwe.key", { decryption: [{ ...ours, kid: "new" }] }],
      ["another algorithm", "jwe.key", { decryption: [{ ...ours, alg: "RSA-OAEP" }] }],
      ["two keys", "jwe.key", { decryption: [ours, { key: "rsa2", alg }] }],
      // The token's own faults. Its content is signed, and expired long ago.
      ["the key", "id_token.exp", { decryption: [ours] }],
      ["another key", "jwe.decryption", { decryption: [{ key: "rsa2", alg }] }],
      ["a changed token", "jwe.decryption", { decryption: [ours] }, `${one.token.slice(0, -4)}AAAA`],
      ["half a token", "jwe.malformed", { decryption: [ours] }, `${one.token.slice(0, -5)}`],
      ["a plain token", "jwe.required", { decryption: [ours], idTokenEncryptedResponseAlg: alg }, plain],
    ])) {
      const rp = party(await withDecryptionKeys({ client: more }, file), file);
      const tokens = { access_token: secret("the-new-access-token"), refresh_token: secret("the-new-refresh-token") };
      const fetch = fakeFetch((url) => ({
        body: url.endsWith("/jwks") ? { keys: [publicKey("p256a")] } : { ...tokens, token_type: "Bearer", id_token },
      }));
      const error = await throws(code, () => rp.refresh("the-old-refresh-token", { previous, fetch }));
      const isKept = ["jwe.key", "id_token.exp"].includes(code);
      same(error.tokens, isKept ? { ...tokens, token_type: "Bearer" } : undefined, name);
    }
  });

  test("requestObject: another algorithm than the key's, and an address that is no function, are rejected", async () => {
    const { privateKey: key } = await createDpopKey();
    const takes = (more) => new RelyingParty(provider, { ...client, requestObject: { key, ...more } });
    takes({ alg: "ES256", uri: async () => "https://app.example/request" });
    await throws("argument.alg", () => takes({ alg: "ES384" }));
    await throws("argument.uri", () => takes({ uri: "https://app.example/request" }));
    const { url } = await takes({ uri: async () => "https://app.example/request" }).authorize();
    same(new URL(url).searchParams.get("request_uri"), "https://app.example/request");
    for (const uri of [async () => {}, () => null, () => 5, () => "", () => "http://app.example/request"])
      await throws("argument.uri", () => takes({ uri }).authorize());
  });

  test("device: parameters that are no object are rejected before any request", async () => {
    const fetch = fakeFetch(() => ({ body: {} }));
    const rp = new RelyingParty({ ...provider, device_authorization_endpoint: `${issuer}/device` }, client);
    for (const wrong of [5, null, true, []])
      await throws("argument.params", () => rp.deviceAuthorization(/** @type {any} */ (wrong), { fetch }));
    same(fetch.calls.length, 0, "requests sent");
  });

  test("registration: wrong arguments are rejected before any request", async () => {
    const fetch = fakeFetch(() => ({ body: { client_id: "app" } }));
    const registered = {
      client_id: "app",
      registration_client_uri: `${issuer}/register/app`,
      registration_access_token: secret("the-token-of-a-registration"),
    };
    const wrong = /** @type {any} */ ([null, undefined, 5, [], "metadata"]);
    for (const one of wrong) {
      await throws("argument.metadata", () =>
        registerClient({ ...provider, registration_endpoint: issuer }, one, { fetch }),
      );
      await throws("argument.issuer", () => registerClient(one, {}, { fetch }));
      await throws("argument.registration_client_uri", () => manageClient(one, "read", undefined, { fetch }));
    }
    for (const action of /** @type {any} */ (["", "create", "patch", undefined]))
      await throws("argument.action", () => manageClient(registered, action, {}, { fetch }));
    await throws("argument.metadata", () => manageClient(registered, "update", undefined, { fetch }));
    await throws("argument.clientId", async () => clientMetadataDocument(/** @type {any} */ (undefined), {}));
    await throws("argument.metadata", async () =>
      clientMetadataDocument("https://app.example/client.json", /** @type {any} */ ([])),
    );
    const named = /** @type {any} */ ({ initialAccessToken: "x", fetch });
    await throws("argument.initialAccessToken", () => manageClient(registered, "read", undefined, named));
    for (const initialAccessToken of /** @type {any} */ ([5, "", "a b", "a\r\nb"])) {
      const register = () =>
        registerClient({ ...provider, registration_endpoint: issuer }, {}, { initialAccessToken, fetch });
      await throws("argument.initialAccessToken", register);
    }
    same(fetch.calls.length, 0, "requests sent");
  });

  test("registration: a redirect is named, also where a browser hides its status", async () => {
    const registering = (reply) =>
      registerClient({ ...provider, registration_endpoint: issuer }, {}, { fetch: async () => reply });
    const hidden = Object.defineProperty(new Response(), "status", { value: 0 });
    for (const reply of [new Response(null, { status: 307, headers: { location: "https://evil.example/" } }), hidden]) {
      const { message, status } = await throws("http.status", () => registering(reply));
      ok(/This is a redirect: /.test(message), `${status}: ${message}`);
    }
    const { message } = await throws("http.status", () => registering(new Response(null, { status: 404 })));
    ok(!message.includes("redirect"), message);
  });

  test("registration: an error never repeats a token of the provider", async () => {
    const body = { error: "invalid_client_metadata", registration_access_token: "another-token", hint: "a name" };
    const fetch = fakeFetch(() => ({ status: 400, body }));
    const asked = () => registerClient({ ...provider, registration_endpoint: issuer }, {}, { fetch });
    same((await throws("registration.oauth_error", asked)).members, { hint: "a name" });
  });

  test("authorization details: part of the pushed request and of the synchronous one", async () => {
    const rp = new RelyingParty(provider, { ...client, pushedAuthorizationRequests: true });
    const fetch = fakeFetch(() => ({ status: 201, body: { request_uri: "urn:x", expires_in: 60 } }));
    const authorizationDetails = [{ type: "payment", amount: "5" }];
    await rp.authorize({ authorizationDetails }, { fetch });
    const sent = new URLSearchParams(fetch.calls[0]?.body);
    same(JSON.parse(`${sent.get("authorization_details")}`), authorizationDetails);
    const direct = new RelyingParty(provider, client);
    const { url } = direct.authorizationRequest({ authorizationDetails });
    same(JSON.parse(`${new URL(url).searchParams.get("authorization_details")}`), authorizationDetails);
    for (const one of /** @type {any} */ ([
      "[]",
      { type: "x" },
      new Map(),
      new Set([{ type: "x" }]),
      [5],
      0,
      "",
      null,
    ])) {
      await throws("argument.authorizationDetails", () => rp.authorize({ authorizationDetails: one }, { fetch }));
      await throws("argument.authorizationDetails", () => direct.authorizationRequest({ authorizationDetails: one }));
    }
    same(fetch.calls.length, 1, "requests sent");
  });

  test("device: the keys are fetched before the first poll, and the ID token is verified", async () => {
    const rp = new RelyingParty(provider, client);
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, sub: "she", aud: "app", exp: now + 60, iat: now };
    const good = await sign({ header: { alg: "RS256", kid: "rsa1" }, claims, key: "rsa1" });
    const answers = [{ status: 400, body: { error: "authorization_pending" } }];
    const tokens = { access_token: secret("an-access-token-of-it"), token_type: "Bearer", expires_in: 60 };
    const asked = (id_token) =>
      fakeFetch((url) => {
        if (url.endsWith("/jwks")) return { body: { keys: [publicKey("rsa1")] } };
        return answers.shift() ?? { body: { ...tokens, id_token } };
      });
    const fetch = asked(good);
    const parameters = { audience: "x" };
    const login = await rp.deviceLogin(codes, { fetch, resource: "https://api.example", parameters });
    same([login.claims.sub, login.report.valid, login.tokens.id_token], ["she", true, good]);
    ok(login.expiresAt >= now + 60, "the time of expiry");
    const paths = fetch.calls.map(({ url }) => url.slice(issuer.length + 1));
    same(paths, ["jwks", "token", "token"]);
    const sent = Object.fromEntries(new URLSearchParams(fetch.calls[1].body));
    const grant_type = "urn:ietf:params:oauth:grant-type:device_code";
    const { device_code } = codes;
    same(sent, { grant_type, client_id: "app", resource: "https://api.example", audience: "x", device_code });
    const forged = `${good.slice(0, -8)}AAAAAAAA`;
    await throws("jws.signature", () => rp.deviceLogin(codes, { fetch: asked(forged) }));
    const elsewhere = await sign({
      header: { alg: "RS256", kid: "rsa1" },
      claims: { ...claims, at_hash: "AAAA" },
      key: "rsa1",
    });
    await throws("id_token.at_hash", () => rp.deviceLogin(codes, { fetch: asked(elsewhere) }));
    const down = fakeFetch(() => ({ status: 500 }));
    await throws("http.status", () => new RelyingParty(provider, client).deviceLogin(codes, { fetch: down }));
    same(
      down.calls.map(({ url }) => url),
      [`${issuer}/jwks`],
      "no poll if its answer cannot be verified",
    );
  });

  /** A wait between polls. The limit of a request keeps its time, because a busy machine may be slow. */
  const isWait = (ms) => ms !== 30_000;

  test("device: values that the caller changes during the wait do not count", async () => {
    const rp = new RelyingParty({ ...provider, jwks_uri: undefined }, client);
    const fetch = fakeFetch(() => ({ body: tokens("Bearer") }));
    const device = { ...codes };
    const resource = ["https://api.example"];
    const parameters = { audience: "x" };
    await withFastTimers(async () => {
      const login = rp.deviceLogin(device, { fetch, resource, parameters });
      device.device_code = "another";
      resource.push("https://another.example");
      parameters.audience = "another";
      await login;
    }, isWait);
    const sent = new URLSearchParams(fetch.calls[0]?.body);
    same(
      ["device_code", "resource", "audience"].map((name) => sent.getAll(name)),
      [[codes.device_code], ["https://api.example"], ["x"]],
    );
  });

  test("device: a token's life counts from its request, and a clock that was set back ends no wait", async () => {
    const rp = new RelyingParty({ ...provider, jwks_uri: undefined }, client);
    for (const by of [20, -100_000])
      await withClock(1_900_000_000, async (clock) => {
        const { seconds } = clock;
        const fetch = fakeFetch(() => {
          if (fetch.calls.length > 1) return { body: { access_token: "a", token_type: "Bearer", expires_in: 60 } };
          clock.advance(by);
          return { status: 400, body: { error: "authorization_pending" } };
        });
        let login;
        await withFastTimers(async () => {
          login = await rp.deviceLogin({ ...codes, interval: 0 }, { fetch });
        }, isWait);
        same([login.expiresAt, fetch.calls.length], [seconds + by + 60, 2], `after ${by} seconds`);
      });
  });

  test("device: a signal ends the wait, and a running poll", async () => {
    const rp = new RelyingParty({ ...provider, jwks_uri: undefined }, client);
    const pending = fakeFetch(() => ({ status: 400, body: { error: "authorization_pending" } }));
    for (const [interval, sent] of /** @type {const} */ ([
      [600, 0],
      [0, 1],
    ])) {
      const controller = new AbortController();
      const stop = () => setTimeout(() => controller.abort(new Error("enough")), 50);
      const fetch = fakeFetch((_, { init }) => {
        stop();
        return silence(init);
      });
      const login = throws("http.aborted", () =>
        rp.deviceLogin({ ...codes, interval }, { fetch, signal: controller.signal }),
      );
      if (!sent) stop();
      same((await login).cause.message, "enough");
      same(fetch.calls.length, sent, "requests sent");
    }
    const over = AbortSignal.abort();
    await throws("http.aborted", () => rp.deviceLogin(codes, { fetch: pending, signal: over }));
    same(pending.calls.length, 0, "requests sent");
  });

  test("device: invalid device responses are rejected before any request", async () => {
    const rp = new RelyingParty(provider, client);
    const fetch = fakeFetch(() => ({ body: {} }));
    for (const wrong of [undefined, null, "code", {}, { ...codes, expires_in: "600" }])
      await throws("argument.device", () => rp.deviceLogin(/** @type {any} */ (wrong), { fetch }));
    const own = { device_code: "another" };
    same(
      (await throws("argument.x", () => rp.deviceLogin(codes, /** @type {any} */ ({ fetch, x: 1 })))).code,
      "argument.x",
    );
    const spare = fakeFetch(() => ({ body: { keys: [publicKey("rsa1")] } }));
    await throws("token.access_token", () => rp.deviceLogin(codes, { fetch: spare, parameters: own }));
    const sent = new URLSearchParams(spare.calls.at(-1)?.body);
    same(sent.getAll("device_code"), [codes.device_code], "the sent code");
    same(fetch.calls.length, 0, "requests sent");
  });

  test("phone: the keys are fetched before the first poll, and each poll is authenticated", async () => {
    const auth = /** @type {const} */ ({ method: "client_secret_post", secret: secret("a-client-secret-of-it") });
    const rp = new RelyingParty(provider, { ...client, auth });
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, sub: "she", aud: "app", exp: now + 60, iat: now };
    const id_token = await sign({ header: { alg: "RS256", kid: "rsa1" }, claims, key: "rsa1" });
    const answers = [{ status: 400, body: { error: "authorization_pending" } }];
    const tokens = { access_token: secret("an-access-token-of-it"), token_type: "Bearer", expires_in: 60, id_token };
    const fetch = fakeFetch((url) => {
      if (url.endsWith("/jwks")) return { body: { keys: [publicKey("rsa1")] } };
      return answers.shift() ?? { body: tokens };
    });
    const parameters = { audience: "x", auth_req_id: "another" };
    const login = await rp.backchannelLogin(asked, { fetch, resource: "https://api.example", parameters });
    same([login.claims.sub, login.report?.valid, login.tokens.id_token], ["she", true, id_token]);
    ok(Number(login.expiresAt) >= now + 60, "the time of expiry");
    same(
      fetch.calls.map(({ url }) => url.slice(issuer.length + 1)),
      ["jwks", "token", "token"],
    );
    same(Object.fromEntries(new URLSearchParams(fetch.calls[1].body)), {
      grant_type: "urn:openid:params:grant-type:ciba",
      client_id: "app",
      client_secret: auth.secret,
      resource: "https://api.example",
      audience: "x",
      auth_req_id: asked.auth_req_id,
    });
  });

  test("phone: a signal ends the wait", async () => {
    const rp = new RelyingParty({ ...provider, jwks_uri: undefined }, client);
    const fetch = fakeFetch(() => ({ status: 400, body: { error: "authorization_pending" } }));
    const controller = new AbortController();
    const { signal } = controller;
    const login = throws("http.aborted", () => rp.backchannelLogin({ ...asked, interval: 300 }, { fetch, signal }));
    setTimeout(() => controller.abort(new Error("enough")), 50);
    same((await login).cause.message, "enough");
    same(fetch.calls.length, 0, "requests sent");
  });

  test("phone: wrong arguments are rejected before any request", async () => {
    const rp = new RelyingParty(provider, client);
    const fetch = fakeFetch(() => ({ body: {} }));
    for (const wrong of [undefined, null, "id", {}, { ...asked, expires_in: "600" }, { ...asked, auth_req_id: 5 }])
      await throws("argument.request", () => rp.backchannelLogin(/** @type {any} */ (wrong), { fetch }));
    for (const [name, value] of Object.entries({
      scope: 5,
      loginHint: 5,
      loginHintToken: 5,
      idTokenHint: 5,
      bindingMessage: 5,
      userCode: 5,
      requestedExpiry: "60",
      acrValues: 5,
      resource: 5,
      parameters: "x",
      clientNotificationToken: "x",
    })) {
      const params = /** @type {any} */ ({ loginHint: "ada", [name]: value });
      await throws(`argument.${name}`, () => rp.backchannelAuthentication(params, { fetch }));
    }
    for (const wrong of [undefined, null, 5, "ada"])
      await throws("argument.params", () => rp.backchannelAuthentication(/** @type {any} */ (wrong), { fetch }));
    same(fetch.calls.length, 0, "requests sent");
  });

  test("resource: values other than addresses and responses are rejected before any request", async () => {
    const fetch = fakeFetch(() => ({ body: { resource: api } }));
    const unasked = new Response(null, { status: 401 });
    for (const wrong of [undefined, null, 5, {}, unasked, "http://api.example/"])
      await throws("argument.resource", () => discoverResource(/** @type {any} */ (wrong), { fetch }));
    await throws("argument.x", () => discoverResource(api, /** @type {any} */ ({ fetch, x: 1 })));
    same(fetch.calls.length, 0, "requests sent");
    for (const wrong of [undefined, null, 5, {}])
      await throws("argument.challenged", async () => stepUp(/** @type {any} */ (wrong)));
  });

  test("resource: its metadata is fetched without a token, and no redirect is followed", async () => {
    const fetch = fakeFetch(() => ({ status: 302, headers: { location: "https://evil.example/" } }));
    same((await throws("http.status", () => discoverResource(api, { fetch }))).status, 302);
    const [{ init, headers }] = fetch.calls;
    same([init.redirect, [...headers.keys()]], ["manual", ["accept"]]);
  });

  /** A token that is bound to a key, and a request that carries it. */
  async function sentToken({ jkt, scheme = "DPoP", type = "DPoP" } = /** @type {any} */ ({})) {
    const { rp, dpop } = await bound();
    const now = Math.floor(Date.now() / 1000);
    const cnf = jkt === null ? undefined : { jkt: jkt ?? (await thumbprint(dpop.publicKey)) };
    const claims = { iss: issuer, sub: "she", aud: "api", exp: now + 60, iat: now, client_id: "app", jti: "1", cnf };
    const token = await sign({ header: { alg: "RS256", typ: "at+jwt", kid: "rsa1" }, claims, key: "rsa1" });
    const fetch = apiFetch();
    await rp.fetch(api, { method: "PUT" }, { access_token: token, token_type: type }, { fetch });
    const { request } = fetch.seen[0];
    const headers = new Headers(request.headers);
    headers.set("authorization", `${scheme} ${token}`);
    return { token, request: { method: "PUT", url: api, headers } };
  }
  const server = () => new RelyingParty(provider, {});
  const keys = { fetch: fakeFetch(() => ({ body: { keys: [publicKey("rsa1")] } })) };
  const verified = (token, more) => server().verifyAccessToken(token, { audience: "api", ...more }, keys);

  test("resource server: a bound token is accepted with its proof, and rejected without", async () => {
    const { token, request } = await sentToken();
    const seen = [];
    const replay = (jti, exp) => {
      seen.push(jti);
      ok(exp > Date.now() / 1000 + 330 && exp < Date.now() / 1000 + 450, "the end of its storage");
      return seen.indexOf(jti) < seen.length - 1;
    };
    same((await verified(token, { request, replay })).sub, "she");
    const again = await throws("dpop.jti", () => verified(token, { request, replay }));
    same([again.status, again.error], [401, "invalid_dpop_proof"]);
    same((await throws("access_token.cnf", () => verified(token, {}))).status, 401);
    const bearer = await sentToken({ scheme: "Bearer" });
    await throws("access_token.cnf", () => verified(bearer.token, { request: bearer.request }));
    await throws("dpop.htm", () => verified(token, { request: { ...request, method: "GET" } }));
    await throws("dpop.htu", () => verified(token, { request: { ...request, url: `${api}/1` } }));
    same((await throws("dpop.nonce", () => verified(token, { request, nonce: "n" }))).error, "use_dpop_nonce");
    const other = await sentToken();
    await throws("dpop.ath", () => verified(other.token, { request }));
  });

  test("resource server: a token that is bound to no key or another key does not match the proof", async () => {
    for (const jkt of [null, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"]) {
      const { token, request } = await sentToken({ jkt });
      await throws("access_token.cnf", () => verified(token, { request }));
    }
    const plain = await sentToken({ jkt: null, scheme: "Bearer", type: "Bearer" });
    same((await verified(plain.token, { request: plain.request })).sub, "she");
  });

  test("resource server: a proof by a key that this runtime cannot use is the sender's fault, a token's key is not", async () => {
    const host = Object.getPrototypeOf(crypto.subtle);
    const { importKey } = host;
    const rows = { NotSupportedError: "jws.unsupported_alg", DataError: "jws.unsupported_key" };
    for (const [name, code] of Object.entries(rows)) {
      for (const [kty, refusal] of /** @type {const} */ ([
        ["EC", [401, "invalid_dpop_proof"]],
        ["RSA", [undefined, undefined]],
      ])) {
        const { token, request } = await sentToken();
        const cause = new DOMException("the host's", name);
        host.importKey = async function (format, key, ...rest) {
          if (key.kty === kty) throw cause;
          return importKey.call(this, format, key, ...rest);
        };
        try {
          const error = await throws(code, () => verified(token, { request }));
          same([error.status, error.error], refusal, kty);
          ok(error.cause === cause, "the host's own words");
        } finally {
          host.importKey = importKey;
        }
      }
    }
  });

  test("resource server: exactly one proof, complete and signed by its key", async () => {
    const { token, request } = await sentToken();
    const proof = request.headers.get("dpop");
    const withProof = (change) => {
      const headers = new Headers(request.headers);
      change(headers);
      return { ...request, headers };
    };
    const [header, claims, signature] = proof.split(".");
    const bent = `${header}.${claims}.${signature.slice(0, 10)}${signature[10] === "A" ? "B" : "A"}${signature.slice(11)}`;
    await throws("jws.signature", () => verified(token, { request: withProof((it) => it.set("dpop", bent)) }));
    await throws("dpop.proof", () => verified(token, { request: withProof((it) => it.delete("dpop")) }));
    await throws("jws.malformed", () => verified(token, { request: withProof((it) => it.append("dpop", proof)) }));
    for (const wrong of [null, {}, { ...request, headers: {} }, { ...request, url: 5 }])
      await throws("argument.request", () => verified(token, { request: wrong }));
    await throws("argument.replay", () => verified(token, { request, replay: true }));
    for (const seen of [undefined, null, 0, "OK"])
      await throws("argument.replay", () => verified(token, { request, replay: async () => seen }));
    same((await verified(token, { request, replay: async () => false })).sub, "she");
    const full = new Error("the store is full");
    const thrown = [
      () => {
        throw full;
      },
      () => Promise.reject(full),
    ].map((replay) => verified(token, { request, replay }).catch((error) => error));
    same(
      (await Promise.all(thrown)).map((error) => error === full),
      [true, true],
      "the store's own error",
    );
    for (const nonce of [5, [], ""]) await throws("argument.nonce", () => verified(token, { request, nonce }));
  });
}
