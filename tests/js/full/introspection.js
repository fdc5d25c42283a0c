// An API that asks about opaque tokens, in any runtime: plain, signed and encrypted answers (RFC 9701). Returns the result of each step.

import { createGuard } from "oidc-wasm/edge";
import init, { OidcError, RelyingParty } from "oidc-wasm/full";

const ecdh = { name: "ECDH", namedCurve: "P-256" };

/**
 * @param {{ issuer: string, token: string, secret: string, decryptionKey: JsonWebKey }} settings `token` is an opaque access token.
 */
export async function introspection({ issuer, token, secret, decryptionKey }) {
  await init();
  const auth = /** @type {const} */ ({ method: "client_secret_basic", secret });
  const key = await crypto.subtle.importKey("jwk", decryptionKey, ecdh, false, ["deriveBits"]);
  const decryption = [{ key, kid: "2026", alg: /** @type {const} */ ("ECDH-ES") }];
  const encrypted = { introspectionEncryptedResponseAlg: decryption[0].alg, decryption };
  const party = (clientId, more = {}) => RelyingParty.discover(issuer, { clientId, auth, ...more });
  const code = (error) => {
    if (!(error instanceof OidcError)) throw error;
    return error.code;
  };
  const types = [];
  const onMessage = (message) => {
    if (message.type === "reply" && message.url.endsWith("/introspection")) types.push(message.contentType);
  };
  const said = async (rp, about = token) => {
    const { active, sub } = await rp.introspect(about, { onMessage });
    return sub ?? active;
  };
  const seen = {};

  seen.plain = await said(await party("a signed API"));
  const rp = await party("a signed API", { introspectionSignedResponseAlg: "ES256" });
  seen.signed = [await said(rp), await said(rp, "nobody's")];
  const expected = { audience: [], clientId: "app" };
  seen.expected = (await rp.introspect(token, { expected })).sub;
  seen.scope = await rp.introspect(token, { expected: { ...expected, scope: "admin" } }).catch(code);
  const by = await party("a signed API", { introspectionSignedResponseAlg: "PS256" });
  seen.algorithm = await said(by).catch(code);
  const secretly = await party("an encrypted API", { ...encrypted, introspectionSignedResponseAlg: "ES256" });
  seen.encrypted = [await said(secretly), await said(secretly, "nobody's")];
  const without = await party("an encrypted API", { introspectionSignedResponseAlg: "ES256" });
  seen.keyless = await said(without).catch(code);
  seen.unencrypted = await said(await party("a signed API", encrypted)).catch(code);
  seen.types = [...new Set(types)];

  const codes = [];
  const guarded = async (introspectionSignedResponseAlg, about = token) => {
    const introspection = { clientId: "a signed API", auth, introspectionSignedResponseAlg };
    const onRefused = (problem) => codes.push(problem.code);
    const guard = createGuard({
      issuer,
      audience: [],
      tokenClientId: "app",
      tokens: "opaque",
      introspection,
      onRefused,
    });
    const headers = { authorization: `Bearer ${about}` };
    const answer = await guard(new Request("https://api.example.com/", { headers }));
    return answer instanceof Response ? answer.status : answer.claims.sub;
  };
  seen.guard = [await guarded("ES256"), await guarded("ES256", "nobody-s"), await guarded("PS256")];
  seen.refused = codes;
  return seen;
}
