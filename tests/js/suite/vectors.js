// Every case of tests/vectors/, through the installed package.
import { codeChallenge, RelyingParty } from "oidc-wasm";
import vectors from "../vectors.js";
import { fakeFetch, response } from "./fake.js";
import { fail, ok, outcome, same, secret, seenReport, vector } from "./harness.js";
import { base64url, encode, fromBase64url, keys, publicKey, sign } from "./tokens.js";

/** A shallow merge in which null removes a member. */
function merged(...layers) {
  const all = Object.assign({}, ...layers);
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

function party(one, file) {
  const config = merged(file.client, one.client);
  secret(config.auth?.secret);
  return new RelyingParty(merged(file.provider, one.provider), config);
}

const secretMembers =
  /^(code|refreshToken|password|secret|client_secret|transaction|access_token|accessToken|refresh_token|id_token|idTokenHint|token|verifier)$/;

/** Registers what must not be shown, wherever it stands in the case: in messages written as JSON and in addresses too. */
function keepSecrets(value) {
  for (const [name, member] of Object.entries(value ?? {})) {
    if (name === "expect") continue;
    if (typeof member !== "string") {
      if (typeof member === "object") keepSecrets(member);
    } else if (secretMembers.test(name) && !member.includes("{")) secret(member);
    // A provider's `code` there is a word for its error.
    else if (name === "body" || name === "document") keepSecrets({ ...read(member), code: undefined });
    else if (name === "response")
      keepSecrets(Object.fromEntries(new URLSearchParams(member.replace(/^[^?#]*[?#]/, ""))));
  }
}

function read(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" ? value : {};
  } catch {
    return {};
  }
}

/** Compares with `expect` and gives the verdict. `match(expected, value)` replaces plain equality. */
async function judged(expect, call, match = (expected, value) => same(value, expected)) {
  const { value, error } = await outcome(call);
  if (expect.error) {
    if (!error) fail(`expected ${expect.error.code}, got ${JSON.stringify(value)?.slice(0, 300)}`);
    if (error.code !== expect.error.code) fail(`expected ${expect.error.code}, got ${error.code}: ${error.message}`);
    for (const [name, member] of Object.entries(expect.error)) same(error[name], member, name);
    ok(error.spec, "an error names its section");
    return error.code;
  }
  if (error) fail(`expected a result, got ${error.code}: ${error.message}`);
  await match(expect.ok, value);
  return "ok";
}

// ── placeholders ──

/** What the request that was made with `params` put in, by placeholder. */
function substitutions(request) {
  const sent = new URL(request.url).searchParams;
  return {
    state: request.state,
    transaction: secret(request.transaction),
    nonce: sent.get("nonce") ?? "",
    challenge: sent.get("code_challenge") ?? "",
  };
}

function filled(value, values) {
  if (typeof value === "string") return value.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((member) => filled(member, values));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, filled(member, values)]));
}

/** Matches a text in which placeholders may stand; resolves to what stood for each. */
function matchText(expected, actual, known = {}) {
  const names = [];
  const pattern = expected.replace(
    /\{(state|nonce|challenge|verifier|transaction)\}|[\\^$.*+?()[\]{}|]/g,
    (whole, name) => {
      if (!name) return `\\${whole}`;
      names.push(name);
      return known[name] ? `(${known[name]})` : "([A-Za-z0-9_-]+)";
    },
  );
  const found = new RegExp(`^${pattern}$`).exec(actual);
  if (!found) fail(`expected ${expected}, got ${actual}`);
  return Object.fromEntries(names.map((name, at) => [name, found[at + 1]]));
}

// ── the files ──

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
      if (found.nonce) ok(found.nonce.length >= 22 && found.nonce !== request.state, "a nonce of its own");
      ok(request.transaction.length > 0, "a transaction");
      secret(request.transaction);
    },
  );
}

/** The request that the case's answer belongs to; `made_by` is another party whose transaction turns up here. */
function request(one, file) {
  const { provider, client } = one.made_by ?? {};
  const maker = party({ provider: merged(one.provider, provider), client: merged(one.client, client) }, file);
  return maker.authorizationRequest(one.params ?? file.params ?? {});
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
  };
  const response = answer[one.as]?.() ?? text;
  const verdict = await judged(
    one.expect,
    () => rp.authorizationResponse(response, transaction),
    (expected, value) => same(value, filled(expected, values)),
  );
  if (verdict !== "ok") {
    // The whole step says the same, before anything is sent.
    const fetch = fakeFetch(() => fail("nothing may be sent for a bad redirect"));
    const { error } = await outcome(() => rp.callback(response, transaction, { fetch }));
    same(error?.code, verdict, "callback's verdict");
    same(fetch.calls.length, 0, "requests sent");
  }
  return verdict;
}

function grantOf(one, file) {
  if (!one.params && !JSON.stringify(one.grant).includes("{transaction}")) return { grant: one.grant, values: {} };
  const values = substitutions(request(one, file));
  return { grant: filled(one.grant, values), values };
}

const lowerCased = (headers) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

async function tokenRequest(one, file) {
  const rp = party(one, file);
  const { grant, values } = grantOf(one, file);
  let made;
  const verdict = await judged(
    one.expect,
    () => rp.tokenRequest(grant),
    (expected, value) => {
      made = value;
      same(value.url, expected.url, "url");
      same(value.method, expected.method ?? "POST", "method");
      if (expected.headers) same(lowerCased(value.headers), lowerCased(expected.headers), "headers");
      const { verifier } = matchText(expected.body, value.body, values);
      if (verifier) same(codeChallenge(secret(verifier)), values.challenge, "challenge of the verifier");
    },
  );
  // What is really sent is the very same request.
  const fetch = fakeFetch(() => ({ body: { access_token: "at", token_type: "Bearer", id_token: "a.b.c" } }));
  const { error } = await outcome(() => rp.grant(grant, { fetch }));
  if (verdict !== "ok") same(error?.code, verdict, "grant's verdict");
  else {
    const [{ url, method, headers, body }] = fetch.calls;
    same({ url, method, body }, { url: made.url, method: made.method, body: made.body }, "sent");
    same(Object.fromEntries(headers), lowerCased(made.headers), "sent headers");
  }
  return verdict;
}

/** The body of a canned reply: text, JSON or bytes. */
function bodyOf({ body = "", body_base64url }) {
  if (body_base64url !== undefined) return fromBase64url(body_base64url);
  return typeof body === "string" ? body : JSON.stringify(body);
}

const bytesOf = (body) => (typeof body === "string" ? new TextEncoder().encode(body) : body);

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
  // And over a fetch, where the status is one that a Response can have.
  if (status >= 200 && ![204, 205, 304].includes(status)) {
    const fetch = fakeFetch(() => response({ status, headers, body }));
    // Some grants are for clients with a secret only; the answer is judged alike.
    const auth = { method: "client_secret_post", secret: keys.secret };
    const sender = party({ ...one, client: { auth, ...one.client } }, file);
    same(await judged(one.expect, () => sender.grant(grant, { fetch }), match), verdict, "over fetch");
  }
  return verdict;
}

// ── tokens ──

function without(value, names = []) {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

/** The case's token: the good one of its header and claims, or what the case makes of it. */
async function tokenOf(one, file) {
  const header = without({ ...file.header, ...one.header }, one.without_header);
  const claims = without({ ...file.claims, ...one.claims }, one.without);
  const good = await sign({ header, headerText: one.header_text, claims, payload: one.payload, key: one.sign_with });
  const [headerPart, payload, signature] = good.split(".");
  if (one.tamper) return tampered[one.tamper]({ header, headerPart, claims, payload, signature });
  return one.token === undefined ? good : secret(filled(one.token, { header: headerPart, payload, signature }));
}

const resigned =
  (change) =>
  ({ headerPart, payload, signature }) =>
    secret(`${headerPart}.${payload}.${base64url(change(fromBase64url(signature)))}`);

/** What is done to a good token. */
const tampered = {
  flip: resigned((bytes) => bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte))),
  short: resigned((bytes) => bytes.slice(0, -1)),
  long: resigned((bytes) => new Uint8Array([0, ...bytes])),
  der: resigned(der),
  zero: resigned((bytes) => bytes.fill(0)),
  empty: resigned(() => new Uint8Array()),
  payload: ({ headerPart, claims, signature }) =>
    secret(`${headerPart}.${encode({ ...claims, admin: true })}.${signature}`),
  header: ({ header, payload, signature }) => secret(`${encode({ ...header, extra: true })}.${payload}.${signature}`),
};

/** An ECDSA signature as X.509 writes it: a sequence of two integers. */
function der(bytes) {
  const half = bytes.length / 2;
  const integers = [bytes.slice(0, half), bytes.slice(half)].flatMap((part) => [2, half + 1, 0, ...part]);
  return new Uint8Array([0x30, integers.length, ...integers]);
}

/** The key set of a provider with every test key that is strong enough. */
const published = {
  keys: Object.keys(keys)
    .filter((name) => keys[name].kty && name !== "rsa1024")
    .map((name) => publicKey(name)),
};

async function idToken(one, file) {
  const rp = party(one, file);
  const token = await tokenOf(one, file);
  const expected = { now: file.now, ...one.expected };

  const report = seenReport(rp.checkIdToken(token, expected));
  const failed = report.checks.filter(({ verdict }) => verdict === "fail").map(({ rule }) => rule);
  const code = one.expect.error?.code;
  same([...failed].sort(), [...(one.fails ?? (code ? [code] : []))].sort(), "failing rules of checkIdToken");
  same([report.valid, report.signature], [failed.length === 0, "unchecked"], "valid and signature");
  for (const check of report.checks)
    ok(check.rule && check.spec && check.message, `rule, spec and message: ${JSON.stringify(check)}`);

  const fetch = fakeFetch(() => ({ body: one.jwks ?? published }));
  return judged(
    one.expect,
    () => rp.verifyIdToken(token, expected, { fetch }),
    (_, claims) => same(claims, report.claims, "claims"),
  );
}

async function jwks(one, file) {
  const token = await tokenOf(one, file);
  const fetch = fakeFetch(() => ({ body: one.jwks }));
  const verify = () => party(one, file).verifyIdToken(token, { now: file.now }, { fetch });
  return judged(one.expect, verify, (_, claims) => same(claims, file.claims, "claims"));
}

/** Structure and signature alone: the payloads are no ID tokens, so a good signature is seen by a verdict about claims. */
async function jws(one, file) {
  const fetch = fakeFetch(() => ({ body: { keys: [one.jwk] } }));
  const { error } = await outcome(() =>
    party(one, file).verifyIdToken(secret(one.token), { now: file.now }, { fetch }),
  );
  const verdict = /^(id_token|json)\./.test(error?.code) ? "ok" : error?.code;
  same(verdict, one.expect.error?.code ?? "ok", "verdict on the signature");
  return verdict;
}

// ── the other answers ──

async function userinfo(one, file) {
  const { reply, jwt, subject } = one;
  const signed = jwt && (await sign({ header: jwt.header, claims: jwt.claims, key: jwt.sign_with }));
  const body = jwt ? bodyOf(reply).replace("{jwt}", signed) : bodyOf(reply);
  const fetch = fakeFetch((url) =>
    url.endsWith("/jwks") ? { body: published } : { ...reply, headers: reply.headers ?? {}, body },
  );
  return judged(one.expect, () => party(one, file).userInfo(secret("the-access-token"), subject, { fetch }));
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
  const options = { fetch, ...(one.metadata && { metadata: one.metadata }) };
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
// ── every case ──

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
  "client.json": client,
};

/** Not for the package: keys are material, and the grammars that it does not export are tested natively. */
const others = ["keys.json", "base64url.json", "form.json", "challenge.json"];

for (const [file, content] of Object.entries(vectors)) {
  if (others.includes(file)) continue;
  const run = runners[file];
  if (!run) fail(`${file}: no runner`);
  const names = content.cases.map((one) => one.name);
  for (const one of content.cases) {
    const title = `${file.replace(".json", "")}/${one.name}`;
    vector(title, () => {
      ok(names.indexOf(one.name) === names.lastIndexOf(one.name), "two cases have this name");
      if (one.neighbour) ok(names.includes(one.neighbour), `no neighbour ${one.neighbour}`);
      keepSecrets(one);
      return run(one, content);
    });
  }
}

export { bodyOf, grantOf, merged, published, tokenOf };
