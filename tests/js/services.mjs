// The other requests of a relying party, at both providers: tokens for resource servers, introspection, revocation,
// request parameters that the provider obeys, and sign-out.
import { demoResources } from "../../www/provider/index.mjs";
import { createClients } from "./clients.mjs";
import { same } from "./lib.mjs";
import { atBoth } from "./places.mjs";

const redirectUri = "http://127.0.0.1:45875/cb";
const home = "http://127.0.0.1:45875/bye?from=op";
const [first, second] = Object.keys(demoResources);
const registry = Object.fromEntries(Object.entries(demoResources).map(([name, scopes]) => [name, scopes.split(" ")]));

const isPublic = ({ config }) => config.auth.method === "none";

export async function services() {
  const clients = await createClients({
    redirect_uris: [redirectUri],
    post_logout_redirect_uris: [home],
    grant_types: ["authorization_code", "refresh_token", "client_credentials"],
    backchannel_logout_uri: "https://app.example/logout",
    backchannel_logout_session_required: true,
  });
  for (const { registered } of clients.filter(isPublic))
    registered.grant_types = ["authorization_code", "refresh_token"];
  const registered = clients.map(({ registered }) => registered);
  return atBoth("services", registered, (at) => servicesAt(clients, at));
}

async function servicesAt(clients, { check, downscope, refused, RelyingParty, ...op }) {
  const [publicClient, confidential] = clients;
  const party = ({ config }) => RelyingParty.discover(op.issuer, { ...config, redirectUri });
  async function login(client, params, visitor = op.visitor(), options = undefined) {
    const rp = await party(client);
    const { url, transaction } = rp.authorizationRequest({ scope: "openid email", ...params });
    const back = await visitor.signIn(url);
    return { rp, visitor, transaction, back, ...(await rp.callback(back, transaction, options)) };
  }

  for (const client of clients) {
    await check(`introspect and revoke, ${client.name}`, async () => {
      const { rp, tokens } = await login(client);
      const { active, sub, client_id } = await rp.introspect(tokens.access_token);
      same([active, sub, client_id], [true, "mara", client.config.clientId], "introspected");
      same(await rp.introspect("nobody's"), { active: false }, "another token");
      await rp.revoke(tokens.access_token);
      same((await refused("userinfo.status", () => rp.userInfo(tokens.access_token, "mara"))).status, 401, "revoked");
      same(await rp.introspect(tokens.access_token), { active: false }, "revoked");
      await rp.revoke("nobody's");
      await rp.revoke(tokens.refresh_token);
      same(
        (await refused("token.oauth_error", () => rp.refresh(tokens.refresh_token))).error,
        "invalid_grant",
        "error",
      );
    });
    await check(`client credentials, ${client.name}`, async () => {
      const rp = await party(client);
      const grant = { type: "client_credentials", scope: "read write", resource: first };
      if (isPublic(client)) return refused("request.client_auth", () => rp.grant(grant));
      const { access_token } = await rp.grant(grant);
      const { aud, scope, client_id } = await rp.verifyAccessToken(access_token, { audience: first, scope: "read" });
      same([aud, scope, client_id], [first, "read write", client.config.clientId], "claims");
    });
  }

  await check("an access token, at another resource server, for another scope, and altered", async () => {
    const rp = await party(confidential);
    const { access_token } = await rp.grant({ type: "client_credentials", scope: "read", resource: first });
    await refused("access_token.aud", () => rp.verifyAccessToken(access_token, { audience: second }));
    await refused("access_token.scope", () => rp.verifyAccessToken(access_token, { audience: first, scope: "write" }));
    const [header, payload, signature] = access_token.split(".");
    const altered = Buffer.from(payload, "base64url").toString().replace("read", "read write");
    const forged = `${header}.${Buffer.from(altered).toString("base64url")}.${signature}`;
    await refused("jws.signature", () => rp.verifyAccessToken(forged, { audience: first }));
    await refused("access_token.typ", async () => {
      const { tokens } = await login(confidential);
      return rp.verifyAccessToken(tokens.id_token, { audience: confidential.config.clientId });
    });
  });

  // ── one login, a token for each resource server (RFC 8707) ──

  for (const client of [publicClient, confidential])
    await check(`a token for each of two resource servers, ${client.name}`, async () => {
      const scope = "openid read write delete";
      const resource = [first, second];
      const { rp, tokens, claims } = await login(client, { scope, resource });
      same(claims.sub, "mara", "subject");
      const { table, dropped } = downscope({ scope, resource }, registry);
      const resources = table.filter(({ resource }) => resource);
      same([resources.length, dropped], [2, []], "resources, and dropped scopes");
      for (const row of resources) {
        const renewed = await rp.refresh(tokens.refresh_token, { resource: row.resource, previous: claims });
        const token = await rp.verifyAccessToken(renewed.tokens.access_token, {
          audience: row.resource,
          scope: row.scopes,
        });
        same([token.aud, token.scope.split(" ").sort()], [row.resource, [...row.scopes].sort()], "as in downscope()");
        tokens.refresh_token = renewed.tokens.refresh_token;
      }
    });
  await check("an unknown resource", async () => {
    const resource = "https://nobody.example";
    const asked = await refused("redirect.oauth_error", () => login(publicClient, { resource }));
    same(asked.error, "invalid_target", "in the redirect");
    const { rp, tokens } = await login(publicClient);
    const told = await refused("token.oauth_error", () => rp.refresh(tokens.refresh_token, { resource }));
    same([told.error, told.status], ["invalid_target", 400], "at the token endpoint");
    await refused("resource.unknown", () => downscope({ scope: "read", resource }, registry));
  });
  await check("a resource server's token at userinfo", async () => {
    const params = { scope: "openid read", resource: first };
    const bought = await login(publicClient, params);
    const told = await refused("userinfo.status", () => bought.rp.userInfo(bought.tokens.access_token, "mara"));
    same(told.status, 401, "the token request repeats the one requested resource");
    const { rp, tokens, claims } = await login(publicClient, params, undefined, { resource: [] });
    same((await rp.userInfo(tokens.access_token, claims.sub)).sub, claims.sub, "the provider's own token");
    const renewed = await rp.refresh(tokens.refresh_token, { resource: first });
    const { status } = await refused("userinfo.status", () => rp.userInfo(renewed.tokens.access_token, claims.sub));
    same(status, 401, "status");
  });

  // ── parameters that the provider obeys ──

  await check("RFC 8414 metadata", async () => {
    const { clientId } = publicClient.config;
    const rp = await RelyingParty.discover(op.issuer, { clientId, redirectUri }, { metadata: "oauth2" });
    same(rp.provider.issuer, op.issuer, "issuer");
  });
  await check("prompt=none: a silent login that succeeds, and one that fails", async () => {
    const { visitor } = await login(publicClient);
    same((await login(publicClient, { prompt: "none" }, visitor)).claims.sub, "mara", "silent");
    const { error } = await refused("redirect.oauth_error", () => login(publicClient, { prompt: "none" }));
    same(error, "login_required", "signed out");
  });
  await check("max_age and requireAuthTime", async () => {
    const { claims, visitor } = await login(publicClient, { maxAge: 3600 });
    same(typeof claims.auth_time, "number", "auth_time");
    const again = await login(publicClient, { maxAge: 0 }, visitor);
    same(again.report.checks.find(({ rule }) => rule === "id_token.auth_time").verdict, "pass", "auth_time");
  });
  await check("claims, ui_locales, display, login_hint, id_token_hint, extra", async () => {
    const { tokens, visitor } = await login(publicClient);
    const { claims } = await login(
      publicClient,
      {
        claims: { id_token: { email: null, given_name: { essential: true } } },
        uiLocales: "sv en",
        display: "page",
        loginHint: "mara",
        idTokenHint: tokens.id_token,
        extra: { "https://op.example/own": ["1", "2"] },
      },
      visitor,
    );
    same([claims.email, claims.given_name], ["mara@example.com", "Mara"], "claims in the ID token");
  });
  await check("offline_access with prompt=consent", async () => {
    const { rp, tokens } = await login(publicClient, { scope: "openid offline_access", prompt: "consent" });
    same(tokens.scope.split(" ").includes("offline_access"), true, "scope");
    same((await rp.refresh(tokens.refresh_token)).claims.sub, "mara", "refreshed");
  });

  // ── sign-out ──

  await check("back-channel logout, and the return from the provider", async () => {
    const { rp, visitor, tokens, claims } = await login(confidential);
    const state = "state-of-this-logout";
    const end = rp.endSessionUrl({ idTokenHint: tokens.id_token, postLogoutRedirectUri: home, state, uiLocales: "sv" });
    const back = await visitor.signOut(end);
    same([rp.endSessionReturned(back, state), rp.endSessionReturned(back, "another")], [true, false], "returned");
    const logout = await rp.verifyLogoutToken(await op.logoutToken(claims));
    same([logout.sid, logout.aud], [claims.sid, confidential.config.clientId], "logout token");
    await refused("logout_token.jti", () => rp.verifyLogoutToken(tokens.id_token));
  });
}
