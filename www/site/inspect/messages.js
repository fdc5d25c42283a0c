// @ts-check
/** Judges redirects, token responses, metadata and challenges. */
import { parseChallenges, RelyingParty, stepUp } from "oidc-wasm/full";
import { parsed } from "./kinds.js";
import { order } from "./rules.js";
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
export async function redirect(text, { issuer, transaction, clientId }) {
  const written = /^[a-z][\w+.-]*:/i.test(text) ? text : `${elsewhere}/${/^[?#]/.test(text) ? text : `?${text}`}`;
  if (!URL.canParse(written)) {
    const rp = waiting();
    const { error } = await tried(() => rp.authorizationResponse(written, rp.authorizationRequest().transaction));
    return { rows: listed(order.redirect, error ? [error] : []) };
  }
  const address = new URL(written);
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
