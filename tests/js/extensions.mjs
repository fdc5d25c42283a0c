// OAuth extensions at oidc-provider with each feature enabled: oidc-wasm/full in Node.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { AccessDenied } from "oidc-provider/lib/helpers/errors.js";
import { startProvider } from "../../www/provider/index.mjs";
import { createVisitor } from "../../www/provider/visitor.mjs";
import { createChecks, same } from "./lib.mjs";
import { installed } from "./project.mjs";

const audience = "https://api.example.com";
const redirectUri = "http://127.0.0.1:45871/cb";
const exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const samlBearer = "urn:ietf:params:oauth:grant-type:saml2-bearer";

const clients = [
  {
    client_id: "a television",
    grant_types: ["urn:ietf:params:oauth:grant-type:device_code"],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: "none",
  },
  {
    client_id: "a shop",
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: "none",
    authorization_details_types: ["payment"],
  },
  {
    client_id: "a call centre",
    client_secret: "the secret of a call centre, of some length",
    grant_types: ["urn:openid:params:grant-type:ciba"],
    redirect_uris: [],
    response_types: [],
    backchannel_token_delivery_mode: "poll",
  },
  {
    client_id: "a service",
    grant_types: [exchange, jwtBearer, samlBearer],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: "none",
  },
];

/** Client-initiated logins at oidc-provider, and the requests that it has shown on phones. */
export function asksPhones() {
  const shown = [];
  return {
    enabled: true,
    deliveryModes: ["poll"],
    processLoginHint: (_ctx, hint) => hint,
    processLoginHintToken: (_ctx, token) => token,
    verifyUserCode() {},
    validateRequestContext() {},
    validateBindingMessage() {},
    triggerAuthenticationDevice: (ctx, request) => shown.push({ request, message: ctx.oidc.params.binding_message }),
    shown,
  };
}

/** The person confirms what the phone shows. */
export async function confirms(provider, { request }) {
  const grant = new provider.Grant({ clientId: request.clientId, accountId: request.accountId });
  grant.addOIDCScope(request.scope);
  await grant.save();
  await provider.backchannelResult(request, grant);
}

const granted = (ctx, source) => source?.rar ?? JSON.parse(ctx.oidc.params.authorization_details);

const features = {
  deviceFlow: { enabled: true },
  ciba: asksPhones(),
  registration: { enabled: true, initialAccessToken: "an-initial-access-token" },
  registrationManagement: { enabled: true, rotateRegistrationAccessToken: true },
  clientIdMetadataDocument: { enabled: true, ack: "draft-02" },
  richAuthorizationRequests: {
    enabled: true,
    types: { payment: { validate() {} } },
    authorizationDetailsForGrantSource: (ctx) => granted(ctx),
    authorizationDetailsForAccessToken: (ctx, _token, source) => granted(ctx, source),
    authorizationDetailsForIntrospection: (_ctx, token) => token.rar,
  },
};

export async function extensions() {
  const { check, results } = createChecks("extensions");
  const oidc = await import(pathToFileURL(join(installed, "dist/full.js")).href);
  const { default: init, RelyingParty } = oidc;
  await init();
  const document = "https://app.example/oauth/client.json";
  const asked = { client_name: "App", redirect_uris: ["https://app.example/cb"], token_endpoint_auth_method: "none" };
  const served = () => Response.json(oidc.clientMetadataDocument(document, asked));
  const settings = {
    fetch: (address, init) => (String(address) === document ? served() : globalThis.fetch(address, init)),
  };
  const real = await startProvider({ clients, features, settings });
  // oidc-provider does not implement these grants, so the test adds them.
  for (const grant of [exchange, jwtBearer, samlBearer])
    real.provider.registerGrantType(
      grant,
      async (ctx) => {
        const { subject_token, assertion } = ctx.oidc.params;
        const token = subject_token && (await real.provider.AccessToken.find(subject_token));
        const whose = token?.accountId ?? `who is in ${assertion}`;
        ctx.body = { access_token: `a token for ${whose}`, token_type: "Bearer", scope: "read" };
        if (subject_token) ctx.body.issued_token_type = "urn:ietf:params:oauth:token-type:access_token";
      },
      ["subject_token", "subject_token_type", "assertion", "audience"],
      ["audience"],
    );
  const refusal = (promise) => promise.then(() => undefined).catch(({ code, error }) => [code, error]);

  await check("a device without a browser: pending, the person, the ID token", async () => {
    const rp = await RelyingParty.discover(real.issuer, { clientId: "a television" });
    const device = await rp.deviceAuthorization({ scope: "openid email" });
    const errors = [];
    const fetch = async (address, init) => {
      const reply = await globalThis.fetch(address, init);
      if (String(address).endsWith("/token")) errors.push((await reply.clone().json()).error);
      if (errors.length === 1) await createVisitor().activate(device.verification_uri_complete);
      return reply;
    };
    const login = await rp.deviceLogin({ ...device, interval: 0 }, { fetch });
    same([login.claims.sub, login.tokens.token_type], ["mara", "Bearer"], "login");
    same(errors, ["authorization_pending", undefined], "answers");
    const refused = await rp.deviceAuthorization({ scope: "openid" });
    await createVisitor({ allow: false }).activate(refused.verification_uri_complete);
    same(
      await refusal(rp.deviceLogin({ ...refused, interval: 0 })),
      ["token.oauth_error", "access_denied"],
      "if the person refuses",
    );
    same(await refusal(rp.deviceLogin({ ...refused, interval: 0, device_code: "of nobody" })), [
      "token.oauth_error",
      "invalid_grant",
    ]);
  });
  await check("a person at a phone, without a browser: pending, the person, the ID token", async () => {
    const auth = { method: "client_secret_basic", secret: "the secret of a call centre, of some length" };
    const rp = await RelyingParty.discover(real.issuer, { clientId: "a call centre", auth });
    const asked = await rp.backchannelAuthentication({
      scope: "openid email",
      loginHint: "mara",
      bindingMessage: "W4SCT",
      requestedExpiry: 60,
    });
    same([asked.expires_in, typeof asked.auth_req_id], [600, "string"], "answer");
    const { shown } = features.ciba;
    same([shown.length, shown[0].message, shown[0].request.accountId], [1, "W4SCT", "mara"], "on the phone");
    const errors = [];
    const fetch = async (address, init) => {
      const reply = await globalThis.fetch(address, init);
      if (String(address).endsWith("/token")) errors.push((await reply.clone().json()).error);
      if (errors.length === 1) await confirms(real.provider, shown[0]);
      return reply;
    };
    const login = await rp.backchannelLogin({ ...asked, interval: 0 }, { fetch });
    same([login.claims.sub, login.tokens.token_type], ["mara", "Bearer"], "login");
    same((await rp.userInfo(login.tokens, "mara")).email, "mara@example.com", "userinfo");
    same(errors, ["authorization_pending", undefined], "answers");
    const refused = await rp.backchannelAuthentication({ loginHint: "mara" });
    await real.provider.backchannelResult(shown[1].request, new AccessDenied());
    same(
      await refusal(rp.backchannelLogin({ ...refused, interval: 0 })),
      ["token.oauth_error", "access_denied"],
      "if the person refuses",
    );
    same(await refusal(rp.backchannelLogin({ ...refused, interval: 0, auth_req_id: "of nobody" })), [
      "token.oauth_error",
      "invalid_grant",
    ]);
    same(await refusal(rp.backchannelAuthentication({ loginHint: "nobody" })), ["ciba.oauth_error", "unknown_user_id"]);
  });
  await check("a client is registered, read, updated and removed, by tokens that change", async () => {
    const { provider } = await RelyingParty.discover(real.issuer, {});
    const metadata = { client_name: "App", redirect_uris: ["https://app.example/cb"] };
    same(
      await refusal(oidc.registerClient(provider, metadata)),
      ["registration.oauth_error", "invalid_token"],
      "no token",
    );
    const options = { initialAccessToken: "an-initial-access-token" };
    const client = await oidc.registerClient(provider, metadata, options);
    same([client.client_name, typeof client.client_secret], ["App", "string"], "registered");
    same((await oidc.manageClient(client, "read")).client_id, client.client_id, "read");
    const updated = await oidc.manageClient(client, "update", { ...client, client_name: "Another" });
    same([updated.client_id, updated.client_name], [client.client_id, "Another"], "updated");
    const rotated = updated.registration_access_token !== client.registration_access_token;
    same(rotated, true, "a new token");
    same(
      await refusal(oidc.manageClient(client, "read")),
      ["registration.oauth_error", "invalid_token"],
      "the old token",
    );
    same(await oidc.manageClient(updated, "remove"), undefined, "removed");
    same(await refusal(oidc.manageClient(updated, "read")), ["registration.oauth_error", "invalid_token"], "gone");
    const wrong = { redirect_uris: ["https://app.example/cb"], grant_types: ["nothing"] };
    same(await refusal(oidc.registerClient(provider, wrong, options)), [
      "registration.oauth_error",
      "invalid_client_metadata",
    ]);
  });
  await check("a client whose identifier is the address of its metadata", async () => {
    const rp = await RelyingParty.discover(real.issuer, { clientId: document, redirectUri: "https://app.example/cb" });
    same(rp.provider.client_id_metadata_document_supported, true, "metadata");
    const { url, transaction } = await rp.authorize({ scope: "openid" });
    const { claims } = await rp.callback(await createVisitor().signIn(url), transaction);
    same([claims.sub, claims.aud], ["mara", document], "login");
  });
  await check("authorization details: request, token response, access token", async () => {
    const rp = await RelyingParty.discover(real.issuer, { clientId: "a shop", redirectUri });
    const authorizationDetails = [{ type: "payment", amount: "5" }];
    const { url, transaction } = await rp.authorize({ scope: "openid", resource: audience, authorizationDetails });
    const { tokens } = await rp.callback(await createVisitor().signIn(url), transaction);
    same(tokens.authorization_details, authorizationDetails, "granted");
    const claims = await rp.verifyAccessToken(tokens.access_token, { audience });
    same(claims.authorization_details, authorizationDetails, "in the access token");
    const other = await rp.authorize({ authorizationDetails: [{ type: "nothing" }] });
    const back = await createVisitor().signIn(other.url);
    const error = await rp.callback(back, other.transaction).catch((error) => error);
    same([error.code, error.error], ["redirect.oauth_error", "invalid_authorization_details"], "an unknown type");
  });
  await check("token exchange, JWT bearer and SAML bearer", async () => {
    const shop = await RelyingParty.discover(real.issuer, { clientId: "a shop", redirectUri });
    const { url, transaction } = await shop.authorize({ scope: "openid" });
    const { tokens } = await shop.callback(await createVisitor().signIn(url), transaction);
    const rp = await RelyingParty.discover(real.issuer, { clientId: "a service" });
    const subject_token_type = "urn:ietf:params:oauth:token-type:access_token";
    const parameters = { subject_token: tokens.access_token, subject_token_type, audience: ["a", "b"] };
    const exchanged = await rp.grant({ type: exchange, parameters });
    same([exchanged.access_token, exchanged.issued_token_type], ["a token for mara", subject_token_type], "exchanged");
    const jwt = "eyJhbGciOiJub25lIn0.e30.c2ln";
    const bearer = await rp.grant({ type: jwtBearer, scope: "read", parameters: { assertion: jwt } });
    same(bearer.access_token, `a token for who is in ${jwt}`, "JWT bearer");
    const saml = await rp.grant({ type: samlBearer, parameters: { assertion: "PHNhbWxwOl8" } });
    same(saml.access_token, "a token for who is in PHNhbWxwOl8", "SAML bearer");
    same(await refusal(rp.grant({ type: exchange, parameters: { subject_token: "x" } })), [
      "argument.parameters",
      undefined,
    ]);
  });
  await real.close();
  return results;
}
