// Compares our results with those of `jose` and `oauth4webapi`, used as their documentation shows, on every vector that
// they support. differences.json lists every difference with its reason. An unlisted difference fails, and so does an
// outdated line.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as jose from "jose";
import * as oauth from "oauth4webapi";
import { createChecks, here, readVectors } from "./lib.mjs";
import { project } from "./project.mjs";

/** The suite's exports in the project. Imported there, they run on the tarball. */
export const suite = (name) => import(pathToFileURL(join(project, "js/suite", name)).href);

const asymmetric = new Set([..."RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519".split(" ")]);

/** The algorithms that a careful user of another library would configure for this client. */
function algorithms(provider, client) {
  if (client.idTokenSignedResponseAlg) return [client.idTokenSignedResponseAlg];
  const listed = provider.id_token_signing_alg_values_supported;
  return Array.isArray(listed) ? listed.filter((alg) => asymmetric.has(alg)) : ["RS256"];
}

/** A token, and the expected values. */
async function joseJudges({ token, keys, provider, client, expected, now }) {
  const secret = client.auth?.secret;
  const hmac = client.idTokenSignedResponseAlg?.startsWith("HS") && secret;
  const key = hmac ? new TextEncoder().encode(secret) : jose.createLocalJWKSet(keys);
  const { payload } = await jose.jwtVerify(token, key, {
    issuer: provider.issuer,
    audience: client.clientId,
    algorithms: algorithms(provider, client),
    clockTolerance: client.clockTolerance ?? 30,
    maxTokenAge: client.maxTokenAge,
    currentDate: new Date(now * 1000),
    requiredClaims: ["iss", "sub", "aud", "exp", "iat"],
  });
  // Every user of jose compares the nonce by hand. A refreshed token may omit it (Core §12.2).
  const refreshed = expected.previous || expected.channel === "refresh";
  if (!refreshed && payload.nonce !== expected.nonce) throw new Refusal("nonce");
}

const server = ({ issuer, id_token_signing_alg_values_supported }) => ({
  issuer,
  jwks_uri: "https://op.example/jwks",
  ...(id_token_signing_alg_values_supported && { id_token_signing_alg_values_supported }),
});

function registered({ clientId, idTokenSignedResponseAlg: alg, requireAuthTime, clockTolerance = 30 }) {
  return {
    client_id: clientId,
    ...(requireAuthTime && { require_auth_time: true }),
    ...(alg && { id_token_signed_response_alg: alg }),
    [oauth.clockTolerance]: clockTolerance,
  };
}

const json = (body, { status = 200, headers = { "content-type": "application/json" } } = {}) =>
  new Response(typeof body === "object" ? JSON.stringify(body) : body, { status, headers });

async function oauthJudges({ token, keys, provider, client, expected }) {
  const as = server(provider);
  const rp = registered(client);
  const { accessToken = "SlAV32hkKG", code, nonce, state = "af0ifjsldkj", maxAge, channel, previous } = expected;
  const [expectedNonce, age] = [nonce ?? oauth.expectNoNonce, maxAge ?? oauth.skipAuthTimeCheck];
  const options = { [oauth.customFetch]: async () => json(keys) };
  if (channel === "front" && code && nonce) {
    const answer = new URL(`https://www.rp.com/cb#${new URLSearchParams({ code, id_token: token, state })}`);
    const judge = expected.state ? oauth.validateDetachedSignatureResponse : oauth.validateCodeIdTokenResponse;
    await judge(as, rp, answer, nonce, state, age, options);
    return;
  }
  const response = json({ access_token: accessToken, token_type: "Bearer", id_token: token });
  if (previous || channel === "refresh") await oauth.processRefreshTokenResponse(as, rp, response);
  else {
    const asked = { expectedNonce, maxAge: age, requireIdToken: true };
    await oauth.processAuthorizationCodeResponse(as, rp, response, asked);
  }
  await oauth.validateApplicationLevelSignature(as, response, options);
}

/** A reply, and the grant that it answers. The ID-token vectors test oauth4webapi's ID-token rules. */
async function oauthReads({ reply, body, grant, provider, client, openid, nonce, maxAge, keys }) {
  const as = server(provider);
  const rp = registered(client);
  const response = answered({ reply, body });
  if (grant.type === "client_credentials") await oauth.processClientCredentialsResponse(as, rp, response);
  else if (grant.type === "refresh_token") await oauth.processRefreshTokenResponse(as, rp, response);
  else {
    const asked = { requireIdToken: openid, expectedNonce: nonce, maxAge };
    await oauth.processAuthorizationCodeResponse(as, rp, response, asked);
    const options = { [oauth.customFetch]: async () => json(keys) };
    if (keys) await oauth.validateApplicationLevelSignature(as, response, options);
  }
}

/** A token other than an ID token: an access token, which has an audience, or a logout token. */
async function joseVerifies({ token, keys, provider, client, audience, now }) {
  await jose.jwtVerify(token, jose.createLocalJWKSet(keys), {
    issuer: provider.issuer,
    audience: audience ?? client.clientId,
    // The list in the metadata is for ID tokens. Logout tokens use the same algorithms.
    algorithms: audience ? [...asymmetric] : algorithms(provider, client),
    clockTolerance: client.clockTolerance ?? 30,
    currentDate: new Date(now * 1000),
    requiredClaims: audience ? ["iss", "aud", "exp"] : ["iss", "aud", "exp", "iat"],
  });
}

async function oauthGuards({ token, keys, provider, client, audience }) {
  const request = new Request("https://api.example.com", { headers: { authorization: `Bearer ${token}` } });
  await oauth.validateJwtAccessToken(server(provider), request, audience, {
    [oauth.customFetch]: async () => json(keys),
    [oauth.clockTolerance]: client.clockTolerance ?? 30,
    signingAlgorithms: [...asymmetric],
  });
}

/** @param {any} one */
const answered = ({ reply: { status = 200, headers = {} }, body }) =>
  new Response([204, 205, 304].includes(status) ? null : body, { status, headers });

async function oauthKnows({ keys, provider, client, subject, ...reply }) {
  const as = { ...server(provider), userinfo_signing_alg_values_supported: algorithms(provider, client) };
  const { userinfoSignedResponseAlg: alg } = client;
  const rp = { ...registered(client), ...(alg && { userinfo_signed_response_alg: alg }) };
  const response = answered(reply);
  await oauth.processUserInfoResponse(as, rp, subject, response);
  const isSigned = response.headers.get("content-type")?.toLowerCase().startsWith("application/jwt");
  if (isSigned)
    await oauth.validateApplicationLevelSignature(as, response, { [oauth.customFetch]: async () => json(keys) });
}

async function oauthDiscovers({ issuer, ...reply }) {
  if (!URL.canParse(issuer)) throw new Refusal("issuer");
  await oauth.processDiscoveryResponse(new URL(issuer), answered(reply));
}

async function oauthReturns({ response, provider, client }) {
  const state = "AKr1vv8mHJkGTzKqD0cFpg";
  const address = new URL(response.replaceAll("{state}", state));
  const answer = oauth.validateAuthResponse(
    { ...server(provider), ...announced(provider) },
    registered(client),
    address,
    state,
  );
  // The next step needs a code.
  if (!answer.get("code")) throw new Refusal("no code");
}

const announced = ({ authorization_response_iss_parameter_supported: is }) =>
  is === undefined ? {} : { authorization_response_iss_parameter_supported: is };

/** A comparison that a careful user of a library makes by hand failed. */
class Refusal extends Error {}

/** The libraries' own errors, and the WebCrypto errors that they pass on. Any other error is a defect of this test. */
function isRefusal(error) {
  if (error instanceof Refusal || error instanceof DOMException) return true;
  if (/^(OAUTH|ERR_J(OSE|WKS|WS|WT))_/.test(error.code)) return true;
  return error instanceof TypeError && /modulusLength|not correctly encoded/.test(error.message);
}

export const accepts = async (ask) =>
  ask().then(
    () => true,
    (error) => {
      if (!isRefusal(error)) throw error;
      return false;
    },
  );

/** Does the peer accept an ID token? */
export const takesToken = { jose: joseJudges, oauth4webapi: oauthJudges };

/** Does the peer accept a token response? */
export const takesReply = { oauth4webapi: oauthReads };

/** Every question of a vector file, in the form for the peers: name, our result, and whether each peer accepts. */
async function answers() {
  const vectors = await readVectors();
  const { bodyOf, merged, published, tokenOf } = await suite("case.js");
  const { sign } = await suite("tokens.js");
  const { withClock } = await suite("harness.js");
  const rows = [];
  const ask = async (name, expect, asked) => {
    for (const [peer, judge] of Object.entries(asked)) {
      rows.push({ name, peer, ours: expect.error?.code ?? "ok", accepted: await accepts(judge) });
    }
  };
  for (const file of ["id_token.json", "jwks.json"]) {
    const { cases, ...defaults } = vectors[file];
    await withClock(defaults.now, async (clock) => {
      for (const one of cases) {
        // Cases about our own arguments or our own login have no counterpart at the peers.
        if (one.params || one.expect.error?.code.startsWith("argument.")) continue;
        const expected = one.expected ?? {};
        const now = expected.now ?? defaults.now;
        clock.seconds = now;
        const client = merged(defaults.client, one.client);
        const question = {
          token: await tokenOf(one, defaults),
          keys: one.jwks ?? published,
          provider: merged(defaults.provider, one.provider),
          client,
          expected,
          now,
        };
        // oauth4webapi verifies no signature made with a secret.
        const both = !client.idTokenSignedResponseAlg?.startsWith("HS");
        const title = `${file.replace(".json", "")}/${one.name}`;
        await ask(title, one.expect, {
          jose: () => joseJudges(question),
          ...(both && { oauth4webapi: () => oauthJudges(question) }),
        });
      }
    });
  }
  for (const file of ["access_token.json", "logout_token.json"]) {
    const { cases, ...defaults } = vectors[file];
    await withClock(defaults.now, async () => {
      for (const one of cases) {
        const { audience, scope, issuer, clientId } = one.expected ?? {};
        const question = {
          token: await tokenOf(one, defaults),
          keys: one.jwks ?? published,
          provider: merged(defaults.provider, one.provider),
          client: merged(defaults.client, one.client),
          audience,
          now: one.expected?.now ?? defaults.now,
        };
        // Cases about our arguments, scope, issuer, client or a shared secret have no counterpart at the peers.
        const isOurs = scope || issuer || clientId || question.client.auth;
        if (isOurs || one.expect.error?.code.startsWith("argument.")) continue;
        await ask(`${file.replace(".json", "")}/${one.name}`, one.expect, {
          jose: () => joseVerifies(question),
          ...(typeof audience === "string" && { oauth4webapi: () => oauthGuards(question) }),
        });
      }
    });
  }
  const each = function* (file) {
    const { cases, ...defaults } = vectors[file];
    for (const one of cases) {
      const provider = merged(defaults.provider, one.provider);
      const question = { ...one, provider, client: merged(defaults.client, one.client) };
      // A Response accepts no other status.
      const { status = 200 } = one.reply ?? {};
      if (status >= 200 && status <= 599) yield [`${file.replace(".json", "")}/${one.name}`, question];
    }
  };
  for (const [name, one] of each("token_response.json")) {
    const openid = `${one.params?.scope ?? ""}`.split(" ").includes("openid");
    const question = { ...one, body: bodyOf(one.reply), openid };
    await ask(name, one.expect, { oauth4webapi: () => oauthReads(question) });
  }
  for (const [name, one] of each("userinfo.json")) {
    const { header, claims, sign_with: key } = one.jwt ?? {};
    const jwt = one.jwt && (await sign({ header, claims, key }));
    const body = one.jwt ? bodyOf(one.reply).replace("{jwt}", jwt) : bodyOf(one.reply);
    await ask(name, one.expect, { oauth4webapi: () => oauthKnows({ ...one, body, keys: published }) });
  }
  for (const [name, one] of each("discovery.json")) {
    if (one.expect.error?.code.startsWith("argument.")) continue;
    await ask(name, one.expect, { oauth4webapi: () => oauthDiscovers({ ...one, body: bodyOf(one.reply) }) });
  }
  for (const [name, one] of each("redirect.json")) {
    const isCode = (one.params?.responseType ?? "code") === "code" && !one.params?.responseMode;
    const isAddress = (one.as ?? "URL") === "URL" && URL.canParse(one.response);
    if (!isCode || !isAddress || one.transaction !== undefined || one.made_by) continue;
    await ask(name, one.expect, { oauth4webapi: () => oauthReturns(one) });
  }
  return rows;
}

/** The line of differences.json for a difference. */
export const lineOf = (lines, { peer, ours }) =>
  lines.filter((line) => line.code === ours && line.peers.includes(peer));

export const readDifferences = async () => JSON.parse(await readFile(join(here, "differences.json"), "utf8"));

export async function peers() {
  const { check, results } = createChecks("peers");
  const lines = await readDifferences();
  const rows = await answers();
  for (const row of rows) {
    const { name, peer, ours, accepted } = row;
    await check(`${peer}: ${name}`, () => {
      const listed = lineOf(lines, row).some(({ cases }) => cases.includes(name));
      const differs = accepted !== (ours === "ok");
      if (listed && !differs)
        throw new Error(`differences.json lists it, but the result of ${peer} is the same: ${ours}`);
      if (!listed && differs) {
        const [who, what] = accepted
          ? ["stricter", `${ours}, ${peer} accepts`]
          : ["laxer", `accepted, ${peer} refuses`];
        throw new Error(`we are ${who}, but differences.json does not list it: ${what}`);
      }
    });
  }
  await check("every line of differences.json has a reason and matches a question", () => {
    const asked = new Set(rows.map(({ name, peer }) => `${peer}: ${name}`));
    for (const { code, peers: named, reason, section, cases, mutants } of lines) {
      if (!reason || !section || !(cases.length || mutants)) throw new Error(`${code}: a reason, a section and cases`);
      const idle = named.flatMap((peer) => cases.map((name) => `${peer}: ${name}`)).filter((one) => !asked.has(one));
      if (idle.length) throw new Error(`${code}: no such question: ${idle.join(", ")}`);
    }
  });
  const differing = rows.filter(({ ours, accepted }) => accepted !== (ours === "ok"));
  const laxer = differing.filter(({ accepted }) => !accepted).length;
  console.log(
    `${rows.length} questions; stricter in ${differing.length - laxer}, more tolerant in ${laxer}, all listed`,
  );
  return results;
}
