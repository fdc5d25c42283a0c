// @ts-check
/** Judges a pasted message with the calls that a program makes. Every verdict comes from the package. */

import { algorithms, base64url, createKey } from "support:jws";
import { OidcError, parseChallenges, RelyingParty, stepUp } from "oidc-wasm/full";
import { known } from "../known.js";
import { decoded, parsed } from "./kinds.js";
import { order } from "./rules.js";

/**
 * @typedef {import("./kinds.js").Kind} Kind
 * @typedef {"pass" | "fail" | "skip" | "warn" | "open" | "later"} Verdict open: this page cannot know; later: the engine did not come to it
 * @typedef {{ rule: string, verdict: Verdict, spec: string, message: string, warning?: true }} Row
 * @typedef {Record<string, string>} Settings what the visitor expects; empty: what the message itself says
 * @typedef {object} Judged
 * @property {Row[]} rows
 * @property {"valid" | "invalid" | "unchecked"} [signature]
 * @property {Record<string, unknown>} [header]
 * @property {Record<string, unknown>} [claims]
 * @property {Iterable<[string, unknown]>} [members]
 * @property {{ name: string, verdict: Verdict, code?: string }[]} [keys] of a key set: the engine’s verdict on each key
 * @property {import("oidc-wasm/full").Challenge[]} [challenges]
 * @property {import("oidc-wasm/full").StepUp} [stepUp]
 */

/** A host that nothing answers at: no call here sends anything. */
const elsewhere = "https://inspected.invalid";

/** Answers each request of the package with the pasted key set. @param {string} body */
const serving = (body) => ({
  fetch: async () => new Response(body, { headers: { "content-type": "application/json" } }),
});

/** @template T @param {() => T | Promise<T>} run @returns {Promise<{ value?: T, error?: OidcError }>} */
async function tried(run) {
  try {
    return { value: await run() };
  } catch (error) {
    if (error instanceof OidcError) return { error };
    throw error;
  }
}

/** @param {string} rule @param {Verdict} verdict @param {OidcError} [error] @returns {Row} */
const row = (rule, verdict, error) => ({
  rule,
  verdict,
  spec: error?.spec ?? known[rule]?.spec ?? "",
  message: error?.message ?? known[rule]?.sentence ?? "",
});

/**
 * The rules in order, with these failures. A failure that could not be lifted ends the list: the rules behind it were not reached.
 * @param {string[]} rules
 * @param {OidcError[]} failures
 * @param {{ isEnd?: boolean, skipped?: string[], open?: string[] }} [more]
 */
function listed(rules, failures, { isEnd = true, skipped = [], open = [] } = {}) {
  const last = isEnd ? failures.at(-1)?.code : undefined;
  const end = last === undefined ? rules.length : rules.indexOf(last);
  const rows = rules.map((rule, index) => {
    const failure = failures.find(({ code }) => code === rule);
    if (failure) return row(rule, "fail", failure);
    if (index > end) return row(rule, "later");
    return row(rule, open.includes(rule) ? "open" : skipped.includes(rule) ? "skip" : "pass");
  });
  const others = failures.filter(({ code }) => !rules.includes(code));
  return [...others.map((failure) => row(failure.code, "fail", failure)), ...rows];
}

/** @param {Settings} settings @param {Record<string, any>} header */
const clientOf = ({ clientId = "", algorithm, secret }, header) => ({
  clientId,
  idTokenSignedResponseAlg:
    algorithm || (typeof header.alg === "string" && header.alg !== "none" ? header.alg : undefined),
  auth: secret ? { method: /** @type {const} */ ("client_secret_basic"), secret } : undefined,
});

const metadataOf = (/** @type {string} */ issuer) => ({ issuer, jwks_uri: `${elsewhere}/jwks` });

/** @param {string} token @param {Settings} settings @param {number} now @returns {Promise<Judged>} */
async function idToken(token, settings, now) {
  const { header } = decoded(token);
  const { nonce, accessToken, code, keys, issuer = "" } = settings;
  const expected = {
    nonce: nonce || undefined,
    accessToken: accessToken || undefined,
    code: code || undefined,
    channel: accessToken || code ? /** @type {const} */ ("token") : undefined,
    now,
  };
  const made = await tried(() => new RelyingParty(metadataOf(issuer), clientOf(settings, header)));
  const report = made.value && (await tried(() => made.value?.checkIdToken(token, expected)));
  const refused = made.error ?? report?.error;
  if (refused || !report?.value) return { rows: refused ? [row(refused.code, "fail", refused)] : [] };
  /** @type {Row[]} */
  const rows = report.value.checks.map((check) => ({ ...check, verdict: check.warning ? "warn" : check.verdict }));
  const signature = await verified(rows, keys || settings.secret, () =>
    made.value?.verifyIdToken(token, expected, serving(keys || '{"keys":[]}')),
  );
  return { rows, signature, header: report.value.header, claims: report.value.claims };
}

/**
 * Whether the signature is valid. The engine verifies it after the header and before the claims.
 * @param {Row[]} rows
 * @param {string | undefined} keys
 * @param {() => unknown} verify
 * @returns {Promise<"valid" | "invalid" | "unchecked">}
 */
async function verified(rows, keys, verify) {
  const found = rows.findIndex(({ rule }) => rule === "jws.signature");
  const put = (/** @type {Row} */ judged) => {
    if (found >= 0) rows[found] = judged;
    else
      rows.splice(
        rows.findIndex(({ rule }) => /_token\.(iss|typ)$/.test(rule)),
        0,
        judged,
      );
  };
  if (!keys) {
    put(row("jws.signature", "open"));
    return "unchecked";
  }
  const { error } = await tried(verify);
  const { code = "" } = error ?? {};
  const isBefore =
    /^(jws|jwks|crypto|json|http|argument|id_token\.encrypted)/.test(code) ||
    rows.some(({ rule, verdict }) => rule === code && /^jws/.test(rule) && verdict === "fail");
  if (!isBefore) {
    put(row("jws.signature", "pass"));
    return "valid";
  }
  if (code === "jws.signature") put(row(code, "fail", error));
  else {
    put(row("jws.signature", "later"));
    if (!rows.some(({ rule, verdict }) => rule === code && verdict === "fail")) rows.unshift(row(code, "fail", error));
  }
  return code === "jws.signature" ? "invalid" : "unchecked";
}

/**
 * The claims of a token as the engine judges them. The engine judges only what is signed, so a copy is signed with a key made here.
 * After a broken rule the expectation follows the token, so that the rules behind it are judged too.
 * @param {string} token
 * @param {string[]} rules in the engine's order
 * @param {(copy: string, keys: string, asked: Record<string, any>) => unknown} verify
 * @param {Record<string, any>} asked
 * @param {Record<string, (asked: Record<string, any>) => Record<string, any>>} lifts by the broken rule
 */
async function failures(token, rules, verify, asked, lifts) {
  const { header } = decoded(token);
  const parts = token.split(".");
  const isAsymmetric = /^(RS|PS|ES)(256|384|512)$|^EdDSA$|^Ed25519$/.test(header.alg) && parts.length === 3;
  // Where no copy can be signed the engine refuses the header, or the parts.
  const key = await ownKey(isAsymmetric ? header.alg : "ES256");
  const copy = isAsymmetric ? await signedCopy(parts, key) : token;
  const keys = JSON.stringify({ keys: [{ ...key.jwk, kid: header.kid, alg: key.alg }] });
  /** @type {OidcError[]} */
  const broken = [];
  for (let wanted = asked; ; ) {
    const { error } = await tried(() => verify(copy, keys, wanted));
    if (!error) return { broken, isEnd: false };
    // A rule before the last broken one has passed: only the lifted expectation breaks it now.
    const last = broken.at(-1)?.code ?? "";
    if (rules.indexOf(error.code) <= rules.indexOf(last) && rules.includes(last)) return { broken, isEnd: true };
    broken.push(error);
    const lift = lifts[error.code];
    if (!lift) return { broken, isEnd: true };
    wanted = { ...wanted, ...lift(wanted) };
  }
}

/** This page's own keys: one for each algorithm. @type {Map<string, Promise<import("support:jws").Key>>} */
const ownKeys = new Map();

/** @param {string} alg */
function ownKey(alg) {
  const key = ownKeys.get(alg) ?? createKey(alg);
  ownKeys.set(alg, key);
  return key;
}

/** The same header and payload, byte for byte. @param {string[]} parts @param {import("support:jws").Key} key */
async function signedCopy([header = "", payload = ""], key) {
  const bytes = new TextEncoder().encode(`${header}.${payload}`);
  const signature = await crypto.subtle.sign(algorithms[key.alg]?.sign ?? key.alg, key.privateKey, bytes);
  return `${header}.${payload}.${base64url(new Uint8Array(signature))}`;
}

/** @param {string} token @param {Settings} settings @param {number} now @returns {Promise<Judged>} */
async function accessToken(token, settings, now) {
  const { header, claims } = decoded(token);
  const { issuer = "", audience = "", scope, keys } = settings;
  const party = (/** @type {string} */ name) => new RelyingParty(metadataOf(name), {});
  const listed_ = (/** @type {unknown} */ value) => [value].flat().filter((one) => typeof one === "string");
  const asked = { issuer, audience: listed_(audience), scope: scope || undefined, now };
  const verify = (/** @type {string} */ copy, /** @type {string} */ set, /** @type {any} */ { issuer, ...expected }) =>
    party(issuer).verifyAccessToken(copy, expected, serving(set));
  const { broken, isEnd } = await failures(token, order.accessToken, verify, asked, {
    "access_token.iss": () => ({ issuer: claims.iss }),
    "access_token.aud": () => ({ audience: listed_(claims.aud) }),
    "access_token.exp": () => ({ now: Number(claims.exp) - 1 }),
    "access_token.nbf": () => ({ now: Math.max(Number(claims.nbf) || 0, Number(claims.iat) || 0) }),
    "access_token.scope": () => ({ scope: undefined }),
  });
  const skipped = [
    "access_token.client_id",
    "access_token.certificate",
    "access_token.acr",
    "access_token.auth_time",
    ...(scope ? [] : ["access_token.scope"]),
  ];
  const rows = listed(order.accessToken, broken, { isEnd, skipped });
  const signature = await verified(rows, keys, () => verify(token, keys ?? "", asked));
  return { rows, signature, header, claims };
}

/** @param {string} token @param {Settings} settings @param {number} now @returns {Promise<Judged>} */
async function logoutToken(token, settings, now) {
  const { header, claims } = decoded(token);
  const { keys, issuer = "", clientId = "" } = settings;
  const verify = (
    /** @type {string} */ copy,
    /** @type {string} */ set,
    /** @type {any} */ { issuer, clientId, now },
  ) =>
    new RelyingParty(metadataOf(issuer), clientOf({ ...settings, clientId }, header)).verifyLogoutToken(copy, {
      ...serving(set),
      now,
    });
  const asked = { issuer, clientId, now };
  const { broken, isEnd } = await failures(token, order.logoutToken, verify, asked, {
    "logout_token.iss": () => ({ issuer: claims.iss }),
    "logout_token.aud": () => ({ clientId: [claims.aud].flat()[0] }),
    "logout_token.iat": () => ({ now: Number(claims.iat) }),
    "logout_token.exp": () => ({ now: Number(claims.exp) - 1 }),
  });
  const rows = listed(order.logoutToken, broken, { isEnd });
  const signature = await verified(rows, keys, () => verify(token, keys ?? "", asked));
  return { rows, signature, header, claims };
}

/** @param {string} text @param {Settings} settings @returns {Promise<Judged>} */
async function redirect(text, { issuer, transaction, clientId }) {
  const address = new URL(
    /^[a-z][\w+.-]*:/i.test(text) ? text : `${elsewhere}/${/^[?#]/.test(text) ? text : `?${text}`}`,
  );
  const isFragment = address.hash.length > 1;
  const sent = isFragment ? new URLSearchParams(address.hash.slice(1)) : address.searchParams;
  const redirectUri = address.href.split(/[?#]/)[0];
  const named = issuer || sent.get("iss") || elsewhere;
  const metadata = {
    issuer: named,
    authorization_endpoint: `${elsewhere}/authorize`,
    authorization_response_iss_parameter_supported: sent.has("iss"),
  };
  const shown = { code: "code", id_token: "id_token", access_token: "token" };
  const types = Object.entries(shown).flatMap(([name, type]) => (sent.has(name) ? [type] : []));
  const responseType = /** @type {import("oidc-wasm/full").ResponseType} */ (types.join(" ") || "code");
  const { error } = await tried(() => {
    const rp = new RelyingParty(metadata, { clientId: clientId || "inspected", redirectUri });
    if (transaction) return rp.authorizationResponse(address, transaction);
    const request = rp.authorizationRequest({ responseType, responseMode: isFragment ? "fragment" : "query" });
    // Nobody here knows the state that was sent, so the copy has the one of this request.
    return rp.authorizationResponse(withState(address, isFragment, request.state), request.transaction);
  });
  const open = transaction ? [] : ["redirect.state", ...(issuer ? [] : ["redirect.iss"])];
  return { rows: listed(order.redirect, error ? [error] : [], { open }), members: sent };
}

/** @param {URL} address @param {boolean} isFragment @param {string} state */
function withState(address, isFragment, state) {
  const copy = new URL(address);
  const sent = new URLSearchParams(isFragment ? copy.hash.slice(1) : copy.search);
  if (sent.has("state")) sent.set("state", state);
  if (isFragment) copy.hash = `${sent}`;
  else copy.search = `${sent}`;
  return copy;
}

/** @param {string} text @param {Settings} settings @returns {Promise<Judged>} */
async function tokenResponse(text, { scope = "openid" }) {
  const body = parsed(text);
  const rp = new RelyingParty(
    { issuer: elsewhere, authorization_endpoint: `${elsewhere}/authorize`, token_endpoint: `${elsewhere}/token` },
    { clientId: "inspected", redirectUri: `${elsewhere}/` },
  );
  const { transaction } = rp.authorizationRequest({ scope });
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  const status = typeof body?.error === "string" ? 400 : 200;
  const { error } = await tried(() =>
    rp.tokenResponse({ status, headers, body: text }, { type: "authorization_code", code: "inspected", transaction }),
  );
  return { rows: listed(order.tokenResponse, error ? [error] : []), members: Object.entries(body ?? {}) };
}

/** @param {string} text @param {Settings} settings @returns {Promise<Judged>} */
async function metadata(text, { issuer }) {
  const document = parsed(text);
  const asked = issuer || (typeof document?.issuer === "string" ? document.issuer : elsewhere);
  const { error } = await tried(() => RelyingParty.discover(asked, { clientId: "inspected" }, serving(text)));
  return {
    rows: listed(order.metadata, error ? [error] : [], { open: issuer ? [] : ["discovery.issuer"] }),
    members: Object.entries(document ?? {}),
  };
}

/** The algorithms to try for a key that names none. */
const candidates = ["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"];

/** For each key: a token that names it, which this key did not sign. "jws.signature" means that the engine took the key. @param {string} text @returns {Promise<Judged>} */
async function keySet(text) {
  const rp = new RelyingParty(metadataOf(elsewhere), {});
  const audience = elsewhere;
  const keys = /** @type {Record<string, any>[]} */ (Array.isArray(parsed(text)?.keys) ? parsed(text)?.keys : []);
  /** @type {NonNullable<Judged['keys']>} */
  const judged = [];
  /** @type {OidcError | undefined} */
  let broken;
  for (const jwk of keys.length ? keys : [{}]) {
    /** @type {(OidcError | undefined)[]} */
    const codes = [];
    for (const alg of jwk?.alg ? [jwk.alg] : candidates) {
      const signature = base64url(
        new Uint8Array(/^(RS|PS)/.test(alg) ? 256 : alg === "ES384" ? 96 : alg === "ES512" ? 132 : 64),
      );
      const token = [
        { alg, ...(jwk?.kid === undefined ? {} : { kid: jwk.kid }) },
        { iss: elsewhere, aud: audience },
      ]
        .map((part) => base64url(new TextEncoder().encode(JSON.stringify(part))))
        .join(".");
      const { error } = await tried(() => rp.verifyAccessToken(`${token}.${signature}`, { audience }, serving(text)));
      codes.push(error);
    }
    const used = codes.find((error) => error?.code === "jws.signature");
    const worst =
      used ??
      codes.find((error) => error?.code === "jwks.weak_key") ??
      codes.find((error) => error?.code.startsWith("jwks.")) ??
      codes[0];
    if (worst && /^(json|jwks\.malformed)/.test(worst.code)) broken = worst;
    if (!keys.length) continue;
    judged.push({
      name: [jwk?.kty, jwk?.crv, jwk?.alg, jwk?.use, jwk?.kid].filter(Boolean).join(" · "),
      verdict: /** @type {Verdict} */ (used ? "pass" : worst?.code === "jwks.weak_key" ? "fail" : "skip"),
      code: used ? undefined : worst?.code,
    });
  }
  return { rows: listed(["jwks.malformed"], broken ? [broken] : []), keys: judged };
}

/** @param {string} text @returns {Promise<Judged>} */
async function challenge(text) {
  const header = text.replace(/^www-authenticate:\s*/i, "");
  const { value, error } = await tried(() => stepUp(header));
  return { rows: error ? [row(error.code, "fail", error)] : [], challenges: parseChallenges(header), stepUp: value };
}

/** @type {Record<Kind, (text: string, settings: Settings, now: number) => Promise<Judged>>} */
const judges = { idToken, accessToken, logoutToken, redirect, tokenResponse, metadata, keySet, challenge };

/** @param {Kind} kind @param {string} text @param {Settings} settings @param {number} now seconds since the epoch */
export const judge = (kind, text, settings, now) => judges[kind](text, settings, now);
