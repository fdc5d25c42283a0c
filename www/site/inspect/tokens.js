// @ts-check
/** Judges ID tokens, access tokens and logout tokens. */
import { RelyingParty } from "oidc-wasm/full";
import { failures } from "./copy.js";
import { algorithmOf, decoded } from "./kinds.js";
import { order } from "./rules.js";
import { elsewhere, listed, row, serving, tried } from "./verdicts.js";

/** @typedef {import("./verdicts.js").Judged} Judged */
/** @typedef {import("./verdicts.js").Row} Row */
/** @typedef {import("./verdicts.js").Settings} Settings */

/** @param {Settings} settings @param {Record<string, any>} header */
const clientOf = ({ clientId, algorithm, secret }, header) => ({
  // An empty name is an error of the call. A token without an audience has to reach the rules.
  clientId: clientId || "inspected",
  idTokenSignedResponseAlg: algorithm || algorithmOf(header) || undefined,
  auth: secret ? { method: /** @type {const} */ ("client_secret_basic"), secret } : undefined,
});

/** @param {unknown} value */
const secondsOf = (value) => (typeof value === "number" ? value : Number.NaN);

export const metadataOf = (/** @type {string} */ issuer) => ({
  issuer: issuer || elsewhere,
  jwks_uri: `${elsewhere}/jwks`,
});

/** @param {string} token @param {Settings} settings @param {number} now @returns {Promise<Judged>} */
export async function idToken(token, settings, now) {
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
export async function verified(rows, keys, verify) {
  const found = rows.findIndex(({ rule }) => rule === "jws.signature");
  const put = (/** @type {Row} */ judged) => {
    if (found >= 0) rows[found] = judged;
    else
      rows.splice(
        rows.findIndex(({ rule }) => /(_token|jarm)\.(iss|typ)$/.test(rule)),
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

/** @param {string} token @param {Settings} settings @param {number} now @returns {Promise<Judged>} */
export async function accessToken(token, settings, now) {
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
    "access_token.exp": () => ({ now: secondsOf(claims.exp) - 1 }),
    "access_token.nbf": () => ({ now: Math.max(secondsOf(claims.nbf) || 0, secondsOf(claims.iat) || 0) }),
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
export async function logoutToken(token, settings, now) {
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
    "logout_token.iat": () => ({ now: secondsOf(claims.iat) }),
    "logout_token.exp": () => ({ now: secondsOf(claims.exp) - 1 }),
  });
  const rows = listed(order.logoutToken, broken, { isEnd });
  const signature = await verified(rows, keys, () => verify(token, keys ?? "", asked));
  return { rows, signature, header, claims };
}
