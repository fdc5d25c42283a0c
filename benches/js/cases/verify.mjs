// An ID token, signature and claims, with the key set in hand and its keys imported.
import { createLocalJWKSet, jwtVerify } from "jose";
import { clientId, issuer } from "../provider.mjs";

const algorithms = {
  RS256: { name: "RSASSA-PKCS1-v1_5" },
  ES256: { name: "ECDSA", hash: "SHA-256" },
};

export function verifying(alg) {
  return {
    title: `${alg} ID token: signature and claims`,
    goals: { "subtle.verify": { within: 1.15 }, jose: { faster: 1 } },

    async contenders(provider) {
      const { sign, claimsOf, jwks, publicKeys } = provider;
      const nonce = "n-0S6_WzA2Mj";
      const token = await sign(alg, claimsOf(nonce));
      const end = token.lastIndexOf(".");
      const input = new TextEncoder().encode(token.slice(0, end));
      const signature = Uint8Array.from(
        atob(
          token
            .slice(end + 1)
            .replaceAll("-", "+")
            .replaceAll("_", "/"),
        ),
        (c) => c.charCodeAt(0),
      );
      const outcome = ({ sub, email }) => ({ sub, email });
      return {
        ...verifiers(provider, { alg, token, nonce, keySet: createLocalJWKSet(jwks), outcome }),
        // What no library can be faster than.
        "subtle.verify": {
          floor: true,
          run: () => crypto.subtle.verify(algorithms[alg], publicKeys[alg], signature, input),
          outcome: (valid) => valid && outcome(claimsOf(nonce)),
        },
      };
    },
  };
}

/** Both with the same rules asked for: issuer, audience, algorithm, the claims that must be there, the time, the nonce. */
export function verifiers({ rp, fetching }, { alg, token, nonce, keySet, outcome }) {
  const fetch = fetching("");
  const rules = {
    issuer,
    audience: clientId,
    algorithms: [alg],
    requiredClaims: ["sub", "exp", "iat"],
    clockTolerance: 30,
  };
  return {
    "oidc-wasm": { run: () => rp.verifyIdToken(token, { nonce }, { fetch }), outcome, input: token.length },
    jose: {
      async run() {
        const { payload } = await jwtVerify(token, keySet, rules);
        if (payload.nonce !== nonce) throw new Error("nonce");
        return payload;
      },
      outcome,
    },
  };
}
