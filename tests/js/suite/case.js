// Reads a case of tests/vectors/: its relying party, its request, its token and its verdict.
import { createDpopKey, RelyingParty } from "oidc-wasm";
import { fail, ok, outcome, same, secret } from "./harness.js";
import { base64url, encode, fromBase64url, keys, privateKey, publicKey, sign } from "./tokens.js";

/** A shallow merge in which null removes a member. @returns {any} */
export function merged(...layers) {
  const all = Object.assign({}, ...layers);
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

export function party(one, file) {
  const config = merged(file.client, one.client);
  secret(config.auth?.secret);
  return new RelyingParty(merged(file.provider, one.provider), config);
}

/** The case with a key pair, if its client uses DPoP: that of `createDpopKey`, or an RSA one. */
export async function withDpopKey(one, file) {
  const { dpop } = { ...file.client, ...one.client };
  if (dpop === true) return { ...one, client: { ...one.client, dpop: await createDpopKey() } };
  if (dpop !== "RS256") return one;
  const rsa = {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const pair = await crypto.subtle.generateKey(rsa, false, ["sign", "verify"]);
  return { ...one, client: { ...one.client, dpop: pair } };
}

/** The case with a private key where its client signs authorization requests, and with `uri` the address of the request object. */
export async function withRequestKey(one, file) {
  const { requestObject } = { ...file.client, ...one.client };
  if (typeof requestObject?.key !== "string") return one;
  const { key: name, alg } = requestObject;
  const key = await privateKey(name, alg);
  const uri = one.uri === undefined ? undefined : () => one.uri;
  return { ...one, requestKey: name, client: { ...one.client, requestObject: { ...requestObject, key, uri } } };
}

/** The case with its client's decryption keys in place of their names. They cannot be exported. */
export async function withDecryptionKeys(one, file) {
  const { decryption } = { ...file.client, ...one.client };
  if (!decryption) return one;
  const imported = async ({ key: name, ...facts }) => {
    const jwk = keys[name] ?? name;
    const { kid: _, use, alg, ...material } = jwk;
    const by = { name: { RSA: "RSA-OAEP", EC: "ECDH" }[jwk.kty] ?? jwk.crv, namedCurve: jwk.crv };
    const hash = facts.alg === "RSA-OAEP" ? "SHA-1" : "SHA-256";
    const usage = jwk.kty === "RSA" ? "decrypt" : "deriveBits";
    return { ...facts, key: await crypto.subtle.importKey("jwk", material, { ...by, hash }, false, [usage]) };
  };
  return { ...one, client: { ...one.client, decryption: await Promise.all(decryption.map(imported)) } };
}

/** A case whose client signs: with the key itself instead of its name, and with `signer`, the key that verifies its signatures. */
export async function withSigningKey(one, file) {
  const { key, alg, secret: shared, ...auth } = { ...file.client, ...one.client }.auth ?? {};
  if (typeof key !== "string") return { ...one, signer: shared };
  return { ...one, signer: key, client: { ...one.client, auth: { ...auth, key: await privateKey(key, alg) } } };
}

const secretMembers =
  /^(code|refreshToken|password|secret|client_secret|registration_access_token|subject_token|actor_token|assertion|transaction|access_token|accessToken|refresh_token|id_token|idTokenHint|token|verifier)$/;

/** Registers the secrets of a case, also those in JSON messages and URLs. */
export function keepSecrets(value) {
  for (const [name, member] of Object.entries(value ?? {})) {
    if (name === "expect") continue;
    if (typeof member !== "string") {
      if (typeof member === "object") keepSecrets(member);
    } else if (secretMembers.test(name) && !member.includes("{")) secret(member);
    // There, `code` is the name of a provider's error.
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

/** Compares the outcome with `expect` and returns the verdict. `match(expected, value)` replaces equality. */
export async function judged(expect, call, match = (expected, value) => same(value, expected)) {
  const { value, error } = await outcome(call);
  if (expect.error) {
    if (!error) fail(`expected ${expect.error.code}, got ${JSON.stringify(value)?.slice(0, 300)}`);
    if (error.code !== expect.error.code) fail(`expected ${expect.error.code}, got ${error.code}: ${error.message}`);
    // After a fetch, the message ends with the URL. The native crate does not know the URL.
    const { message } = error;
    const shown = { ...error, message: message.replace(/; endpoint: [^;]*\)$/, ")") };
    const { without = [], ...expected } = expect.error;
    for (const [name, member] of Object.entries(expected)) same(shown[name], member, name);
    for (const name of without) same(error[name], undefined, name);
    ok(error.spec, "an error names its section");
    return error.code;
  }
  if (error) fail(`expected a result, got ${error.code}: ${error.message}`);
  await match(expect.ok, value);
  return "ok";
}

// ── placeholders ──

/** The values that the request with `params` has created, by placeholder. */
export function substitutions(request) {
  const sent = new URL(request.url).searchParams;
  return {
    state: request.state,
    transaction: secret(request.transaction),
    nonce: sent.get("nonce") ?? "",
    challenge: sent.get("code_challenge") ?? "",
  };
}

export function filled(value, values) {
  if (typeof value === "string") return value.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((member) => filled(member, values));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, filled(member, values)]));
}

/** Compares a string with a pattern that has placeholders. Resolves to the value of each. */
export function matchText(expected, actual, known = {}) {
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

/** The request that belongs to the case's response. `made_by` is another relying party whose transaction is used here. */
export function request(one, file) {
  const { provider, client } = one.made_by ?? {};
  const maker = party({ provider: merged(one.provider, provider), client: merged(one.client, client) }, file);
  return maker.authorizationRequest(one.params ?? file.params ?? {});
}

export function grantOf(one, file) {
  if (!one.params && !JSON.stringify(one.grant).includes("{transaction}")) return { grant: one.grant, values: {} };
  const values = substitutions(request(one, file));
  return { grant: filled(one.grant, values), values };
}

// ── messages and tokens ──

/** The body of a canned reply: a string, JSON or bytes. */
export function bodyOf({ body = "", body_base64url }) {
  if (body_base64url !== undefined) return fromBase64url(body_base64url);
  return typeof body === "string" ? body : JSON.stringify(body);
}

export const bytesOf = (body) => (typeof body === "string" ? new TextEncoder().encode(body) : body);

function without(value, names = []) {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

/** The case's token: a good one of its header and claims, or a changed one. */
export async function tokenOf(one, file) {
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

/** Changes of a good token. */
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

/** An ECDSA signature in X.509 form: a sequence of two integers. */
function der(bytes) {
  const half = bytes.length / 2;
  const integers = [bytes.slice(0, half), bytes.slice(half)].flatMap((part) => [2, half + 1, 0, ...part]);
  return new Uint8Array([0x30, integers.length, ...integers]);
}

/** The key set of a provider with every test key that is strong enough. */
export const published = {
  keys: Object.keys(keys)
    .filter((name) => keys[name].kty && name !== "rsa1024")
    .map((name) => publicKey(name)),
};
