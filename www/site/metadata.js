// @ts-check
/**
 * What the package makes of a provider's metadata. Each call of the package is tried, and where one fails, each relaxation: the package
 * alone decides. Only announcements that the metadata lacks are read from it directly.
 */
import relaxations from "docs:relaxations";
import { OidcError, RelyingParty } from "oidc-wasm/full";

export { relaxations };

/**
 * @typedef {import("oidc-wasm/full").ClientConfig} Client
 * @typedef {{ relax: import("oidc-wasm/full").Relaxation[], expectedIssuer?: string }} Needs
 * @typedef {{ name: string, verdict: "pass" | "fail", error?: OidcError, relax?: string }} Ability
 * @typedef {{ abilities: Ability[], algorithms: string[], gaps: string[] }} Examined
 */

/** Answers from here, without the network. @param {string} body @param {string} [type] */
const answering = (body, type = "application/json") => ({
  fetch: async () => new Response(body, { headers: { "content-type": type } }),
});

/** @template T @param {() => T | Promise<T>} run @returns {Promise<OidcError | T>} */
async function tried(run) {
  try {
    return await run();
  } catch (error) {
    if (error instanceof OidcError) return error;
    throw error;
  }
}

/**
 * What discovery needs to accept a document, or the error that nothing lifts.
 * @param {string} issuer @param {{ body: string, type: string }} came @param {Client} client
 * @returns {Promise<{ needs: Needs, rp: RelyingParty } | { error: OidcError }>}
 */
export async function accept(issuer, { body, type }, client) {
  const discover = (/** @type {Needs} */ { relax, expectedIssuer }) =>
    tried(() => RelyingParty.discover(issuer, { ...client, relax }, { ...answering(body, type), expectedIssuer }));
  /** @type {Needs[]} */
  const attempts = [{ relax: [] }, ...relaxations.map(({ name }) => ({ relax: [/** @type {any} */ (name)] }))];
  const first = await discover({ relax: [] });
  if (first instanceof OidcError && first.code === "discovery.issuer" && first.found)
    attempts.push({ relax: [], expectedIssuer: first.found });
  for (const needs of attempts) {
    const rp = await discover(needs);
    if (!(rp instanceof OidcError)) return { needs, rp };
  }
  return { error: /** @type {OidcError} */ (first) };
}

/** The calls of the package, each with values that no provider knows. @type {Record<string, (rp: RelyingParty) => unknown>} */
const calls = {
  authorization: (rp) => rp.authorizationRequest(),
  token: (rp) => rp.tokenRequest({ type: "refresh_token", refreshToken: "none" }),
  keys: (rp) => rp.verifyIdToken(unsignedToken("RS256"), {}, answering('{"keys":[]}')),
  userinfo: (rp) => rp.userInfo("none", "nobody", answering('{"sub":"nobody"}')),
  signOut: (rp) => rp.endSessionUrl(),
  revocation: (rp) => rp.revoke("none", answering("")),
  introspection: (rp) => rp.introspect("none", answering('{"active":false}')),
  device: (rp) => rp.deviceAuthorization({}, answering("{}")),
};

/** Errors about the request itself. Behind them comes the answer, which is not the provider's here. */
const isOfRequest = (/** @type {unknown} */ outcome) =>
  outcome instanceof OidcError && /^(request|argument|discovery|relying_party)\b/.test(outcome.code);

/** @param {import("oidc-wasm/full").ProviderMetadata} metadata @param {Client} client @returns {Promise<Examined>} */
export async function examine(metadata, client) {
  /** @type {Ability[]} */
  const abilities = [];
  for (const [name, call] of Object.entries(calls)) {
    const outcome = await tried(() => call(new RelyingParty(metadata, client)));
    if (!isOfRequest(outcome)) {
      abilities.push({ name, verdict: "pass" });
      continue;
    }
    const lifted = await firstThat(relaxations, async (relaxing) => {
      const relax = [...(client.relax ?? []), /** @type {any} */ (relaxing.name)];
      return !isOfRequest(await tried(() => call(new RelyingParty(metadata, { ...client, relax }))));
    });
    abilities.push({ name, verdict: "fail", error: /** @type {OidcError} */ (outcome), relax: lifted?.name });
  }
  return { abilities, algorithms: accepted(metadata, client), gaps: gapsOf(metadata) };
}

/** @template T @param {T[]} list @param {(one: T) => Promise<boolean>} test */
async function firstThat(list, test) {
  for (const one of list) if (await test(one)) return one;
  return undefined;
}

/** The algorithms that the package accepts of this provider's ID tokens. @param {import("oidc-wasm/full").ProviderMetadata} metadata @param {Client} client */
function accepted(metadata, client) {
  const rp = new RelyingParty(metadata, client);
  return ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"].filter(
    (alg) => {
      const { checks } = rp.checkIdToken(unsignedToken(alg));
      return checks.some(({ rule, verdict }) => rule === "jws.alg" && verdict === "pass");
    },
  );
}

/** @param {string} alg */
const unsignedToken = (alg) => `${btoa(JSON.stringify({ alg })).replace(/=+$/, "")}.e30.AAAA`;

/** Announcements that are missing. Each has a sentence. @type {Record<string, (metadata: import("oidc-wasm/full").ProviderMetadata) => boolean>} */
const announcements = {
  pkce: ({ code_challenge_methods_supported: methods }) => methods?.includes("S256") ?? false,
  iss: ({ authorization_response_iss_parameter_supported: supported }) => supported === true,
  publicClients: ({ token_endpoint_auth_methods_supported: methods }) => methods?.includes("none") ?? false,
  backChannel: ({ backchannel_logout_supported: supported }) => supported === true,
};

/** @param {import("oidc-wasm/full").ProviderMetadata} metadata */
const gapsOf = (metadata) => Object.keys(announcements).filter((name) => !announcements[name]?.(metadata));
