// The ways a provider can be wrong, by the numbers of the certification profiles for relying parties: what is bent, in which flows
// that can be seen, and what a correct relying party does. Row 1 is the provider that is right.
import { halfHash } from "./provider.mjs";

export const types = ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"];
const brings = (what) => (type) => type.split(" ").includes(what);
const front = types.filter(brings("id_token"));
const code = types.filter(brings("code"));
const accessToken = types.filter((type) => type !== "id_token");

/** A client that uses the redirect's ID token has asked for nothing before it is verified; one that buys its own has asked once. */
const seats = [
  { where: "the redirect's ID token", channel: "front", types: front, requests: { token: 0, userinfo: 0 } },
  { where: "the code's ID token", channel: "back", types: code, requests: { token: 1, userinfo: 0 } },
];

/** One row for each flow that such an ID token can be seen in. */
const idToken = (row, what, bend, more, at = seats) =>
  at.flatMap(({ where, channel, types, requests }) =>
    types.map((type) => {
      const refused = more.refused && { requests };
      return { row, what: `${what}, ${where}`, type, faults: { [channel]: bend }, ...refused, ...more };
    }),
  );
const inFlows = (row, what, types, more) => types.map((type) => ({ row, what, type, ...more }));
const claims = (bend) => (token) => bend(token.claims);
const flipped = (token) => {
  token.signature = (bytes) => {
    bytes[bytes.length >> 1] ^= 4;
    return bytes;
  };
};
const sixMinutes = 360;
const now = () => Math.floor(Date.now() / 1000);

/** The keys that are no RSA signing keys, and then these. */
const withRsa = (select) => (jwks, other) => {
  const isRsa = ({ kty, use }) => kty === "RSA" && use === "sig";
  const chosen = select([...jwks, ...other].filter(isRsa));
  jwks.splice(0, jwks.length, ...jwks.filter((key) => !isRsa(key)), ...chosen);
};
const withoutKid = (token) => {
  delete token.header.kid;
};

/**
 * A case: the flow, what is bent, and the verdict: `refused` with a code, having made just these `requests`; otherwise accepted.
 * @type {{ row: number | string, what: string, type: string, client?: string, config?: object, params?: object, faults?: import("./provider.mjs").Faults, refused?: string, requests?: Record<string, number> }[]}
 */
export const logins = [
  ...inFlows(1, "correct", types, {}),
  ...inFlows(1, "correct, by form_post", types, { params: { responseMode: "form_post" } }),
  ...["ES256", "EdDSA", "HS256"].flatMap((client) => inFlows(1, `correct, ${client}`, types, { client })),

  ...idToken(
    2,
    "iss altered",
    claims((it) => (it.iss += "other")),
    { refused: "id_token.iss" },
  ),
  ...idToken(
    2,
    "iss without its slash",
    claims((it) => (it.iss = it.iss.slice(0, -1))),
    { refused: "id_token.iss" },
  ),
  ...idToken(
    3,
    "aud altered",
    claims((it) => (it.aud = "another client")),
    { refused: "id_token.aud" },
  ),
  ...idToken(
    4,
    "sub missing",
    claims((it) => delete it.sub),
    { refused: "id_token.sub" },
  ),
  ...idToken(
    5,
    "aud missing",
    claims((it) => delete it.aud),
    { refused: "id_token.aud" },
  ),
  ...idToken(
    6,
    "iat missing",
    claims((it) => delete it.iat),
    { refused: "id_token.iat" },
  ),
  ...idToken(
    7,
    "nonce altered",
    claims((it) => (it.nonce += "x")),
    { refused: "id_token.nonce" },
  ),
  ...idToken(
    7,
    "nonce missing",
    claims((it) => delete it.nonce),
    { refused: "id_token.nonce" },
  ),
  ...idToken(
    7,
    "nonce present when none was sent",
    claims((it) => (it.nonce = "unasked")),
    { refused: "id_token.nonce", params: { scope: "email" } },
    [{ ...seats[1], types: ["code", "code token"] }],
  ),

  ...idToken(8, "RS256 signature flipped", flipped, { refused: "jws.signature" }),
  ...idToken(9, "ES256 signature flipped", flipped, { refused: "jws.signature", client: "ES256" }),
  ...idToken(10, "HS256 signature flipped", flipped, { refused: "jws.signature", client: "HS256" }),
  ...idToken(
    11,
    "alg none",
    (token) => {
      token.header.alg = "none";
    },
    { refused: "jws.alg" },
    [seats[1]],
  ),

  ...idToken(12, "no kid, one RSA signing key", withoutKid, { keys: withRsa(([first]) => [first]) }),
  ...idToken(13, "no kid, three RSA signing keys", withoutKid, {
    keys: withRsa(([a, b, c]) => [a, b, c]),
    refused: "jwks.ambiguous",
  }),

  ...inFlows(14, "c_hash wrong", ["code id_token", "code id_token token"], {
    faults: { front: claims((it) => (it.c_hash = halfHash("RS256", "another code"))) },
    refused: "id_token.c_hash",
    requests: { token: 0, userinfo: 0 },
  }),
  ...inFlows(15, "c_hash missing", ["code id_token", "code id_token token"], {
    faults: { front: claims((it) => delete it.c_hash) },
    refused: "id_token.c_hash",
    requests: { token: 0, userinfo: 0 },
  }),
  ...inFlows(16, "at_hash wrong", ["id_token token", "code id_token token"], {
    faults: { front: claims((it) => (it.at_hash = halfHash("RS256", "another token"))) },
    refused: "id_token.at_hash",
    requests: { token: 0, userinfo: 0 },
  }),
  ...inFlows(17, "at_hash missing", ["id_token token", "code id_token token"], {
    faults: { front: claims((it) => delete it.at_hash) },
    refused: "id_token.at_hash",
    requests: { token: 0, userinfo: 0 },
  }),
  ...inFlows("at_hash", "wrong from the token endpoint", code, {
    faults: { back: claims((it) => (it.at_hash = halfHash("RS256", "another token"))) },
    refused: "id_token.at_hash",
    requests: { token: 1, userinfo: 0 },
  }),
  ...inFlows("at_hash", "missing from the token endpoint", code, {
    faults: { back: claims((it) => delete it.at_hash) },
  }),

  ...inFlows(18, "userinfo about somebody else", accessToken, {
    faults: {
      userinfo: (it) => {
        it.sub = "tomas";
      },
    },
    refused: "userinfo.sub",
    requests: { userinfo: 1 },
  }),
  ...inFlows(19, "userinfo as a signed JWT", accessToken, { client: "signed userinfo" }),
  ...inFlows(19, "userinfo as a signed JWT of another issuer", accessToken, {
    client: "signed userinfo",
    faults: { userinfo: (it) => (it.iss += "other") },
    refused: "userinfo.iss",
    requests: { userinfo: 1 },
  }),
  ...inFlows(19, "userinfo as a signed JWT for another client", accessToken, {
    client: "signed userinfo",
    faults: { userinfo: (it) => (it.aud = "another client") },
    refused: "userinfo.aud",
    requests: { userinfo: 1 },
  }),

  ...inFlows(20, "metadata of another issuer", types, {
    faults: { metadata: (it) => (it.issuer += "other") },
    refused: "discovery.issuer",
    requests: { discovery: 1, authorize: 0, jwks: 0, token: 0, userinfo: 0 },
  }),

  ...inFlows(25, "form_post with an error", types, {
    params: { responseMode: "form_post" },
    faults: {
      redirect: (parameters) => {
        const state = parameters.get("state");
        for (const name of [...parameters.keys()]) parameters.delete(name);
        parameters.set("error", "access_denied");
        parameters.set("state", state);
      },
    },
    refused: "redirect.oauth_error",
    error: "access_denied",
    requests: { jwks: 0, token: 0, userinfo: 0 },
  }),

  ...["basic", "post", "public"].flatMap((client) =>
    inFlows(28, `client id and secret with special characters, ${client}`, code, { client }),
  ),

  ...idToken(
    "exp",
    "six minutes past",
    claims((it) => {
      it.iat = now() - sixMinutes - 300;
      it.exp = now() - sixMinutes;
    }),
    { refused: "id_token.exp" },
  ),
  ...idToken(
    "exp",
    "missing",
    claims((it) => delete it.exp),
    { refused: "id_token.exp" },
  ),
  ...idToken(
    "aud",
    "an untrusted second audience",
    claims((it) => {
      it.azp = it.aud;
      it.aud = [it.aud, "another client"];
    }),
    { refused: "id_token.aud" },
  ),
  ...idToken(
    "aud",
    "an array of one",
    claims((it) => (it.aud = [it.aud])),
    {},
  ),
  ...idToken(
    "hybrid",
    "sub is another than the redirect's",
    claims((it) => (it.sub = "tomas")),
    { refused: "id_token.hybrid" },
    [{ ...seats[1], types: ["code id_token", "code id_token token"] }],
  ),

  ...inFlows("iss", "RFC 9207: altered", types, {
    faults: advertised((it) => it.set("iss", "https://evil.example/")),
    refused: "redirect.iss",
    requests: { token: 0, userinfo: 0 },
  }),
  ...inFlows("iss", "RFC 9207: missing though advertised", ["code", "code token"], {
    faults: advertised(() => {}),
    refused: "redirect.iss",
    requests: { token: 0, userinfo: 0 },
  }),
  ...inFlows("iss", "RFC 9207: missing beside an ID token", front, { faults: advertised(() => {}) }),
  ...inFlows("state", "altered", types, {
    faults: { redirect: (it) => it.set("state", `${it.get("state")}x`) },
    refused: "redirect.state",
    requests: { jwks: 0, token: 0, userinfo: 0 },
  }),
  ...inFlows("state", "missing though sent", types, {
    faults: { redirect: (it) => it.delete("state") },
    refused: "redirect.state",
    requests: { jwks: 0, token: 0, userinfo: 0 },
  }),
  ...["bearer", "BEARER", "bEARER"].flatMap((token_type) =>
    inFlows("token_type", token_type, accessToken, {
      faults: {
        redirect: (it) => it.has("token_type") && it.set("token_type", token_type),
        token: (it) => Object.assign(it, { token_type }),
      },
    }),
  ),
  ...inFlows("expires_in, scope", "both there", accessToken, {
    faults: {
      redirect: (it) => {
        if (!it.has("access_token")) return;
        it.set("expires_in", "600");
        it.set("scope", "openid");
      },
      token: (it) => Object.assign(it, { expires_in: 600, scope: "openid" }),
    },
  }),
];

function advertised(redirect) {
  const metadata = (it) => Object.assign(it, { authorization_response_iss_parameter_supported: true });
  return { metadata, redirect };
}

/** What a refreshed ID token may not change (OpenID Connect Core 1.0 §12.2). */
export const refreshes = [
  { row: 29, what: "iss altered", bend: claims((it) => (it.iss += "other")), refused: "id_token.iss" },
  { row: 30, what: "sub altered", bend: claims((it) => (it.sub = "tomas")), refused: "id_token.previous" },
  { row: 31, what: "correct, with a rotated refresh token" },
];

const event = "http://schemas.openid.net/event/backchannel-logout";

/** OpenID Connect Back-Channel Logout 1.0 §2.6. */
export const logoutTokens = [
  { row: 37, what: "correct" },
  {
    row: 38,
    what: "alg none",
    bend: (token) => {
      token.header.alg = "none";
    },
    refused: "jws.alg",
  },
  {
    row: 39,
    what: "signed by a published key of another algorithm",
    bend: (token, { provider }) => {
      token.key = provider.keyOf("ES256");
      token.header = { kid: token.key.kid, alg: "ES256" };
    },
    refused: "jws.alg",
  },
  { row: 40, what: "iss altered", bend: claims((it) => (it.iss += "other")), refused: "logout_token.iss" },
  { row: 41, what: "aud altered", bend: claims((it) => (it.aud = "another client")), refused: "logout_token.aud" },
  { row: 42, what: "events absent", bend: claims((it) => delete it.events), refused: "logout_token.events" },
  {
    row: 43,
    what: "events of another kind",
    bend: claims((it) => {
      it.events = { [`${event}x`]: it.events[event] };
    }),
    refused: "logout_token.events",
  },
  { row: 44, what: "nonce present", bend: claims((it) => (it.nonce = "n")), refused: "logout_token.nonce" },
];
