// A service that presents a certificate on a TLS connection (RFC 8705). Returns the result of each step.
import init, { OidcError, RelyingParty } from "oidc-wasm/full";

const codesOf = (error) => {
  if (error instanceof OidcError) return [error.code, error.error];
  throw error;
};

/**
 * @param {{ issuer: string, audience: string, api: string, clientId: string, own: any, other: any, none: any }} settings `own`, `other`
 * and `none` are fetches: with the registered certificate, with another one, and without.
 */
export async function certified({ issuer, audience, api, clientId, own, other, none }) {
  await init();
  const auth = /** @type {const} */ ({ method: "self_signed_tls_client_auth" });
  const config = { clientId, auth, mtls: true, profile: /** @type {const} */ ("fapi2") };
  const rp = await RelyingParty.discover(issuer, config, { fetch: own });
  const grant = /** @type {const} */ ({ type: "client_credentials", scope: "read", resource: audience });
  const tokens = await rp.grant(grant, { fetch: own });
  const asked = async (fetch) => {
    const response = await rp.fetch(`${api}/orders`, undefined, tokens, { fetch });
    return `${response.status} ${await response.text()}`;
  };
  return {
    type: tokens.token_type,
    own: await asked(own),
    other: await asked(other),
    none: await asked(none),
    refused: [
      await rp.grant(grant, { fetch: other }).catch(codesOf),
      await rp.grant(grant, { fetch: none }).catch(codesOf),
    ],
  };
}

/**
 * An API that accepts a token only on a connection with its certificate.
 * @param {{ issuer: string, audience: string, fetch: any }} settings
 */
export async function createBoundApi({ issuer, audience, fetch }) {
  const rp = await RelyingParty.discover(issuer, {}, { fetch });
  /** @param {string} authorization @param {Uint8Array | undefined} certificate */
  return async (authorization, certificate) => {
    const jwt = authorization.replace(/^Bearer /, "");
    try {
      const { client_id } = await rp.verifyAccessToken(jwt, { audience, scope: "read", certificate }, { fetch });
      return { status: 200, body: `${client_id}` };
    } catch (error) {
      return { status: 401, body: codesOf(error)[0] };
    }
  };
}
