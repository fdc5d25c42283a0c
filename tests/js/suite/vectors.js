// Every case of tests/vectors/, through the installed package.
import {
  clientMetadataDocument,
  codeChallenge,
  discoverResource,
  downscope,
  manageClient,
  parseChallenges,
  RelyingParty,
  registerClient,
  stepUp,
} from "oidc-wasm";
import { isFull, isLogin } from "../build.js";
import vectors from "../vectors.js";
import {
  bodyOf,
  bytesOf,
  filled,
  grantOf,
  judged,
  keepSecrets,
  matchText,
  merged,
  party,
  published,
  request,
  substitutions,
  tokenOf,
  withDecryptionKeys,
  withDpopKey,
  withRequestKey,
  withSigningKey,
} from "./case.js";
import { fakeFetch, response, silence, withGlobals } from "./fake.js";
import { asserted, fail, ok, outcome, same, secret, seenReport, test, throws, vector, withClock } from "./harness.js";
import { base64url, decoded, encode, flipped, fromBase64url, isSigned, keys, sign } from "./tokens.js";

function pkce({ verifier, expect }) {
  return judged(expect, () => codeChallenge(verifier));
}

function authorization(one, file) {
  return judged(
    one.expect,
    () => party(one, file).authorizationRequest(one.params),
    (expected, request) => {
      const found = matchText(expected.url, request.url, { state: request.state });
      ok(request.state.length >= 22, "state has at least 128 bits");
      if (found.nonce) ok(found.nonce.length >= 22 && found.nonce !== request.state, "another nonce");
      ok(request.transaction.length > 0, "a transaction");
      secret(request.transaction);
    },
  );
}

async function redirect(one, file) {
  const rp = party(one, file);
  const made = request(one, file);
  const values = substitutions(made);
  const text = filled(one.response, values);
  const transaction = one.transaction === undefined ? made.transaction : filled(one.transaction, values);
  const answer = {
    URL: () => new URL(text),
    params: () => new URLSearchParams(text),
    body: () => new URLSearchParams(text),
    FormData: () => formData(text),
    text: () => text,
  };
  const response = one.as ? answer[one.as]() : text;
  const verdict = await judged(
    one.expect,
    () => rp.authorizationResponse(response, transaction),
    (expected, value) => same(value, filled(expected, values)),
  );
  if (verdict !== "ok") {
    // The whole step has the same verdict, before any request.
    const fetch = fakeFetch(() => fail("nothing may be sent for a bad redirect"));
    const { error } = await outcome(() => rp.callback(response, transaction, { fetch }));
    same(error?.code, verdict, "callback's verdict");
    same(fetch.calls.length, 0, "requests sent");
  }
  return verdict;
}

function formData(text) {
  const form = new FormData();
  for (const [name, value] of new URLSearchParams(text)) form.append(name, value);
  return form;
}

const lowerCased = (headers) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

async function tokenRequest(one, file) {
  const rp = party(one, file);
  const { grant, values } = grantOf(one, file);
  if (one.assertion) {
    const { error } = await outcome(() => rp.tokenRequest(grant));
    same(error?.code, "request.client_auth", "the synchronous call, which cannot sign");
    return sends(one, file, tokens, (fetch) => rp.grant(grant, { fetch }), values);
  }
  const verdict = await judged(
    one.expect,
    () => rp.tokenRequest(grant),
    (expected, made) => isRequest(made, expected, values),
  );
  // The real request equals this one.
  if (!one.sync) same(await sends(one, file, tokens, (fetch) => rp.grant(grant, { fetch }), values), verdict, "grant");
  return verdict;
}

const tokens = { access_token: "at", token_type: "Bearer", id_token: "a.b.c", issued_token_type: "urn:x" };

/** Compares a request with the expected one, and its verifier with the challenge. */
function isRequest({ url, method, headers, body }, expected, values = {}) {
  same({ url, method }, { url: expected.url, method: expected.method ?? "POST" }, "address and method");
  if (expected.headers) same(lowerCased(headers), lowerCased(expected.headers), "headers");
  const { verifier } = matchText(expected.body, body, values);
  if (verifier) same(codeChallenge(secret(verifier)), values.challenge, "challenge of the verifier");
}

/** Sends the request at the file's time and puts the placeholder back for its assertion. A bad case sends nothing. */
async function sends(one, file, body, call, values) {
  const fetch = fakeFetch(() => ({ body }));
  const verdict = await judged(
    one.expect,
    () => withClock(file.now, () => call(fetch)),
    async (expected) => {
      const [sent] = fetch.calls;
      const made = { ...sent, headers: Object.fromEntries(sent.headers) };
      isRequest({ ...made, body: await withoutAssertion(one, file, made.body) }, expected, values);
    },
  );
  same(fetch.calls.length, verdict === "ok" ? 1 : 0, "requests sent");
  return verdict;
}

const assertions = new Set();

/** RFC 7523 §3: a fresh assertion about this client, signed with its key. */
async function withoutAssertion(one, file, body) {
  const jwt = new URLSearchParams(body).get("client_assertion");
  if (!jwt) return body;
  const { header, claims } = decoded(secret(jwt));
  same(header, one.assertion.header, "header of the assertion");
  const { jti } = claims;
  const iat = file.now - (one.client?.clockTolerance ?? 30);
  same(claims, { ...one.assertion.claims, jti, iat, exp: file.now + 60 }, "claims of the assertion");
  ok(/^[\w-]{22,}$/.test(jti) && !assertions.has(jti), "a new identifier");
  assertions.add(jti);
  ok(await isSigned(jwt, one.assertion.header.alg, one.signer), "the assertion's signature");
  return body.replace(jwt, "{assertion}");
}

async function tokenResponse(one, file) {
  const rp = party(one, file);
  const { grant } = grantOf(one, file);
  const { status = 200, headers = {} } = one.reply;
  const body = bodyOf(one.reply);
  const match = (expected, value) => same(value, expected);
  const verdict = await judged(one.expect, () => rp.tokenResponse({ status, headers, body }, grant), match);
  same(
    await judged(
      one.expect,
      () => rp.tokenResponse({ status, headers: new Headers(headers), body: bytesOf(body) }, grant),
      match,
    ),
    verdict,
    "as bytes",
  );
  // Also through a fetch, if a Response accepts the status.
  if (status >= 200 && ![204, 205, 304].includes(status)) {
    const fetch = fakeFetch(() => response({ status, headers, body }));
    // Some grants need a client with a secret. The response has the same verdict.
    const auth = { method: "client_secret_post", secret: keys.secret };
    const sender = party({ ...one, client: { auth, ...one.client } }, file);
    same(await judged(one.expect, () => sender.grant(grant, { fetch }), match), verdict, "over fetch");
  }
  return verdict;
}

// ── tokens ──

/** The verdict in this runtime, whose own cryptography may be unable to verify the token. */
function expectedHere({ differs, expect }) {
  const instead = "Deno" in globalThis ? differs?.deno : undefined;
  return instead ? { error: { code: instead } } : expect;
}

async function idToken(one, file) {
  const rp = party(one, file);
  const expect = expectedHere(one);
  // With `params`, the token answers a login.
  const values = one.params ? substitutions(request(one, file)) : {};
  const token = await tokenOf({ ...one, claims: filled(one.claims, values) }, file);
  const expected = { now: file.now, ...filled(one.expected, values) };
  const fetch = fakeFetch(() => ({ body: one.jwks ?? published }));
  const verify = () => rp.verifyIdToken(token, expected, { fetch });

  if (one.expect.error?.code.startsWith("argument.")) {
    await throws(one.expect.error.code, () => rp.checkIdToken(token, expected), "checkIdToken");
    return judged(one.expect, verify).finally(() => same(fetch.calls.length, 0, "requests sent"));
  }
  const report = seenReport(rp.checkIdToken(token, expected));
  const failed = report.checks.filter(({ verdict }) => verdict === "fail").map(({ rule }) => rule);
  const code = one.expect.error?.code;
  same([...failed].sort(), [...(one.fails ?? (code ? [code] : []))].sort(), "failing rules of checkIdToken");
  same([report.valid, report.signature], [failed.length === 0, "unchecked"], "valid and signature");
  const warned = report.checks.filter(({ warning }) => warning).map(({ rule }) => rule);
  same(warned, one.warns ?? [], "warnings");
  for (const check of report.checks)
    ok(check.rule && check.spec && check.message, `rule, spec and message: ${JSON.stringify(check)}`);

  return judged(expect, verify, (_, claims) => {
    same(claims, decoded(token).claims, "claims");
    same(claims, report.claims, "claims of checkIdToken");
  });
}

/** The verdict of a method that verifies a token, and its claims exactly as in the token. */
async function verified(one, file, verify) {
  const token = await tokenOf(one, file);
  const fetch = fakeFetch(() => ({ body: published }));
  return judged(
    one.expect,
    () => verify(party(one, file), token, fetch),
    (_, claims) => same(claims, decoded(token).claims, "claims"),
  );
}

function accessToken(one, file) {
  const expected = { now: file.now, ...one.expected };
  return verified(one, file, (rp, token, fetch) => rp.verifyAccessToken(token, expected, { fetch }));
}

function logoutToken(one, file) {
  return verified(one, file, (rp, token, fetch) => rp.verifyLogoutToken(token, { now: file.now, fetch }));
}

async function jwks(one, file) {
  const token = await tokenOf(one, file);
  const fetch = fakeFetch(() => ({ body: one.jwks }));
  const verify = () => party(one, file).verifyIdToken(token, { now: file.now }, { fetch });
  return judged(one.expect, verify, (_, claims) => same(claims, file.claims, "claims"));
}

/** Structure and signature only. The payloads are no ID tokens, so a valid signature leads to the first error of the payload. */
async function jws(one, file) {
  const fetch = fakeFetch(() => ({ body: { keys: [one.jwk] } }));
  const verify = (token) => party(one, file).verifyIdToken(secret(token), { now: file.now }, { fetch });
  const code = one.expect.error?.code;
  await throws(code ?? payloadVerdict(fromBase64url(one.token.split(".")[1])), () => verify(one.token));
  // The signature was checked: the same token with another signature fails earlier.
  if (!code) await throws("jws.signature", () => verify(flipped(one.token)), "another signature");
  return code ?? "ok";
}

/**
 * A signature over bytes that are no token. The engine gets a token with this signature. The host verifies the message
 * instead of the token.
 */
async function signature(one, file) {
  const token = [encode({ alg: file.alg }), encode(file.claims), one.signature].join(".");
  const fetch = fakeFetch(() => ({ body: { keys: [file.keys[one.key]] } }));
  const { verify } = crypto.subtle;
  crypto.subtle.verify = (algorithm, key, bytes) =>
    verify.call(crypto.subtle, algorithm, key, bytes, fromBase64url(one.message));
  try {
    return await judged(
      expectedHere(one),
      () => party(one, file).verifyIdToken(token, { now: file.now }, { fetch }),
      () => {},
    );
  } finally {
    delete crypto.subtle.verify;
  }
}

/** The first error for a payload without valid claims. */
function payloadVerdict(bytes) {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return "json.utf8";
  }
  try {
    return typeof JSON.parse(text) === "object" ? "id_token.iss" : "json.object";
  } catch {
    return "json.syntax";
  }
}

// ── the other responses ──

async function userinfo(one, file) {
  const { reply, jwt, subject, access_token: token = "the-access-token" } = one;
  const signed = jwt && (await sign({ header: jwt.header, claims: jwt.claims, key: jwt.sign_with }));
  const body = jwt ? `${bodyOf(reply)}`.replace("{jwt}", signed) : bodyOf(reply);
  const fetch = fakeFetch((url) =>
    url.endsWith("/jwks") ? { body: published } : { ...reply, headers: reply.headers ?? {}, body },
  );
  const verdict = await judged(one.expect, () => party(one, file).userInfo(secret(token), subject, { fetch }));
  // The request has exactly this token, or no request is sent.
  const sent = fetch.calls.find(({ url }) => url.endsWith("/userinfo"))?.headers.get("authorization");
  same(sent, one.expect.error?.code === "argument.accessToken" ? undefined : `Bearer ${token}`, "Authorization");
  return verdict;
}

function client(one, file) {
  return judged(
    one.expect,
    () => party(one, file),
    () => {},
  );
}

async function discovery(one, file) {
  const config = merged(file.client, one.client);
  const fetch = fakeFetch(() => ({ ...one.reply, headers: one.reply.headers ?? {}, body: bodyOf(one.reply) }));
  const { metadata, expectedIssuer } = one;
  const options = { fetch, metadata, expectedIssuer };
  return judged(one.expect, async () => {
    const rp = await RelyingParty.discover(one.issuer, config, options);
    return rp.provider;
  }).finally(() => {
    if (one.url) same(fetch.calls[0]?.url, one.url, "address asked");
  });
}

function endSession(one, file) {
  return judged(
    one.expect,
    () => party(one, file).endSessionUrl(one.params),
    (expected, url) => same(url, expected.url ?? expected, "url"),
  );
}

/** A case with a `reply` tests the response, one without tests the request. */
const service = (method, good) => (one, file) => {
  if (!one.reply) return sends(one, file, good, (fetch) => party(one, file)[method](one.token, { fetch }));
  const { status, headers = {} } = one.reply;
  const fetch = fakeFetch(() => response({ status, headers, body: bodyOf(one.reply) }));
  const options = { fetch, ...(one.expected && { expected: one.expected }) };
  return judged(
    one.expect,
    () => party(one, file)[method](secret("the-token-in-question"), options),
    (expected, value) => same(value, expected === true ? undefined : expected),
  );
};

/** The accepted forms of an address. URLSearchParams does not keep invalid UTF-8. */
function forms(text) {
  if (!URL.canParse(text)) return [text];
  const url = new URL(text);
  const { searchParams } = url;
  return [text, url, ...(/%EF%BF%BD/.test(`${searchParams}`) ? [] : [searchParams])];
}

/** The verdict is the same for every form of the address. */
async function inEveryForm(text, expect, call) {
  const verdicts = [];
  for (const form of forms(text)) verdicts.push(await judged(expect, () => call(form)));
  return verdicts[0];
}

function initiatedLogin(one, file) {
  const rp = party(one, file);
  return inEveryForm(one.request, one.expect, (form) => rp.initiatedLogin(form));
}

function endSessionReturned(one, file) {
  const rp = party(one, file);
  return inEveryForm(one.response, one.expect, (form) => rp.endSessionReturned(form, one.state));
}

/** The package returns no form. So each name and value comes as the state of a return from signing out, beside the whole form. */
function form({ form, expect }) {
  const rp = new RelyingParty({ issuer: "https://op.example" }, { clientId: "app" });
  const pairs = form.split("&").filter((pair) => pair);
  const texts = pairs.flatMap((pair) =>
    pair.includes("=") ? [pair.split("=", 1)[0], pair.slice(pair.indexOf("=") + 1)] : [pair, ""],
  );
  const expected = expect.ok.flat();
  same(texts.length, expected.length, "names and values");
  const isState = (query, state) => rp.endSessionReturned(`https://app.example/bye?${query}`, state);
  same(isState(`${form}&state=known`, "known"), true, "beside the form");
  for (const [at, raw] of texts.entries()) {
    if (!raw) continue;
    // What is no UTF-8 has no equal.
    same(isState(`state=${raw}`, expected[at] ?? "\ufffd"), expected[at] !== null, raw);
    same(isState(`state=${raw}`, `${expected[at]}x`), false, `${raw}, another text`);
  }
  return "ok";
}

function frontChannelLogout({ address, sid, ...one }, file) {
  const rp = party(one, file);
  return inEveryForm(address, one.expect, (form) => rp.isFrontChannelLogout(form, { sid }));
}

function downscoped({ scope, resource, registry, expect }) {
  return judged(expect, () => downscope({ scope, resource }, registry));
}

function challenges({ header, expect }) {
  return judged(expect, () => parseChallenges(header));
}

function json(one) {
  const rp = new RelyingParty(
    { issuer: "https://op.example.com", token_endpoint: "https://op.example.com/token" },
    { clientId: "app" },
  );
  const body = bodyOf({ body: one.document, body_base64url: one.document_base64url });
  const headers = { "content-type": "application/json" };
  return judged(
    one.expect,
    () => rp.tokenResponse({ status: 200, headers, body }, { type: "refresh_token", refreshToken: "refresh-token" }),
    (expected, value) => {
      if (typeof expected === "object") same(value, expected);
    },
  );
}

/** A case with a `reply` tests the response, one without tests the request. */
async function par(one, file) {
  const good = { status: 201, body: { request_uri: "urn:x", expires_in: 60 } };
  const { reply } = one;
  const answer = reply ? { status: reply.status, headers: reply.headers, body: bodyOf(reply) } : good;
  const fetch = fakeFetch(() => response(answer));
  const verdict = await judged(
    one.expect,
    () => withClock(file.now, () => party(one, file).authorize(one.params, { fetch })),
    async (expected, { url, state, transaction }) => {
      secret(transaction);
      if (reply) return same(url, expected, "address");
      const [sent] = fetch.calls;
      const made = { ...sent, headers: Object.fromEntries(sent.headers) };
      isRequest({ ...made, body: await withoutAssertion(one, file, made.body) }, expected, { state });
    },
  );
  same(fetch.calls.length, reply || verdict === "ok" ? 1 : 0, "requests sent");
  return verdict;
}

const objects = new Set();

/** A request object and what carries it, with placeholders for random values. */
async function requestObject(one, file) {
  const fetch = fakeFetch(() => response({ status: 201, body: { request_uri: "urn:x", expires_in: 60 } }));
  let stored;
  const given = one.client?.requestObject ?? {};
  const store = (object) => {
    stored = object;
    return given.uri();
  };
  const uri = given.uri && store;
  const client = { ...one.client, ...(given.key && { requestObject: { ...given, uri } }) };
  const made = () => {
    const rp = party({ ...one, client }, file);
    if (one.sync) return rp.authorizationRequest(one.params);
    return withClock(file.now, () => rp.authorize(one.params, { fetch }));
  };
  return judged(one.expect, made, async (expected, { url, state, transaction }) => {
    secret(transaction);
    const [sent] = fetch.calls;
    const { body } = sent ?? {};
    const carried = new URLSearchParams(body ?? url.split("?")[1]).get("request");
    const object = secret(stored ?? carried);
    const { header, claims } = decoded(object);
    ok(await isSigned(object, header.alg, one.requestKey), "the signature");
    same(claims.state, state, "state");
    ok(/^[\w-]{32}$/.test(claims.jti) && !objects.has(claims.jti), "an identifier that was never used");
    objects.add(claims.jti);
    const { jti: _, ...others } = claims;
    for (const [claim, placeholder] of Object.entries({
      state: "{state}",
      nonce: "{nonce}",
      code_challenge: "{challenge}",
    }))
      if (claim in others) others[claim] = placeholder;
    const address = (sent?.url ?? url).replace(object, "{object}");
    const bare = await withoutAssertion(one, file, body);
    same(
      { header, claims: others, url: address, body: bare?.replace(object, "{object}") },
      { body: undefined, ...expected },
    );
  });
}

/** A signed response through `callback`: its key set is fetched, and a code is sent with what was verified only. */
async function signedResponse(one, file) {
  const rp = () => party(one, file);
  if (one.refused) return judged(one.expect, () => rp().authorizationRequest(one.params ?? file.params));
  const login = rp().authorizationRequest(one.params ?? file.params);
  const values = { state: login.state };
  const jwt = await tokenOf({ ...one, claims: filled({ ...file.claims, ...one.claims }, values) }, file);
  const text = filled(one.response ?? file.response, { ...values, jwt });
  const back = one.as ? new URLSearchParams(text) : text;
  const transaction = one.transaction ?? login.transaction;
  if (one.sync) return judged(one.expect, () => rp().authorizationResponse(back, transaction));
  const codes = [];
  const fetch = fakeFetch((url, { body }) => {
    if (url.endsWith("/jwks")) return { body: published };
    codes.push(new URLSearchParams(body).get("code"));
    return { body: { access_token: "a token", token_type: "Bearer" } };
  });
  const verdict = await judged(
    one.expect,
    () => withClock(file.now, () => rp().callback(back, transaction, { fetch })),
    ({ code, ...others }, { tokens }) => {
      if (code) same(codes, [code], "codes sent");
      else same(tokens, others, "tokens");
    },
  );
  if (verdict !== "ok") same(codes, [], "codes sent");
  const { error } = await outcome(() => rp().authorizationResponse(back, transaction));
  const isSigned = /^(ok|jarm|jws|jwks|json|id_token)/.test(verdict) && /response=./.test(text) && !/code=/.test(text);
  if (isSigned) same(error?.code, "jarm.unverified", "the call that cannot verify");
  return verdict;
}

/** An encrypted token of any kind. The error of a failed decryption tells nothing else. */
async function encrypted(one, file) {
  const { kind = "id_token", token } = one;
  const { contentType = kind === "introspection" ? "application/token-introspection+jwt" : "application/jwt" } = one;
  const { now, nonce, subject } = file;
  const headers = { "content-type": contentType };
  const fetch = fakeFetch((url) =>
    url.endsWith("/jwks") ? { body: one.jwks ?? published } : { headers, body: token },
  );
  const calls = {
    id_token: (rp) => rp.verifyIdToken(token, { nonce, now }, { fetch }),
    userinfo: (rp) => rp.userInfo("the-access-token", subject, { fetch }),
    logout_token: (rp) => rp.verifyLogoutToken(token, { fetch }),
    access_token: (rp) => rp.verifyAccessToken(token, { audience: "api" }, { fetch }),
    introspection: (rp) => rp.introspect("the-access-token", { fetch }),
  };
  const call = () => withClock(now, async () => calls[kind](party(one, file)));
  const verdict = await judged(one.expect, call, (expected, { sub }) => same(sub, expected, "subject"));
  if (verdict === "jwe.decryption") {
    const { error } = await outcome(call);
    same([{ ...error }, error.cause], [{ name: error.name, code: verdict, spec: error.spec }, undefined], "details");
    ok(error.message.endsWith("or is for another key."), error.message);
  }
  return verdict;
}

/** A case with a `token` tests the request. Otherwise a signed answer as in `id_token.json` comes back in `reply` (`{jwt}`). */
async function signedIntrospection(one, file) {
  const { token = "the-token-in-question", expected } = one;
  const reply = { ...file.reply, ...one.reply };
  const body = reply.body.replace("{jwt}", one.token ? "" : await tokenOf(one, file));
  const fetch = fakeFetch((url) => (url.endsWith("/jwks") ? { body: published } : response({ ...reply, body })));
  const call = () => withClock(file.now, () => party(one, file).introspect(secret(token), { fetch, expected }));
  return one.token ? asked(one.expect, call, fetch) : judged(one.expect, call);
}

/** The verdict on the request of a call, whose answer is of no use. A refused request is not sent. */
function asked(expect, call, fetch, match = (expected, request) => isRequest(request, expected)) {
  const sent = async () => {
    const { error } = await outcome(call);
    const [request] = fetch.calls;
    if (!request) throw error;
    return { ...request, headers: Object.fromEntries(request.headers) };
  };
  return judged(expect, sent, match);
}

function authorizationDetails(one, file) {
  return judged(
    one.expect,
    () => party(one, file).authorize({ ...one.params, authorizationDetails: one.details }),
    (expected, { url, state, transaction }) => {
      secret(transaction);
      matchText(expected.url, url, { state });
    },
  );
}

/** A case with a `reply` tests the response, one without tests the request. */
async function registration(one, file) {
  const { subject = file.subject, action, metadata, token, reply } = one;
  const good = { client_id: subject.client_id ?? "s6BhdRkqt3" };
  const gone = action === "remove" && !reply;
  const answer = reply ? { ...reply, body: bodyOf(reply) } : { status: gone ? 204 : 200, body: gone ? "" : good };
  const fetch = fakeFetch(() => response(answer));
  const messages = [];
  const options = { fetch, onMessage: (message) => messages.push(message) };
  const call =
    action === "create"
      ? () => registerClient(subject, metadata, { ...options, initialAccessToken: secret(token) })
      : () => manageClient(subject, action, metadata, options);
  const verdict = await judged(one.expect, call, (expected, value) => {
    if (reply) return same(value ?? null, expected);
    const [sent] = fetch.calls;
    const { url, method, headers, body } = expected;
    same([sent.url, sent.method, sent.body], [url, method, body], "address, method and body");
    same(Object.fromEntries(sent.headers), lowerCased(headers), "headers");
  });
  same(fetch.calls.length, reply || verdict === "ok" ? 1 : 0, "requests sent");
  for (const message of messages) {
    same([message.body ?? "…", message.headers?.Authorization ?? "…"], ["…", "…"], "the reported message");
  }
  return verdict;
}

function metadataDocument({ client_id, metadata, expect }) {
  return judged(expect, () => clientMetadataDocument(client_id, metadata));
}

/** A case with `params` tests the request, with `reply` the response, with `answers` the polls of the token endpoint. */
async function device(one, file) {
  const rp = party(one, file);
  const good = {
    device_code: "a device's code",
    user_code: "A",
    verification_uri: "https://op.example/d",
    expires_in: 1,
  };
  if (one.params) return sends(one, file, good, (fetch) => rp.deviceAuthorization(one.params, { fetch }));
  if (one.reply) {
    const { status, headers } = one.reply;
    const fetch = fakeFetch(() => response({ status, headers, body: bodyOf(one.reply) }));
    return judged(one.expect, () => rp.deviceAuthorization({}, { fetch }));
  }
  const tokens = { access_token: "SlAV32hkKG", token_type: "Bearer" };
  return polls(one, file, tokens, (fetch) => rp.deviceLogin(one.device, { fetch }));
}

/** The waits between the polls of the token endpoint, which gives a case's `answers`. */
async function polls(one, file, tokens, login) {
  const answers = [...one.answers];
  let isSilent = false;
  const fetch = fakeFetch((url, { init }) => {
    if (url.endsWith("/jwks")) return { body: published };
    const error = answers.shift();
    isSilent = error === "http.timeout";
    if (error === "http.failed") throw new TypeError("no network");
    if (isSilent) return silence(init);
    if (typeof error === "object") return response({ ...error, body: bodyOf(error) });
    return error === "tokens" ? { body: tokens } : { status: 400, body: { error } };
  });
  const waits = [];
  const { setTimeout } = globalThis;
  const verdict = await withClock(file.now, (clock) => {
    // A timer of more milliseconds would end at once.
    const LONGEST = 2 ** 31 - 1;
    let waited = 0;
    const pause = (callback, ms) => {
      ok(ms <= LONGEST, "a timer");
      waited += ms;
      clock.advance(ms / 1000);
      if (ms < LONGEST) waits.push(waited / 1000);
      if (ms < LONGEST) waited = 0;
      return setTimeout(callback, 0);
    };
    // Every request has a limit of half a minute. In Deno an empty body has an empty piece, after which other timers get a turn.
    const paused = /** @type {any} */ (
      (callback, ms, ...rest) => {
        if (ms === undefined) return setTimeout(callback);
        return ms === 30_000 ? setTimeout(callback, isSilent ? 0 : ms, ...rest) : pause(callback, ms);
      }
    );
    return withGlobals({ setTimeout: paused }, () =>
      judged(
        one.expect,
        () => login(fetch),
        (expected, { tokens: found }) =>
          same([waits, found.access_token], [expected.waits, tokens.access_token], "waits and token"),
      ),
    );
  });
  const sent = fetch.calls.filter(({ url }) => !url.endsWith("/jwks"));
  const { device_code, auth_req_id } = one.device ?? one.request;
  for (const { body } of sent) {
    const form = new URLSearchParams(body);
    same(
      form.get("device_code") ?? form.get("auth_req_id"),
      device_code ?? auth_req_id,
      "the login that it asks about",
    );
  }
  if (/^(ok|token\.|id_token\.|ciba\.auth_req_id)/.test(verdict)) same(sent.length, waits.length, "requests sent");
  return verdict;
}

/** A case with `params` tests the request, with `reply` the response, with `answers` the polls of the token endpoint. */
async function backchannelAuthentication(one, file) {
  const rp = party(one, file);
  const good = { auth_req_id: "an identifier of the request", expires_in: 1 };
  if (one.params) {
    const objects = [];
    const plain = {
      ...one,
      expect: one.expect.error ? one.expect : { ok: { ...one.expect.ok, body: one.expect.ok?.body } },
    };
    const made = async (fetch) => {
      await rp.backchannelAuthentication(one.params, { fetch });
      const [sent] = fetch.calls;
      const object = new URLSearchParams(sent.body).get("request");
      if (!object) return;
      objects.push(secret(object));
      sent.body = sent.body.replace(object, "{object}");
    };
    const verdict = await sends(plain, file, good, made);
    for (const object of objects) {
      const { header, claims } = decoded(object);
      ok(await isSigned(object, header.alg, one.requestKey), "the signature");
      const { jti, ...others } = claims;
      ok(/^[\w-]{32}$/.test(jti), "an identifier");
      same(
        { header, claims: others },
        { header: one.expect.ok.header, claims: one.expect.ok.claims },
        "signed request",
      );
    }
    return verdict;
  }
  if (one.reply) {
    const { status, headers } = one.reply;
    const fetch = fakeFetch(() => response({ status, headers, body: bodyOf(one.reply) }));
    const params = { loginHint: "ada", userCode: secret("the-code-of-ada") };
    return judged(one.expect, () => rp.backchannelAuthentication(params, { fetch }));
  }
  const id_token = one.without_id_token ? undefined : await tokenOf(one, file);
  const tokens = { access_token: "SlAV32hkKG", token_type: "Bearer", id_token };
  return polls(one, file, tokens, (fetch) => rp.backchannelLogin(one.request, { fetch }));
}

/** By the resource's response if the case has a challenge, otherwise by its address. */
async function resourceMetadata(one) {
  const { resource, header } = one;
  const answer = one.reply ?? {};
  const fetch = fakeFetch(() => response({ status: answer.status, headers: answer.headers, body: bodyOf(answer) }));
  const refusal = new Response(null, { status: 401, headers: { "www-authenticate": header ?? "" } });
  Object.defineProperty(refusal, "url", { value: resource });
  const verdict = await judged(one.expect, () =>
    discoverResource(header === undefined ? resource : refusal, { fetch }),
  );
  same(fetch.calls.length, one.reply ? 1 : 0, "requests sent");
  if (one.url) same(fetch.calls[0]?.url, one.url, "address asked");
  if (header === undefined && verdict === "ok" && new URL(resource).href === resource)
    same(await judged(one.expect, () => discoverResource(new URL(resource), { fetch })), verdict, "as a URL");
  return verdict;
}

async function steppedUp({ header, expect }) {
  const match = (expected, value) => same(value ?? null, expected);
  const verdict = await judged(expect, () => stepUp(header), match);
  const answer = new Response(null, { status: 401, headers: { "www-authenticate": header } });
  same(await judged(expect, () => stepUp(answer), match), verdict, "of an answer");
  return verdict;
}

/** A case with `grant` tests the token request, with `endpoints` every request, otherwise a token and a certificate. */
async function mtls(one, file) {
  if (one.grant) {
    // The constructor rejects some.
    const { error } = await outcome(() => party(one, file));
    return error ? judged(one.expect, () => party(one, file)) : tokenRequest(one, file);
  }
  if (one.endpoints) {
    const rp = party(one, file);
    const refused = fakeFetch(() => response({ status: 500 }));
    const asked = async (call) => {
      await outcome(() => call({ fetch: refused }));
      return refused.calls.splice(0)[0]?.url;
    };
    const pushing = party({ ...one, client: { ...one.client, pushedAuthorizationRequests: true } }, file);
    return judged(one.expect, async () => ({
      token: await asked((options) => rp.grant({ type: "client_credentials" }, options)),
      userinfo: await asked((options) => rp.userInfo("a", "b", options)),
      revocation: await asked((options) => rp.revoke("a", options)),
      introspection: await asked((options) => rp.introspect("a", options)),
      par: await asked((options) => pushing.authorize({}, options)),
      device: await asked((options) => rp.deviceAuthorization({}, options)),
      jwks: await asked(async (options) =>
        rp.verifyIdToken(await tokenOf({ header: { typ: "JWT" } }, file), {}, options),
      ),
      authorization: rp.authorizationRequest().url.split("?")[0],
    }));
  }
  const certificate = one.certificate === undefined ? undefined : fromBase64url(one.certificate);
  return accessToken({ ...one, expected: { ...one.expected, certificate } }, file);
}

/** A case with `params` pushes a request, with `grant` asks for tokens, with `userinfo` for claims. Otherwise it verifies an ID token. */
async function profile(one, file) {
  const { status = 201, headers } = one.reply ?? {};
  const granted = { access_token: "SlAV32hkKG", token_type: one.client?.mtls ? "Bearer" : "DPoP" };
  const good = one.grant ? granted : { request_uri: "urn:op:1", expires_in: 60, sub: "she" };
  const body = one.reply ? bodyOf(one.reply) : good;
  const fetch = fakeFetch((url) => {
    if (url.endsWith("/jwks")) return { body: published };
    return response({ status: url.endsWith("/par") ? status : 200, headers, body });
  });
  if (one.introspect) {
    const call = async () => party(one, file).introspect(secret(one.introspect), { fetch });
    return asked(one.expect, call, fetch, (expected, { url }) => same({ url }, expected));
  }
  const called = async () => {
    const rp = party(one, file);
    const sent = () => fetch.calls[0]?.url;
    if (one.grant) {
      const { token_type } = await rp.grant(one.grant, { fetch });
      return one.reply ? { token_type } : { url: sent() };
    }
    if (one.userinfo) {
      await rp.userInfo(one.userinfo, "she", { fetch });
      return { url: sent() };
    }
    if (!one.params) {
      const token = await tokenOf(one, file);
      return Boolean(await rp.verifyIdToken(token, { now: file.now }, { fetch }));
    }
    const { url, transaction } = await rp.authorize(one.params, { fetch });
    secret(transaction);
    if (one.reply) return { url };
    const parameters = new URLSearchParams(fetch.calls[0]?.body);
    const object = parameters.get("request");
    const { response_mode = parameters.get("response_mode") } = object ? decoded(secret(object)).claims : {};
    return { url: sent(), ...(response_mode && { response_mode }) };
  };
  const verdict = await judged(one.expect, called);
  if (verdict !== "ok" && !one.header) same(fetch.calls.length, one.reply ? 1 : 0, "requests sent");
  return verdict;
}

/** A proof beside an opaque token, and the key to which the provider binds the token. */
async function dpop(one, file) {
  const proof = await tokenOf(one, file);
  const { method, url } = one.request ?? file.request;
  const { authorization = "DPoP {token}" } = one;
  const headers = new Headers();
  if (authorization !== null) headers.set("authorization", filled(authorization, { token: file.access_token }));
  if (one.proof !== null) headers.set("dpop", proof);
  const fetch = fakeFetch(async () => {
    const jkt = one.key ?? (await thumbprint(decoded(proof).header.jwk));
    return { body: { active: true, aud: "api", cnf: filled(one.cnf === undefined ? { jkt } : one.cnf, { jkt }) } };
  });
  const replay = "replayed" in one ? () => one.replayed : undefined;
  const expected = { audience: "api", now: file.now, request: { method, url, headers }, nonce: one.nonce, replay };
  const verdict = await judged(
    one.expect,
    () => party(one, file).introspect(file.access_token, { expected, fetch }),
    (_, claims) => ok(claims.active, "active"),
  );
  // The engine reports a wrong proof before it calls `replay`.
  const isAsked = verdict === "ok" || verdict === "access_token.cnf" || one.replayed;
  same(fetch.calls.length, isAsked ? 1 : 0, "requests sent");
  return verdict;
}

/** RFC 7638 §3 */
async function thumbprint(jwk) {
  const required = ["crv", "e", "kty", "n", "x", "y"].filter((name) => name in jwk);
  const text = JSON.stringify(Object.fromEntries(required.map((name) => [name, jwk[name]])));
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}

// ── every case ──

/** By the name of the file, or of the file with the same form. */
const runners = {
  "pkce.json": pkce,
  "authorization.json": authorization,
  "redirect.json": redirect,
  "token_request.json": tokenRequest,
  "token_response.json": tokenResponse,
  "id_token.json": idToken,
  "jwks.json": jwks,
  "userinfo.json": userinfo,
  "discovery.json": discovery,
  "end_session.json": endSession,
  "json.json": json,
  "jws.json": jws,
  "signature.json": signature,
  "client.json": client,
  "access_token.json": accessToken,
  "logout_token.json": logoutToken,
  "revocation.json": service("revoke", {}),
  "introspection.json": service("introspect", { active: false }),
  "initiated_login.json": initiatedLogin,
  "end_session_returned.json": endSessionReturned,
  "front_channel_logout.json": frontChannelLogout,
  "form.json": form,
  "authorization_details.json": authorizationDetails,
  "client_metadata_document.json": metadataDocument,
  "backchannel_authentication.json": backchannelAuthentication,
  "device.json": device,
  "registration.json": registration,
  "mtls.json": mtls,
  "par.json": par,
  "profile.json": profile,
  "signed_introspection.json": signedIntrospection,
  "signed_response.json": signedResponse,
  "encrypted.json": encrypted,
  "request_object.json": requestObject,
  "resource_metadata.json": resourceMetadata,
  "step_up.json": steppedUp,
  "dpop.json": dpop,
  "downscope.json": downscoped,
  "challenge.json": challenges,
};

/** The case with keys where it names them. */
async function withKeys(one, file) {
  const own = await withRequestKey(await withDpopKey(await withSigningKey(one, file), file), file);
  return withDecryptionKeys(own, file);
}

/** A case may need features that oidc-wasm/login lacks. Then that error is correct. */
const mayLack = (file, one) =>
  isLogin &&
  (/^(introspection|initiated_login|logout_token|downscope)\.json$/.test(file) ||
    /"HS\d{3}"|_jwt"/.test(JSON.stringify(one)));

/** Cases with a result that this build lacks, by file or by name. @type {Map<string, (() => Promise<unknown>)[]>} */
const lacking = new Map();

for (const [file, content] of Object.entries(vectors)) {
  // Keys are material for other cases. The native tests cover grammars without a public function.
  if (file === "keys.json" || content.native) continue;
  const run = runners[content.like ? `${content.like}.json` : file];
  if (!run || !content.cases?.length) fail(`${file}: no runner, or no case`);
  const names = content.cases.map((one) => one.name);
  for (const one of content.cases) {
    if ((content.full || one.full) && !isFull) {
      const needy = content.full ? file : `${file}: ${one.name}`;
      if ("ok" in one.expect) lacking.set(needy, [...(lacking.get(needy) ?? []), async () => run(one, content)]);
      continue;
    }
    const title = `${file.replace(".json", "")}/${one.name}`;
    vector(title, async () => {
      ok(names.indexOf(one.name) === names.lastIndexOf(one.name), "two cases have this name");
      if (one.neighbour) ok(names.includes(one.neighbour), `no neighbour ${one.neighbour}`);
      keepSecrets(one);
      const before = asserted;
      try {
        const verdict = await run(await withKeys(one, content), content);
        ok(asserted > before, "the runner asserts nothing");
        return verdict;
      } catch (error) {
        if (mayLack(file, one) && /build\.default/.test(`${error.code} ${error.message}`)) return "build.default";
        throw error;
      }
    });
  }
}

for (const [needy, runs] of lacking)
  test(`${needy} needs oidc-wasm/full`, async () => {
    const isPassed = async (run) => {
      try {
        await run();
        return true;
      } catch {
        return false;
      }
    };
    const passed = [];
    for (const run of runs) passed.push(await isPassed(run));
    ok(passed.includes(false), "all of it passes without");
  });
