// The engine beside JavaScript libraries of the same job. `cargo xtask bench` builds the package first.
// Both sides of a comparison run in turns, so that whatever else the machine does falls on both; only the ratio counts.
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from "jose";
import * as oauth from "oauth4webapi";
import init, { createPkce, RelyingParty } from "../../pkg/dist/index.js";

const rounds = 60;
const batchMilliseconds = 8;

const issuer = "https://op.example";
const clientId = "app";
const redirectUri = "https://app.example/cb";
const endpoint = `${issuer}/authorize`;
const { privateKey, publicKey } = await generateKeyPair("ES256");
const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "ES256", use: "sig" }] };
const idToken = await new SignJWT({ nonce: "n-0S6_WzA2Mj", name: "Jane Doe", email: "jane@example.com" })
  .setProtectedHeader({ alg: "ES256", kid: "1" })
  .setIssuer(issuer)
  .setAudience(clientId)
  .setSubject("248289761001")
  .setIssuedAt()
  .setExpirationTime("1h")
  .sign(privateKey);

await init();
const metadata = {
  issuer,
  authorization_endpoint: endpoint,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  id_token_signing_alg_values_supported: ["ES256"],
};
const rp = new RelyingParty(metadata, { clientId, redirectUri });
const fetch = async () => Response.json(jwks);
const keySet = createLocalJWKSet(jwks);

const comparisons = [
  {
    name: "PKCE pair, S256",
    ours: () => createPkce(),
    theirs: async () => {
      const verifier = oauth.generateRandomCodeVerifier();
      return { verifier, challenge: await oauth.calculatePKCECodeChallenge(verifier) };
    },
    peer: "oauth4webapi",
  },
  {
    name: "authorization request",
    ours: () => rp.authorizationRequest({ scope: "openid profile" }),
    theirs: async () => {
      const verifier = oauth.generateRandomCodeVerifier();
      const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
      const url = new URL(endpoint);
      url.search = new URLSearchParams({
        response_type: "code",
        client_id: clientId,
        redirect_uri: redirectUri,
        scope: "openid profile",
        state,
        nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
      }).toString();
      return { url: url.href, state, transaction: JSON.stringify({ verifier, state, nonce }) };
    },
    peer: "oauth4webapi",
  },
  {
    name: "ID token, signature and claims",
    ours: () => rp.verifyIdToken(idToken, { nonce: "n-0S6_WzA2Mj" }, { fetch }),
    theirs: async () => {
      const { payload } = await jwtVerify(idToken, keySet, { issuer, audience: clientId, algorithms: ["ES256"] });
      if (payload.nonce !== "n-0S6_WzA2Mj") throw new Error("nonce");
      return payload;
    },
    peer: "jose",
  },
  {
    name: "ID token, ES256 signature alone",
    ours: () => rp.verifyIdToken(idToken, { nonce: "n-0S6_WzA2Mj" }, { fetch }),
    theirs: signatureAlone(),
    peer: "WebCrypto",
  },
];

/** What no library can be faster than. */
function signatureAlone() {
  const end = idToken.lastIndexOf(".");
  const input = new TextEncoder().encode(idToken.slice(0, end));
  const signature = Buffer.from(idToken.slice(end + 1), "base64url");
  return () => crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, publicKey, signature, input);
}

/** Microseconds for one call, over a batch long enough for the clock. */
async function time(task, count) {
  const start = performance.now();
  for (let i = 0; i < count; i++) await task();
  return ((performance.now() - start) * 1000) / count;
}

/** How many calls make a batch; finding out also warms the code up. */
async function batch(task) {
  for (let count = 1; ; count *= 2) {
    if ((await time(task, count)) * count > batchMilliseconds * 1000) return count;
  }
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

console.log(`Node ${process.version}, median of ${rounds} alternating rounds, microseconds for one call\n`);
console.log(`${"".padEnd(34)}${"oidc-wasm".padStart(10)}${"peer".padStart(10)}   ratio`);
for (const { name, ours, theirs, peer } of comparisons) {
  const counts = [await batch(ours), await batch(theirs)];
  const times = [[], []];
  const ratios = [];
  for (let round = 0; round < rounds; round++) {
    const here = await time(ours, counts[0]);
    const there = await time(theirs, counts[1]);
    times[0].push(here);
    times[1].push(there);
    ratios.push(here / there);
  }
  const [here, there] = times.map((values) => median(values).toFixed(1).padStart(10));
  console.log(`${name.padEnd(34)}${here}${there}   ${median(ratios).toFixed(2)} of ${peer}`);
}
rp[Symbol.dispose]?.();
