// Encrypted ID tokens, userinfo and authorization responses at oidc-provider, with each algorithm and each way to encrypt content.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startProvider } from "../../../www/provider/index.mjs";
import { createVisitor } from "../../../www/provider/visitor.mjs";
import { same } from "../lib.mjs";
import { installed } from "../project.mjs";

const redirectUri = "https://app.example/cb";
const ecdh = (namedCurve) => ({ name: "ECDH", namedCurve });
const rsa = (hash) => ({ name: "RSA-OAEP", hash, modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) });

/**
 * Each algorithm with its key and with the algorithm of the content.
 * @type {[string, string, any][]}
 */
const algorithms = [
  ["RSA-OAEP", "A128GCM", rsa("SHA-1")],
  ["RSA-OAEP-256", "A256CBC-HS512", rsa("SHA-256")],
  ["ECDH-ES", "A256GCM", ecdh("P-256")],
  ["ECDH-ES", "A128CBC-HS256", { name: "X25519" }],
  ["ECDH-ES+A128KW", "A128CBC-HS256", ecdh("P-384")],
  ["ECDH-ES+A256KW", "A256CBC-HS512", ecdh("P-521")],
];

/** @param {(name: string, run: () => Promise<void>) => Promise<void>} check */
export async function encryptedLogins(check) {
  for (const [alg, enc, by] of algorithms)
    await check(`node: ${alg} with ${enc}, ${by.namedCurve ?? by.name}: ID token, userinfo and response`, () =>
      login(alg, enc, by),
    );
}

async function login(alg, enc, by) {
  const { RelyingParty } = await import(pathToFileURL(join(installed, "dist/full.js")).href);
  /** @type {KeyUsage[]} */
  const usages = by.name === "RSA-OAEP" ? ["encrypt", "decrypt"] : ["deriveBits"];
  const { privateKey, publicKey } = await crypto.subtle.generateKey(by, false, usages);
  const { key_ops: _, ext: __, ...jwk } = await crypto.subtle.exportKey("jwk", publicKey);
  const encrypted = (name) => ({ [`${name}_encrypted_response_alg`]: alg, [`${name}_encrypted_response_enc`]: enc });
  const provider = await startProvider({
    clients: [
      {
        client_id: "app",
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: "none",
        jwks: { keys: [{ ...jwk, kid: "2026", use: "enc", alg }] },
        ...encrypted("id_token"),
        ...encrypted("userinfo"),
        ...encrypted("authorization"),
        userinfo_signed_response_alg: "RS256",
        authorization_signed_response_alg: "RS256",
      },
    ],
    features: { encryption: { enabled: true }, jwtResponseModes: { enabled: true } },
    settings: {
      enabledJWA: {
        idTokenEncryptionAlgValues: [alg],
        userinfoEncryptionAlgValues: [alg],
        authorizationEncryptionAlgValues: [alg],
      },
    },
  });
  try {
    const registered = {
      idTokenEncryptedResponseAlg: alg,
      userinfoEncryptedResponseAlg: alg,
      authorizationEncryptedResponseAlg: alg,
    };
    const party = (kid) =>
      RelyingParty.discover(provider.issuer, {
        clientId: "app",
        redirectUri,
        decryption: [{ key: privateKey, kid, alg }],
        ...registered,
      });
    const rp = await party("2026");
    const bodies = [];
    const onMessage = ({ type, url, body }) => type === "reply" && bodies.push([url.split("/").at(-1), body]);
    const { url, transaction } = await rp.authorize({ scope: "openid email", responseMode: "jwt" });
    const back = await createVisitor().signIn(url);
    const parts = (token) => token.split(".").length;
    same(parts(new URL(back).searchParams.get("response")), 5, "parts of the response");
    const other = await party("2025");
    same((await other.callback(back, transaction).catch((error) => error)).code, "jwe.key", "another kid");
    const { claims, tokens, report } = await rp.callback(back, transaction, { onMessage });
    same([claims.sub, report.valid, parts(tokens.id_token)], ["mara", true, 3], "the login");
    same(new URL(rp.endSessionUrl({ idTokenHint: tokens.id_token })).searchParams.has("id_token_hint"), true, "hint");
    same((await rp.userInfo(tokens, claims.sub)).email, "mara@example.com", "userinfo");
    const renewed = await rp.refresh(tokens.refresh_token, { previous: { claims, tokens } });
    same([renewed.claims.sub, parts(renewed.tokens.id_token)], ["mara", 3], "refreshed");
    const sent = await rp.grant({ type: "refresh_token", refreshToken: renewed.tokens.refresh_token });
    same(parts(sent.id_token), 5, "parts of the ID token as it was sent");
    same((await rp.verifyIdToken(sent.id_token, { previous: claims })).sub, "mara", "verified");
    const plain = await rp.verifyIdToken(tokens.id_token, { transaction }).catch((error) => error);
    same(plain.code, "jwe.required", "the signed token alone");
    const without = await RelyingParty.discover(provider.issuer, { clientId: "app", redirectUri });
    const refused = await without.verifyIdToken(sent.id_token, { previous: claims }).catch((error) => error);
    same(refused.code, "id_token.encrypted", "without a key");
  } finally {
    await provider.close();
  }
}
