// Whole logins with a relaxation, each beside a neighbour that still fails, and errors that name the option.
import { RelyingParty } from "oidc-wasm";
import { fakeFetch } from "./fake.js";
import { ok, same, secret, test, throws } from "./harness.js";
import { keys, publicKey, sign } from "./tokens.js";

const issuer = "https://op.example.com";
const template = "https://op.example.com/{tenantid}/v2.0";
const tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const own = `https://op.example.com/${tenant}/v2.0`;
const client = { clientId: "app", redirectUri: "https://app.example.com/cb" };
const now = () => Math.floor(Date.now() / 1000);

const party = (config = {}, metadata = {}) =>
  new RelyingParty(
    {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      ...metadata,
    },
    { ...client, ...config },
  );

const signed = (claims) =>
  sign({
    header: { alg: "RS256", kid: keys.rsa1.kid },
    claims: { iss: issuer, sub: "mara", aud: "app", iat: now(), exp: now() + 300, ...claims },
    key: "rsa1",
  });

/** A login: `front` and `claims` are those of its ID tokens, `back` are other values of the redirect. */
async function login(rp, { params = {}, front = undefined, claims = {}, back = {} } = {}) {
  const { url, state, transaction } = rp.authorizationRequest(params);
  const nonce = new URL(url).searchParams.get("nonce");
  const idToken = (claims) => signed({ nonce, ...claims });
  const parameters = new URLSearchParams({ code: "the-code-of-the-redirect", state, ...back });
  if (front) parameters.set("id_token", await idToken(front));
  const fetch = fakeFetch(async (address) =>
    address.endsWith("/jwks")
      ? { body: { keys: [publicKey("rsa1")] } }
      : { body: { access_token: "the-access-token", token_type: "Bearer", id_token: await idToken(claims) } },
  );
  return rp.callback(`${client.redirectUri}${front ? "#" : "?"}${parameters}`, secret(transaction), { fetch });
}

test("relaxed: missing-nonce, only in the code flow", async () => {
  const relax = /** @type {const} */ (["missing-nonce"]);
  const without = { claims: { nonce: undefined } };
  same((await login(party({ relax: [...relax] }), without)).claims.sub, "mara");
  await throws("id_token.nonce", () => login(party(), without), "not relaxed");
  await throws("id_token.nonce", () => login(party({ relax: [...relax] }), { claims: { nonce: "x" } }), "another");
  const hybrid = { params: { responseType: "code id_token" }, front: { nonce: undefined, c_hash: "x" } };
  await throws("id_token.nonce", () => login(party({ relax: [...relax] }), hybrid), "in the redirect");
});

test("relaxed: issuer-template, the redirect's iss is the ID token's", async () => {
  const config = { relax: /** @type {any} */ (["issuer-template"]) };
  const metadata = { issuer: template, authorization_response_iss_parameter_supported: true };
  const claims = { iss: own, tid: tenant };
  const good = await login(party(config, metadata), { claims, back: { iss: own } });
  same([good.claims.iss, Object.keys(good.tokens).includes("iss")], [own, false], "iss is no member of tokens");
  const another = own.replace(tenant, "9188040d-6c67-4c5b-b112-36a304b66dad");
  await throws("id_token.iss", () => login(party(config, metadata), { claims, back: { iss: another } }));
  await throws("redirect.iss", () => login(party({}, metadata), { claims, back: { iss: own } }), "not relaxed");
  await throws("redirect.iss", () => login(party(config, metadata), { claims }), "announced and missing");
  const allowing = (allowedTenants) => party({ ...config, allowedTenants }, { issuer: template });
  same((await login(allowing([tenant]), { claims })).claims.tid, tenant);
  await throws("id_token.iss", () => login(allowing(["another"]), { claims }), "a tenant that is not allowed");
});

test("relaxed: other-audiences", async () => {
  const relaxed = party({ relax: /** @type {any} */ (["other-audiences"]) });
  const claims = { aud: ["app", "246361787010646019"], azp: "app" };
  same((await login(relaxed, { claims })).claims.sub, "mara");
  await throws("id_token.aud", () => login(relaxed, { claims: { ...claims, azp: "246361787010646019" } }));
  const { message } = await throws("id_token.aud", () => login(party(), { claims }), "not relaxed");
  for (const word of ["trustedAudiences", "other-audiences", "246361787010646019"]) ok(message.includes(word), message);
});

test("channel: hybrid tokens in the four steps, each with its own", async () => {
  const rp = party();
  const { url, state, transaction } = rp.authorizationRequest({ responseType: "code id_token" });
  const nonce = new URL(url).searchParams.get("nonce");
  const fetch = fakeFetch(() => ({ body: { keys: [publicKey("rsa1")] } }));
  const id_token = await signed({ nonce });
  const answer = new URLSearchParams({ code: "a-code-that-was-swapped", state, id_token });
  const { code } = rp.authorizationResponse(`${client.redirectUri}#${answer}`, transaction);
  const verified = (more) => rp.verifyIdToken(id_token, { transaction, ...more }, { fetch });
  await throws("argument.channel", () => verified({ code }));
  await throws("id_token.c_hash", () => verified({ code, channel: "front" }));
  same((await verified({ code, channel: "token" })).sub, "mara", "without a required hash");
  same((await verified({})).sub, "mara", "without a code");
});

test("resource server: no clientId, and no method of a client", async () => {
  const rp = new RelyingParty({ issuer, jwks_uri: `${issuer}/jwks`, token_endpoint: `${issuer}/token` }, {});
  const fetch = fakeFetch(() => ({ body: { keys: [publicKey("rsa1")] } }));
  const audience = "https://api.example.com";
  same((await rp.verifyAccessToken(await signed({ aud: audience }), { audience }, { fetch })).sub, "mara");
  const none = fakeFetch(() => ({ body: {} }));
  const options = { fetch: none };
  for (const [name, call] of Object.entries({
    grant: () => rp.grant({ type: "refresh_token", refreshToken: "the-refresh-token" }, options),
    refresh: () => rp.refresh("the-refresh-token", options),
    verifyIdToken: async () => rp.verifyIdToken(await signed({ aud: "" }), {}, options),
    verifyLogoutToken: async () => rp.verifyLogoutToken(await signed({ aud: "" }), options),
  }))
    await throws("argument.clientId", call, name);
  same(none.calls.length, 0, "requests");
  const report = rp.checkIdToken(await signed({ aud: "" }));
  same(report.checks.find(({ rule }) => rule === "id_token.aud").verdict, "fail", "an empty name matches no client");
});

/** How an error shows a time: `at` seconds from now, and the words. @type {[string, object, object, string, string, string][]} */
const times = [
  ["id_token.exp", { exp: -93 }, {}, "now: 1311281000", "1311280907 (93 s ago, tolerance 30 s: clockTolerance)", "ago"],
  [
    "id_token.iat",
    { iat: 400 },
    {},
    "now: 1311281000",
    "1311281400 (400 s ahead, tolerance 300 s: clockTolerance)",
    "300",
  ],
  ["id_token.nbf", { nbf: 93 }, {}, "now: 1311281000", "1311281093 (93 s ahead, tolerance 30 s: clockTolerance)", "30"],
  [
    "id_token.iat",
    { iat: 601 },
    { clockTolerance: 600 },
    "now: 1311281000",
    "1311281601 (601 s ahead, tolerance 600 s: clockTolerance)",
    "600",
  ],
];
for (const [rule, at, config, expected, found, name] of times)
  test(`worded: ${rule}, ${name}`, async () => {
    const now = 1311281000;
    const claims = Object.fromEntries(Object.entries(at).map(([name, seconds]) => [name, now + seconds]));
    const token = await signed({ iat: now - 10, exp: now + 300, ...claims });
    const fetch = fakeFetch(() => ({ body: { keys: [publicKey("rsa1")] } }));
    const error = await throws(rule, () => party(config).verifyIdToken(token, { now }, { fetch }));
    same([error.expected, error.found], [expected, found]);
    ok(error.message.includes(found), error.message);
  });

test("worded: an error names a missing claim", async () => {
  const fetch = fakeFetch(() => ({ body: { keys: [publicKey("rsa1")] } }));
  const missing = {
    iss: "id_token.iss",
    sub: "id_token.sub",
    aud: "id_token.aud",
    exp: "id_token.exp",
    iat: "id_token.iat",
  };
  for (const [name, rule] of Object.entries(missing)) {
    const token = await signed({ [name]: undefined });
    const error = await throws(rule, () => party().verifyIdToken(token, {}, { fetch }));
    ok(error.found === "nothing" && error.message.includes("found: nothing"), error.message);
  }
  const nonce = await throws("id_token.nonce", async () =>
    party().verifyIdToken(await signed({}), { nonce: "n" }, { fetch }),
  );
  same(nonce.found, "nothing");
  const audience = "https://api.example.com";
  const error = await throws("access_token.aud", async () => {
    await party().verifyAccessToken(await signed({ aud: "https://other.example" }), { audience }, { fetch });
  });
  same([error.expected, error.found, error.status], [audience, '"https://other.example"', 401]);
  const exp = await throws("logout_token.exp", async () => {
    const events = { "http://schemas.openid.net/event/backchannel-logout": {} };
    await party().verifyLogoutToken(await signed({ exp: undefined, jti: "one", events }), { fetch });
  });
  ok(exp.message.includes("logout-without-exp") && exp.message.includes("found: nothing"), exp.message);
});
