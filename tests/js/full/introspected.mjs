// Signed and encrypted introspection answers of oidc-provider, in Node and workerd.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startProvider } from "../../../www/provider/index.mjs";
import { createVisitor } from "../../../www/provider/visitor.mjs";
import { same } from "../lib.mjs";
import { installed, project } from "../project.mjs";
import { bundleWorkers, startWorker } from "../runtimes/workerd.mjs";

const redirectUri = "https://app.example/cb";
const secret = "the secret of both APIs";
const runtimes = { node, workerd };

/** @param {(name: string, run: () => Promise<void>) => Promise<void>} check */
export async function introspections(check) {
  const by = { name: "ECDH", namedCurve: "P-256" };
  const { privateKey, publicKey } = await crypto.subtle.generateKey(by, true, ["deriveBits"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  const api = {
    client_secret: secret,
    redirect_uris: [],
    response_types: [],
    grant_types: [],
    introspection_signed_response_alg: "ES256",
  };
  const provider = await startProvider({
    clients: [
      { client_id: "app", redirect_uris: [redirectUri], token_endpoint_auth_method: "none" },
      { client_id: "a signed API", ...api },
      {
        client_id: "an encrypted API",
        ...api,
        introspection_encrypted_response_alg: "ECDH-ES",
        introspection_encrypted_response_enc: "A256GCM",
        jwks: { keys: [{ kty, crv, x, y, kid: "2026", use: "enc", alg: "ECDH-ES" }] },
      },
    ],
    features: { encryption: { enabled: true }, jwtIntrospection: { enabled: true } },
    settings: {
      enabledJWA: {
        introspectionSigningAlgValues: ["ES256", "RS256"],
        introspectionEncryptionAlgValues: ["ECDH-ES"],
      },
    },
  });
  try {
    const token = await opaqueToken(provider.issuer);
    const decryptionKey = await crypto.subtle.exportKey("jwk", privateKey);
    for (const [name, run] of Object.entries(runtimes))
      await check(`${name}: plain, signed and encrypted introspection answers`, async () =>
        same(await run({ issuer: provider.issuer, token, secret, decryptionKey }), {
          plain: "mara",
          signed: ["mara", false],
          expected: "mara",
          scope: "access_token.scope",
          algorithm: "jws.alg",
          encrypted: ["mara", false],
          keyless: "id_token.encrypted",
          unencrypted: "jwe.required",
          types: ["application/json", "application/token-introspection+jwt"],
          guard: ["mara", 401, 503],
          refused: ["access_token.active", "jws.alg"],
        }),
      );
  } finally {
    await provider.close();
  }
}

async function opaqueToken(issuer) {
  const { RelyingParty } = await import(pathToFileURL(join(installed, "dist/full.js")).href);
  const rp = await RelyingParty.discover(issuer, { clientId: "app", redirectUri });
  const { url, transaction } = await rp.authorize({ scope: "openid email" });
  const { tokens } = await rp.callback(await createVisitor().signIn(url), transaction);
  return tokens.access_token;
}

async function node(settings) {
  const { introspection } = await import(pathToFileURL(join(project, "js/full/introspection.js")).href);
  return introspection(settings);
}

async function workerd(settings) {
  const folder = await bundleWorkers("introspection-worker", ["js/full/introspection_worker.js"]);
  const worker = await startWorker(folder, "introspection_worker.js");
  try {
    const reply = await worker.fetch("http://api.example/", { method: "POST", body: JSON.stringify(settings) });
    const text = await reply.text();
    if (!reply.ok) throw new Error(text);
    return JSON.parse(text);
  } finally {
    await worker.close();
  }
}
