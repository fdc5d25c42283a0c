// @ts-check
/**
 * Ways to break a login that is finished. Each changes one part of the visitor's own messages, and the package checks them again, with the
 * same calls as the login. This file does not know the result.
 */
import { RelyingParty } from "oidc-wasm/full";
import { altered } from "./answer.js";
import { counted, fill, language, strings } from "./strings.js";

/**
 * @typedef {import("./login.js").Evidence} Evidence
 * @typedef {Record<string, string>} Values what the visitor chose, by field
 * @typedef {object} Field
 * @property {string} name
 * @property {string} label
 * @property {"text" | "number"} [type]
 * @property {[value: string, text: string][]} [options] to choose from, instead of writing
 * @property {number} [limit] how large a number may be, and how small below zero
 * @property {(values: Values) => string} value what stands there at first, or when another field has changed
 * @typedef {object} Judged one call of the package
 * @property {string} value what it was called with
 * @property {() => unknown} run throws the verdict
 * @property {() => import("oidc-wasm/full").TokenReport} [report] every rule but the signature's, of the altered token
 * @typedef {object} Trial
 * @property {string} name
 * @property {string} label
 * @property {string} about who would do this
 * @property {string} call what the page calls
 * @property {Field[]} fields
 * @property {(values: Values) => Promise<{ was: Judged, now: Judged }> | { was: Judged, now: Judged }} judge
 */

/** @param {Evidence} evidence @returns {Trial[]} what there is to break in this login */
export function createTrials({ metadata, client, url, transaction, answer, keys, idToken, expected = {} }) {
  const sent = new URL(url).searchParams;
  const party = () => new RelyingParty(metadata, client);
  /** Serves the key set that this login was checked with, or another. @param {string} [body] @param {number} [status] */
  const serve = (body = keys, status = 200) => ({
    fetch: async () => new Response(body, { status, headers: { "content-type": "application/json" } }),
  });
  // Passed separately: the transaction holds nonce and issuer, and a trial may change them.
  const { transaction: _held, ...known } = expected;
  const wanted = { ...known, nonce: sent.get("nonce") ?? undefined };

  /** @param {import("./answer.js").Answer} answer @param {string} value @returns {Judged} */
  const redirect = ({ response }, value) => ({
    value,
    run: () => party().authorizationResponse(response, transaction),
  });
  /** @param {string} value @param {{ token?: string, expected?: object, by?: () => RelyingParty, keys?: { fetch: typeof fetch } }} [change] @returns {Judged} */
  const token = (value, { token = idToken ?? "", expected = wanted, by = party, keys = serve() } = {}) => ({
    value,
    run: () => by().verifyIdToken(token, expected, keys),
    report: () => by().checkIdToken(token, expected),
  });

  const verify = "rp.verifyIdToken(idToken, expected)";
  const receive = "rp.authorizationResponse(redirect, transaction)";
  const parts = idToken?.split(".") ?? [];
  const [header = {}, claims = {}] = parts.slice(0, 2).map(decode);
  // On loopback, like the provider: only an issuer on loopback may name http endpoints.
  const another = metadata.issuer.startsWith("http:") ? "http://127.0.0.1:9" : "https://another.example";

  /** @type {Trial} */
  const state = {
    name: "state",
    ...strings.trials.state,
    call: receive,
    fields: [
      {
        name: "value",
        label: strings.trials.state.field,
        value: () => swapFirst(answer.parameters.get("state") ?? ""),
      },
    ],
    judge: ({ value = "" }) => ({
      was: redirect(answer, answer.parameters.get("state") ?? ""),
      now: redirect(altered(answer, "state", value), value),
    }),
  };

  /** @type {Trial} */
  const nonce = {
    name: "nonce",
    ...strings.trials.nonce,
    call: verify,
    fields: [{ name: "value", label: strings.trials.nonce.field, value: () => swapFirst(wanted.nonce ?? "") }],
    judge: ({ value = "" }) => ({
      was: token(wanted.nonce ?? ""),
      now: token(value, { expected: { ...wanted, nonce: value } }),
    }),
  };

  /** @type {Trial} */
  const claim = {
    name: "claim",
    ...strings.trials.claim,
    call: verify,
    fields: [
      {
        name: "claim",
        label: strings.trials.claim.field,
        options: Object.keys(claims).map((name) => [name, name]),
        value: () => "sub",
      },
      { name: "value", label: strings.trials.claim.value, value: ({ claim = "sub" }) => lie(claim, claims[claim]) },
    ],
    judge: ({ claim = "sub", value = "" }) => {
      const changed = encode({ ...claims, [claim]: meant(value, claims[claim]) });
      return {
        was: token(`${claim}: ${JSON.stringify(claims[claim])}`),
        now: token(`${claim}: ${JSON.stringify(meant(value, claims[claim]))}`, {
          token: [parts[0], changed, parts[2]].join("."),
        }),
      };
    },
  };

  /** @type {Trial} */
  const signature = {
    name: "signature",
    ...strings.trials.signature,
    call: verify,
    fields: [
      {
        name: "how",
        label: strings.trials.signature.field,
        options: [
          ["swap", strings.trials.signature.swap],
          ["forge", strings.trials.signature.forge],
          ["none", strings.trials.signature.none],
        ],
        value: () => "swap",
      },
    ],
    judge: async ({ how }) => {
      const made = {
        swap: async () => [parts[0], parts[1], swapFirst(parts[2] ?? "")],
        forge: async () => [parts[0], parts[1], await forge(`${parts[0]}.${parts[1]}`)],
        none: async () => [encode({ ...header, alg: "none" }), parts[1], ""],
      };
      const changed = await (made[/** @type {keyof typeof made} */ (how)] ?? made.swap)();
      return {
        was: token(`${header.alg}, ${shorten(parts[2] ?? "")}`),
        now: token(how === "none" ? "none" : `${header.alg}, ${shorten(changed[2] ?? "")}`, {
          token: changed.join("."),
        }),
      };
    },
  };

  /** @type {Trial} */
  const clock = {
    name: "clock",
    ...strings.trials.clock,
    call: "rp.verifyIdToken(idToken, { …expected, now })",
    fields: [
      {
        name: "minutes",
        label: strings.trials.clock.field,
        type: "number",
        limit: 1_000_000_000,
        value: () => "120",
      },
    ],
    judge: ({ minutes }) => {
      const now = Math.floor(Date.now() / 1000);
      const then = now + Number(minutes) * 60;
      return {
        was: token(clockTime(now), { expected: { ...wanted, now } }),
        now: token(clockTime(then), { expected: { ...wanted, now: then } }),
      };
    },
  };

  /** @type {Trial} */
  const keySet = {
    name: "keys",
    ...strings.trials.keys,
    call: "rp.verifyIdToken(idToken, expected, { fetch })",
    fields: [
      {
        name: "how",
        label: strings.trials.keys.field,
        options: [
          ["without", strings.trials.keys.without],
          ["other", strings.trials.keys.other],
          ["empty", strings.trials.keys.empty],
          ["down", strings.trials.keys.down],
        ],
        value: () => "without",
      },
    ],
    judge: async ({ how = "" }) => {
      /** @type {{ keys: { kid?: string, kty?: string }[] }} */
      const set = JSON.parse(keys);
      const rest = set.keys.filter(({ kid }) => kid !== header.kid);
      const made = {
        without: async () => serve(JSON.stringify({ keys: rest })),
        other: async () => serve(JSON.stringify({ keys: [...rest, await anotherKey(String(header.kid))] })),
        empty: async () => serve(JSON.stringify({ keys: [] })),
        down: async () => serve("", 500),
      };
      const chosen = /** @type {keyof typeof made} */ (how in made ? how : "without");
      const told = {
        without: count(rest),
        other: fill(strings.trials.keys.stranger, { keys: count(set.keys) }),
        empty: count([]),
        down: "500",
      }[chosen];
      return { was: token(count(set.keys)), now: token(told, { keys: await made[chosen]() }) };
    },
  };

  const namesItself = answer.parameters.has("iss");
  /** @type {Trial} */
  const issuer = {
    name: "issuer",
    ...strings.trials.issuer,
    call: fill(strings.trials.or, { one: verify, other: receive }),
    fields: [
      {
        name: "where",
        label: strings.trials.issuer.where,
        options: [
          ["configured", strings.trials.issuer.configured],
          ...(namesItself ? [/** @type {[string, string]} */ (["redirect", strings.trials.issuer.redirect])] : []),
        ],
        value: () => "configured",
      },
      { name: "value", label: strings.trials.issuer.field, value: () => another },
    ],
    judge: ({ where, value = "" }) =>
      where === "redirect"
        ? {
            was: redirect(answer, answer.parameters.get("iss") ?? ""),
            now: redirect(altered(answer, "iss", value), value),
          }
        : {
            was: token(metadata.issuer),
            now: token(value, { by: () => new RelyingParty({ ...metadata, issuer: value }, client) }),
          },
  };
  const redirectIssuer = {
    ...issuer,
    fields: issuer.fields.slice(1),
    judge: (/** @type {Values} */ values) => issuer.judge({ ...values, where: "redirect" }),
  };

  if (idToken) return [state, nonce, claim, signature, clock, keySet, issuer];
  return namesItself ? [state, redirectIssuer] : [state];
}

/** @param {unknown[]} keys */
const count = ({ length }) => counted(strings.shown.keys, length);

/** @param {number} seconds */
const clockTime = (seconds) => {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime())
    ? strings.trials.clock.noTime
    : time.toLocaleString(language, { dateStyle: "medium", timeStyle: "medium" });
};

/** @param {string} text */
const shorten = (text) => (text.length > 24 ? `${text.slice(0, 12)}…${text.slice(-6)}` : text);

/** @param {string} text */
const swapFirst = (text) => (text.startsWith("A") ? "B" : "A") + text.slice(1);

/** Something else of the same kind. @param {string} name @param {unknown} value */
function lie(name, value) {
  const known = { iss: "https://another.example", sub: "somebody-else", aud: "another-site" };
  if (name in known) return known[/** @type {keyof typeof known} */ (name)];
  if (typeof value === "number") return String(value + 31_536_000);
  if (typeof value === "boolean") return String(!value);
  return typeof value === "string" ? swapFirst(value) : "null";
}

/** The written value, as the type of the old value, or else as a string. @param {string} text @param {unknown} before */
function meant(text, before) {
  if (typeof before === "string") return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** @param {string} part @returns {Record<string, unknown>} */
function decode(part) {
  const bytes = Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** @param {unknown} value */
const encode = (value) => base64url(new TextEncoder().encode(JSON.stringify(value)));

/** @param {Uint8Array} bytes */
const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** The demo's clients are registered for RS256. */
const rs256 = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
};

/** @param {string} input */
async function forge(input) {
  const { privateKey } = await crypto.subtle.generateKey(rs256, false, ["sign", "verify"]);
  const bytes = await crypto.subtle.sign(rs256.name, privateKey, new TextEncoder().encode(input));
  return base64url(new Uint8Array(bytes));
}

/** @param {string} kid */
async function anotherKey(kid) {
  const { publicKey } = await crypto.subtle.generateKey(rs256, true, ["sign", "verify"]);
  const { kty, n, e } = await crypto.subtle.exportKey("jwk", publicKey);
  return { kty, n, e, kid, use: "sig", alg: "RS256" };
}
