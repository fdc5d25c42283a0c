import { createLocalJWKSet } from "jose";
import { verifiers } from "../cases/verify.mjs";

export default {
  title: "ID token, RS256, verified",
  unit: "KB of token",
  against: "jose",
  sizes: [1, 2, 4, 8, 16, 32, 64],

  async contenders(provider, size) {
    const { rp, network, sign, claimsOf, jwks } = provider;
    const nonce = "n-0S6_WzA2Mj";
    // Real tokens grow by the groups of a person, so these do too.
    const group = (at) => `group-${at}-of-the-department`;
    const claims = { ...claimsOf(nonce), groups: [] };
    const room = size * 768 - JSON.stringify(claims).length - 290;
    for (let at = 0, used = 0; used + 3 < room; at++) {
      claims.groups.push(group(at).slice(0, Math.max(1, room - used - 3)));
      used += claims.groups[at].length + 3;
    }
    const token = await sign("RS256", claims);
    if (Math.abs(token.length - size * 1024) > 64) throw new Error(`the token has ${token.length} bytes`);
    const outcome = ({ sub, groups }) => ({ sub, groups: groups.length });
    const asked = { alg: "RS256", tokens: [{ idToken: token, nonce }], key: createLocalJWKSet(jwks), outcome };
    return verifiers({ rp, fetch: network().fetch }, asked);
  },
};
