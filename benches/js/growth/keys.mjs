// A key set of `size` keys. The token was signed with one of them.
import { createLocalJWKSet, createRemoteJWKSet, customFetch, jwtVerify } from "jose";
import { RelyingParty } from "#oidc-wasm";
import { verifiers } from "../cases/verify.mjs";
import { clientId, issuer, json, redirectUri } from "../provider.mjs";

const sizes = [1, 4, 16, 64, 250, 1000];
const nonce = "n-0S6_WzA2Mj";
const outcome = ({ sub }) => sub;

function keySetOf({ jwks }, size) {
  const key = jwks.keys.find(({ alg }) => alg === "RS256");
  const others = Array.from({ length: size - 1 }, (_, at) => ({ ...key, kid: `other-${at}` }));
  return { keys: [...others, key] };
}

export const firstToken = {
  title: "Key set read, and its first token verified",
  unit: "keys",
  against: "jose",
  sizes,

  async contenders(provider, size) {
    const { sign, claimsOf, metadata } = provider;
    const token = await sign("RS256", claimsOf(nonce));
    const set = JSON.stringify(keySetOf(provider, size));
    const fetch = async () => new Response(set, { headers: json });
    return {
      "oidc-wasm": {
        async run() {
          const rp = new RelyingParty(metadata, { clientId, redirectUri });
          const claims = await rp.verifyIdToken(token, { nonce }, { fetch });
          rp.free();
          return claims;
        },
        outcome,
        input: set.length,
      },
      jose: {
        async run() {
          const keySet = createRemoteJWKSet(new URL(metadata.jwks_uri), { [customFetch]: fetch });
          const { payload } = await jwtVerify(token, keySet, { issuer, audience: clientId, algorithms: ["RS256"] });
          if (payload.nonce !== nonce) throw new Error("nonce");
          return payload;
        },
        outcome,
      },
    };
  },
};

export const nextToken = {
  title: "A later token verified, with the key set available",
  unit: "keys",
  against: "jose",
  sizes,

  async contenders(provider, size) {
    const token = await provider.sign("RS256", provider.claimsOf(nonce));
    const set = JSON.stringify(keySetOf(provider, size));
    const rp = new RelyingParty(provider.metadata, { clientId, redirectUri });
    const fetch = async () => new Response(set, { headers: json });
    const key = createLocalJWKSet(JSON.parse(set));
    const contenders = verifiers({ rp, fetch }, { alg: "RS256", tokens: [{ idToken: token, nonce }], key, outcome });
    return { ...contenders, "oidc-wasm": { ...contenders["oidc-wasm"], input: set.length } };
  },
};
