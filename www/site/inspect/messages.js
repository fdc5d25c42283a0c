// @ts-check
/** Judges redirects, token responses, metadata and challenges. */
import { base64url } from "support:jws";
import { parseChallenges, RelyingParty, stepUp } from "oidc-wasm/full";
import { failures } from "./copy.js";
import { decoded, parsed, textOf } from "./kinds.js";
import { order } from "./rules.js";
import { metadataOf, verified } from "./tokens.js";
import { elsewhere, listed, row, serving, tried } from "./verdicts.js";

/** @typedef {import("./verdicts.js").Judged} Judged */
/** @typedef {import("./verdicts.js").Settings} Settings */

/** A client whose messages can be about any login. */
const waiting = () =>
  new RelyingParty(
    { issuer: elsewhere, authorization_endpoint: `${elsewhere}/authorize`, token_endpoint: `${elsewhere}/token` },
    { clientId: "inspected", redirectUri: `${elsewhere}/` },
  );

/** @param {string} text @param {Settings} settings @returns {Promise<Judged>} */
export async function redirect(text, settings) {
  const { issuer, transaction, clientId } = settings;
  const written = /^[a-z][\w+.-]*:/i.test(text) ? text : `${elsewhere}/${/^[?#]/.test(text) ? text : `?${text}`}`;
  if (!URL.canParse(written)) {
    const rp = waiting();
    const { error } = await tried(() => rp.authorizationResponse(written, rp.authorizationRequest().transaction));
    return { rows: listed(order.redirect, error ? [error] : []) };
  }
  const address = new URL(written);
  const isFragment = address.hash.length > 1;
  const sent = isFragment ? new URLSearchParams(address.hash.slice(1)) : address.searchParams;
  const redirectUri = address.href.split(/[?#]/)[0] ?? "";
  if (sent.has("response")) return signedResponse({ address, isFragment, sent, redirectUri }, settings);
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
    const copy = sent.has("state") ? withParameter(address, isFragment, "state", request.state) : address;
    return rp.authorizationResponse(copy, request.transaction);
  });
  const open = transaction ? [] : ["redirect.state", ...(issuer ? [] : ["redirect.iss"])];
  return { rows: listed(order.redirect, error ? [error] : [], { open }), members: sent };
}

/**
 * A signed response (JARM §2.4). The engine judges only what is signed, so a copy is signed here. Nobody here knows the state that was
 * sent, so the copy has the one of this request. After a broken rule the next copy's claim is mended.
 * @param {{ address: URL, isFragment: boolean, sent: URLSearchParams, redirectUri: string }} redirected
 * @param {Settings} settings
 * @returns {Promise<Judged>}
 */
async function signedResponse({ address, isFragment, sent, redirectUri }, settings) {
  const token = sent.get("response") ?? "";
  const { header, claims } = decoded(token);
  const { keys, transaction, clientId = textOf([claims.aud].flat()[0]) } = settings;
  const issuer = settings.issuer || textOf(claims.iss) || elsewhere;
  const alg = textOf(header.alg);
  const made = await tried(() => {
    const metadata = {
      ...metadataOf(issuer),
      authorization_endpoint: `${elsewhere}/`,
      token_endpoint: `${elsewhere}/`,
    };
    const authorizationSignedResponseAlg = alg === "none" ? undefined : alg || undefined;
    const client = { clientId: clientId || "inspected", redirectUri, authorizationSignedResponseAlg };
    const rp = new RelyingParty(metadata, client);
    const request = rp.authorizationRequest({ responseMode: isFragment ? "fragment.jwt" : "query.jwt" });
    return { rp, state: request.state, kept: transaction || request.transaction };
  });
  const { value: party, error: refused } = made;
  if (!party) return { rows: refused ? [row(refused.code, "fail", refused)] : [] };
  const { rp, state, kept } = party;
  const outer = await tried(() => rp.authorizationResponse(address, kept));
  // The call that cannot verify refuses a good redirect with this code.
  if (outer.error?.code !== "jarm.unverified")
    return { rows: listed(order.redirect, outer.error ? [outer.error] : []), members: sent };

  const verify = async (/** @type {string} */ copy, /** @type {string} */ set) => {
    const { error } = await tried(() =>
      rp.callback(withParameter(address, isFragment, "response", copy), kept, serving(set)),
    );
    // The redirect has passed: only the code's exchange failed, which nothing answers here.
    if (error && !/^(token|id_token)\./.test(error.code)) throw error;
  };
  const now = Math.floor(Date.now() / 1000);
  const mended = (/** @type {object} */ more) => (/** @type {any} */ asked) => ({
    claims: { ...asked.claims, ...more },
  });
  const { broken, isEnd } = await failures(
    token,
    order.signedResponse,
    verify,
    { claims: "state" in claims && !transaction ? { ...claims, state } : claims },
    {
      "jarm.iss": mended({ iss: issuer }),
      "jarm.aud": mended({ aud: clientId || "inspected" }),
      "jarm.exp": mended({ exp: now + 60, iat: undefined, nbf: undefined }),
    },
    (payload, asked) => (asked.claims === claims ? payload : encoded(asked.claims)),
  );
  const open = transaction ? [] : ["redirect.state"];
  const rows = listed(order.signedResponse, broken, { isEnd, open });
  const signature = await verified(rows, keys, () => verify(token, keys ?? ""));
  return { rows, signature, members: Object.entries(claims) };
}

/** @param {object} claims */
const encoded = (claims) => base64url(new TextEncoder().encode(JSON.stringify(claims)));

/** @param {URL} address @param {boolean} isFragment @param {string} name @param {string} value */
function withParameter(address, isFragment, name, value) {
  const copy = new URL(address);
  const sent = new URLSearchParams(isFragment ? copy.hash.slice(1) : copy.search);
  sent.set(name, value);
  if (isFragment) copy.hash = `${sent}`;
  else copy.search = `${sent}`;
  return copy;
}

/** @param {string} text @param {Settings} settings @returns {Promise<Judged>} */
export async function tokenResponse(text, { scope = "openid" }) {
  const body = parsed(text);
  const rp = waiting();
  const { transaction } = rp.authorizationRequest({ scope });
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  const status = typeof body?.error === "string" ? 400 : 200;
  const { error } = await tried(() =>
    rp.tokenResponse({ status, headers, body: text }, { type: "authorization_code", code: "inspected", transaction }),
  );
  return { rows: listed(order.tokenResponse, error ? [error] : []), members: Object.entries(body ?? {}) };
}

/** @param {string} text @param {Settings} settings @returns {Promise<Judged>} */
export async function metadata(text, { issuer }) {
  const document = parsed(text);
  const asked = issuer || (typeof document?.issuer === "string" ? document.issuer : elsewhere);
  const { error } = await tried(() => RelyingParty.discover(asked, { clientId: "inspected" }, serving(text)));
  return {
    rows: listed(order.metadata, error ? [error] : [], { open: issuer ? [] : ["discovery.issuer"] }),
    members: Object.entries(document ?? {}),
  };
}

/** @param {string} text @returns {Promise<Judged>} */
export async function challenge(text) {
  const header = text.replace(/^www-authenticate:\s*/i, "");
  const { value, error } = await tried(() => stepUp(header));
  return { rows: error ? [row(error.code, "fail", error)] : [], challenges: parseChallenges(header), stepUp: value };
}
