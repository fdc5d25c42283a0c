// The faults of a provider, with the numbers of the relying-party certification profiles. Each row has the change, the
// flows that show it, and the correct result. Row 1 is a correct provider.
import { ruleOf } from "../../support/provider/faults.js";

export const types = ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"];
const bringing = (...whats) => types.filter((type) => whats.every((what) => type.split(" ").includes(what)));
const front = bringing("id_token");
const code = bringing("code");
const withToken = types.filter((type) => type !== "id_token");

/**
 * A login in each flow: the change and the result. `refused` means the fault's code, after exactly these `requests`.
 * Otherwise the login succeeds.
 */
const inFlows = (row, what, types, more = {}) =>
  types.map((type) => ({ row, what: `${what}, ${type}`, type, ...more }));
const broken = (row, fault, types, requests, more) =>
  inFlows(row, fault, types, { fault, refused: ruleOf(fault), requests, ...more });

/** A client that uses the redirect's ID token has sent no token request yet. One that exchanges a code has sent one. */
const inFront = (row, fault, more, types = front) =>
  broken(row, fault, types, { token: 0, userinfo: 0 }, { channel: "front", ...more });
const bought = (row, fault, more, types = code) =>
  broken(row, fault, types, { token: 1, userinfo: 0 }, { channel: "token", ...more });
const inBoth = (...given) => [...inFront(...given), ...bought(...given)];

const signed = { client: "signed userinfo" };
const before = { jwks: 0, token: 0, userinfo: 0 };
const isRsa = ({ kty, use }) => kty === "RSA" && use === "sig";
const oneRsaKey = (keys) => {
  const [first] = keys.filter(isRsa);
  keys.splice(0, keys.length, ...keys.filter((key) => key === first || !isRsa(key)));
};
const withoutKid = ({ header }) => delete header.kid;
/** Members beside an access token, in the redirect and in the token response. */
const beside = (members) => ({
  redirect(parameters) {
    for (const [name, value] of Object.entries(members))
      if (parameters.has("access_token")) parameters.set(name, value);
  },
  tokens: (body) => Object.assign(body, members),
});
const asList = ({ claims }) => Object.assign(claims, { aud: [claims.aud] });

export const logins = [
  ...inFlows(1, "correct", types),
  ...inFlows(1, "correct, by form_post", types, { params: { responseMode: "form_post" } }),
  ...["ES256", "EdDSA", "HS256"].flatMap((client) => inFlows(1, `correct, ${client}`, types, { client })),

  ...inBoth(2, "id_token.iss"),
  ...inBoth(2, "id_token.iss without its slash"),
  ...inBoth(3, "id_token.aud"),
  ...inBoth(4, "id_token.sub"),
  ...inBoth(5, "id_token.aud missing"),
  ...inBoth(6, "id_token.iat missing"),
  ...inBoth(7, "id_token.nonce"),
  ...inBoth(7, "id_token.nonce missing"),
  ...inBoth(8, "jws.signature"),
  ...inBoth(9, "jws.signature", { client: "ES256" }),
  ...inBoth(10, "jws.signature", { client: "HS256" }),
  ...bought(11, "jws.alg none"),
  ...inFlows(12, "no kid, one RSA signing key, front", front, {
    change: { "idToken.front": withoutKid, keys: oneRsaKey },
  }),
  ...inFlows(12, "no kid, one RSA signing key", code, { change: { "idToken.token": withoutKid, keys: oneRsaKey } }),
  ...inBoth(13, "jwks.ambiguous"),
  ...inFront(14, "id_token.c_hash", {}, bringing("code", "id_token")),
  ...inFront(15, "id_token.c_hash missing", {}, bringing("code", "id_token")),
  ...inFront(16, "id_token.at_hash", {}, bringing("id_token", "token")),
  ...inFront(17, "id_token.at_hash missing", {}, bringing("id_token", "token")),
  ...bought("at_hash", "id_token.at_hash"),
  ...inFlows("at_hash", "missing from the token endpoint", code, {
    fault: "id_token.at_hash missing",
    channel: "token",
  }),

  ...broken(18, "userinfo.sub", withToken, { userinfo: 1 }),
  ...inFlows(19, "userinfo as a signed JWT", withToken, signed),
  ...broken(19, "userinfo.iss", withToken, { userinfo: 1 }, signed),
  ...broken(19, "userinfo.aud", withToken, { userinfo: 1 }, signed),
  ...broken(20, "discovery.issuer", types, { discovery: 1, authorize: 0, ...before }),
  ...broken(25, "redirect.oauth_error", types, before, {
    params: { responseMode: "form_post" },
    error: "access_denied",
  }),
  ...["basic", "post", "public"].flatMap((client) =>
    inFlows(28, `client id and secret with special characters, ${client}`, code, { client }),
  ),

  ...inBoth("exp", "id_token.exp"),
  ...inBoth("exp", "id_token.exp missing"),
  ...inBoth("aud", "id_token.aud beside another"),
  ...inFlows("aud", "an array of one, front", front, { change: { "idToken.front": asList } }),
  ...inFlows("aud", "an array of one", code, { change: { "idToken.token": asList } }),
  ...bought("hybrid", "id_token.hybrid", {}, bringing("code", "id_token")),

  ...broken("iss", "redirect.iss", types, { token: 0, userinfo: 0 }),
  ...broken("iss", "redirect.iss missing", ["code", "code token"], { token: 0, userinfo: 0 }),
  ...inFlows("iss", "RFC 9207: missing beside an ID token", front, { fault: "redirect.iss missing" }),
  ...broken("state", "redirect.state", types, before),
  ...broken("state", "redirect.state missing", types, before),
  ...["bearer", "BEARER", "bEARER"].flatMap((token_type) =>
    inFlows("token_type", token_type, withToken, { change: beside({ token_type }) }),
  ),
  ...inFlows("expires_in, scope", "both there", withToken, { change: beside({ expires_in: 600, scope: "openid" }) }),
];

/** The claims that a refreshed ID token may not change (OpenID Connect Core 1.0 §12.2). */
export const refreshes = [{ row: 29, fault: "id_token.iss" }, { row: 30, fault: "id_token.previous" }, { row: 31 }];

/** OpenID Connect Back-Channel Logout 1.0 §2.6. */
export const logoutTokens = {
  37: undefined,
  38: "logout token unsigned",
  39: "logout token of another key",
  40: "logout_token.iss",
  41: "logout_token.aud",
  42: "logout_token.events",
  43: "logout_token.events of another kind",
  44: "logout_token.nonce",
};
