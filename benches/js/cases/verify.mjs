// An ID token's signature and claims. The keys are imported already.
import { createLocalJWKSet, importJWK, jwtVerify } from "jose";
import { clientId, issuer } from "../provider.mjs";
import { rotate } from "../rotation.mjs";

const algorithms = {
  RS256: { name: "RSASSA-PKCS1-v1_5" },
  ES256: { name: "ECDSA", hash: "SHA-256" },
};

const bytesOf = (text) => new TextEncoder().encode(text);
const fromBase64url = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

export function verifying(alg) {
  return {
    title: `${alg} ID token: signature and claims`,
    includes:
      "512 tokens in turn. Both find the imported key by kid in a set, and check the same rules. Ours also checks every other claim. The second jose gets the key itself. subtle.verify gets bytes and key, and checks no claims.",

    async contenders({ rp, logins, network, jwks }) {
      const all = await logins({}, alg);
      const jwk = jwks.keys.find((key) => key.alg === alg);
      const key = /** @type {CryptoKey} */ (await importJWK(jwk, alg));
      const ready = rotate(
        all.map(({ idToken }) => {
          const end = idToken.lastIndexOf(".");
          return { input: bytesOf(idToken.slice(0, end)), signature: fromBase64url(idToken.slice(end + 1)) };
        }),
      );
      const outcome = ({ sub, email, nonce }) => ({ sub, email, nonce });
      const asked = { alg, tokens: all, outcome };
      const verifiersWith = (/** @type {any} */ key) => verifiers({ rp, fetch: network().fetch }, { ...asked, key });
      return {
        ...verifiersWith(createLocalJWKSet(jwks)),
        "jose, given the key": verifiersWith(key).jose,
        // The lower limit for every library.
        "subtle.verify": {
          floor: true,
          run() {
            const { signature, input } = ready();
            return crypto.subtle.verify(algorithms[alg], key, signature, input);
          },
          outcome: (valid) => valid && outcome(all[0].claims),
        },
      };
    },
  };
}

/**
 * Both check the same rules: issuer, audience, algorithm, required claims, time and nonce.
 * `key` is a key, or a key set in jose's form.
 */
export function verifiers({ rp, fetch }, { alg, tokens, key, outcome }) {
  const [ours, joses] = [rotate(tokens), rotate(tokens)];
  const rules = {
    issuer,
    audience: clientId,
    algorithms: [alg],
    requiredClaims: ["sub", "exp", "iat"],
    clockTolerance: 30,
  };
  return {
    "oidc-wasm": {
      run() {
        const { idToken, nonce } = ours();
        return rp.verifyIdToken(idToken, { nonce }, { fetch });
      },
      outcome,
      input: tokens[0].idToken.length,
    },
    jose: {
      async run() {
        const { idToken, nonce } = joses();
        const { payload } = await jwtVerify(idToken, key, rules);
        if (payload.nonce !== nonce) throw new Error("nonce");
        return payload;
      },
      outcome,
    },
  };
}
