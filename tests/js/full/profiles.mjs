// The profiles of FAPI 2.0 at oidc-provider, which demands them.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startProvider } from "../../../www/provider/index.mjs";
import { createVisitor } from "../../../www/provider/visitor.mjs";
import { asksPhones, confirms } from "../extensions.mjs";
import { same } from "../lib.mjs";
import { project } from "../project.mjs";

const redirectUri = "https://app.example/cb";

/** A key of the client, and its public half as the provider registers it. */
export async function clientKey(kid) {
  const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  return { key: privateKey, kid, jwk: { kty, crv, x, y, kid, alg: "ES256", use: "sig" } };
}

/** What each profile needs beyond the other, and what the login then shows. */
const profiles = {
  fapi2: { back: ["code", "state", "iss"] },
  "fapi2-message-signing": {
    registered: { require_signed_request_object: true, request_object_signing_alg: "ES256" },
    options: { introspectionSignedResponseAlg: "ES256" },
    features: {
      jwtIntrospection: { enabled: true },
      jwtResponseModes: { enabled: true },
      requestObjects: { enabled: true, requireSignedRequestObject: true },
    },
    back: ["response"],
  },
};

export async function profileLogins(check) {
  const { strict } = await import(pathToFileURL(join(project, "js/full/strict.js")).href);
  for (const [profile, { registered, options, features, back }] of Object.entries(profiles))
    await check(`node: a login with the profile ${profile}`, async () => {
      const { key, kid, jwk } = await clientKey("2026");
      const clientId = "a bank's client";
      const provider = await startProvider({
        clients: [
          {
            client_id: clientId,
            redirect_uris: [redirectUri],
            token_endpoint_auth_method: "private_key_jwt",
            token_endpoint_auth_signing_alg: "ES256",
            id_token_signed_response_alg: "ES256",
            authorization_signed_response_alg: features && "ES256",
            introspection_signed_response_alg: features && "ES256",
            jwks: { keys: [jwk] },
            dpop_bound_access_tokens: true,
            ...registered,
          },
        ],
        features: {
          fapi: { enabled: true, profile: "2.0" },
          dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
          pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
          ...features,
        },
      });
      const { issuer } = provider;
      const signed = features && { requestObject: { key, kid }, ...options };
      const config = { clientId, redirectUri, profile, auth: { method: "private_key_jwt", key, kid }, ...signed };
      try {
        const signIn = (url) => createVisitor().signIn(url);
        same(await strict({ issuer, config, signIn }), {
          discovered: ["/.well-known/openid-configuration 200"],
          pushed: ["/request 400", "/request 201"],
          address: ["client_id", "request_uri"],
          back,
          exchanged: ["/jwks 200", "/token 200"],
          login: ["mara", "DPoP", "ES256"],
          refreshed: ["/token 200"],
          renewed: ["mara", "DPoP"],
          email: "mara@example.com",
          userinfo: ["/me 200"],
          introspected: ["mara", features ? "application/token-introspection+jwt" : "application/json"],
          refused: [
            "profile.response_type",
            "request.pushed",
            "profile.sender_constraint",
            "profile.sender_constraint",
            "profile.client_auth",
            features ? "profile.introspection" : "ok",
          ],
          afterwards: [],
        });
      } finally {
        await provider.close();
      }
    });
  await check("node: a phone with the profile fapi2-message-signing", async () => {
    const { strictPhone } = await import(pathToFileURL(join(project, "js/full/strict.js")).href);
    const { key, kid, jwk } = await clientKey("2026");
    const clientId = "a bank's call centre";
    const ciba = asksPhones();
    const real = await startProvider({
      clients: [
        {
          client_id: clientId,
          redirect_uris: [],
          response_types: [],
          grant_types: ["urn:openid:params:grant-type:ciba"],
          token_endpoint_auth_method: "private_key_jwt",
          token_endpoint_auth_signing_alg: "ES256",
          id_token_signed_response_alg: "ES256",
          backchannel_token_delivery_mode: "poll",
          backchannel_authentication_request_signing_alg: "ES256",
          jwks: { keys: [jwk] },
          dpop_bound_access_tokens: true,
        },
      ],
      features: {
        ciba,
        fapi: { enabled: true, profile: "2.0" },
        dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
        pushedAuthorizationRequests: { enabled: true },
        requestObjects: { enabled: true },
      },
    });
    const profile = "fapi2-message-signing";
    const auth = { method: "private_key_jwt", key, kid };
    const config = { clientId, profile, auth, requestObject: { key, kid } };
    try {
      const confirm = () => confirms(real.provider, ciba.shown[0]);
      same(await strictPhone({ issuer: real.issuer, config, confirm }), {
        refused: "profile.binding_message",
        login: ["mara", "DPoP", "ES256"],
        email: "mara@example.com",
      });
      same([ciba.shown.length, ciba.shown[0].message], [1, "W4SCT"], "on the phone");
    } finally {
      await real.close();
    }
  });
}
