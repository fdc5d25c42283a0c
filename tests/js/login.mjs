// A person's login in Node: the installed package at both providers, over HTTP.
import { decoded } from "../support/provider/jws.js";
import { createClients } from "./clients.mjs";
import { same } from "./lib.mjs";
import { atBoth } from "./places.mjs";

const redirectUri = "http://127.0.0.1:45871/cb?from=op";
const home = "http://127.0.0.1:45871/";

export async function login() {
  const clients = await createClients({ redirect_uris: [redirectUri], post_logout_redirect_uris: [home] });
  const registered = clients.map(({ registered }) => registered);
  return atBoth("login", registered, (at) => loginAt(clients, at));
}

async function loginAt(clients, { check, refused, RelyingParty, ...op }) {
  const [publicClient, confidential] = clients;
  const party = ({ config }, more = {}) => RelyingParty.discover(op.issuer, { ...config, redirectUri, ...more });
  /** @param {any} client @param {{ person?: object, [parameter: string]: any }} [asked] */
  const start = async (client, { person, ...params } = {}) => {
    const rp = await party(client);
    const { url, state, transaction } = rp.authorizationRequest({ scope: "openid profile email", ...params });
    const visitor = op.visitor(person);
    return { rp, visitor, state, transaction, back: await visitor.signIn(url) };
  };

  for (const client of clients) {
    await check(client.name, async () => {
      const { rp, visitor, transaction, back } = await start(client, { acrValues: "urn:x", maxAge: 3600 });
      const { tokens, claims, report } = await rp.callback(back, transaction);
      same([claims.iss, claims.sub, claims.aud], [op.issuer, "mara", client.config.clientId], "claims");
      same([report.valid, report.signature], [true, "valid"], "report");

      const user = await rp.userInfo(tokens.access_token, claims.sub);
      same(user.email, "mara@example.com", "userinfo");
      await refused("userinfo.sub", () => rp.userInfo(tokens.access_token, "tomas"));
      same((await refused("userinfo.status", () => rp.userInfo("not-a-token", claims.sub))).status, 401, "status");

      const renewed = await rp.refresh(tokens.refresh_token, { previous: claims });
      same(renewed.claims.sub, "mara", "refreshed subject");
      if (renewed.tokens.access_token === tokens.access_token) throw new Error("no new access token");
      same((await rp.userInfo(renewed.tokens.access_token, claims.sub)).sub, "mara", "userinfo with the new token");

      // A code works only once.
      const again = await refused("token.oauth_error", () => rp.callback(back, transaction));
      same([again.error, again.status], ["invalid_grant", 400], "second callback");

      const end = rp.endSessionUrl({ idTokenHint: tokens.id_token, postLogoutRedirectUri: home, state: "bye" });
      same(await visitor.signOut(end), `${home}?state=bye`, "signed out");
      same(
        (await start(client, { prompt: "none" })).back.includes("error=login_required"),
        true,
        "afterwards the person is signed out",
      );
    });
  }

  await check("consent refused", async () => {
    const { rp, transaction, back } = await start(publicClient, { person: { allow: false } });
    same((await refused("redirect.oauth_error", () => rp.callback(back, transaction))).error, "access_denied", "error");
  });
  await check("a tampered state, and another login's", async () => {
    const { rp, state, transaction, back } = await start(publicClient);
    const other = rp.authorizationRequest();
    await refused("redirect.state", () => rp.callback(back.replace(state, other.state), transaction));
    await refused("redirect.state", () => rp.callback(back, other.transaction));
    await refused("redirect.state", () => rp.callback(back.replace(`state=${state}`, "nothing=here"), transaction));
    await rp.callback(back, transaction);
  });
  await check("a redirect that claims another issuer", async () => {
    const { rp, transaction, back } = await start(publicClient);
    const forged = new URL(back);
    forged.searchParams.set("iss", "https://evil.example");
    await refused("redirect.iss", () => rp.callback(forged.href, transaction));
    forged.searchParams.delete("iss");
    await refused("redirect.iss", () => rp.callback(forged.href, transaction));
    await rp.callback(back, transaction);
  });
  await check("a wrong client secret", async () => {
    const { transaction, back } = await start(confidential);
    const rp = await party(confidential, { auth: { method: "client_secret_basic", secret: "another secret" } });
    same((await refused("token.oauth_error", () => rp.callback(back, transaction))).error, "invalid_client", "error");
  });
  await check("a token for a resource server", async () => {
    const resource = "https://api.example.com";
    const { rp, transaction, back } = await start(publicClient, { scope: "openid read", resource });
    const { code } = rp.authorizationResponse(back, transaction);
    const tokens = await rp.grant({ type: "authorization_code", code, transaction, resource });
    const { claims } = decoded(tokens.access_token);
    same([claims.aud, claims.scope], [resource, "read"], "access token");
    same(
      (await rp.verifyIdToken(tokens.id_token, { transaction, accessToken: tokens.access_token })).sub,
      "mara",
      "subject",
    );
  });
  await check("an issuer that does not exist, and metadata of another issuer", async () => {
    await refused("http.status", () => RelyingParty.discover(`${op.issuer}/nowhere`, { clientId: "spa" }));
    await refused("discovery.issuer", () =>
      RelyingParty.discover(op.issuer.replace("127.0.0.1", "localhost"), { clientId: "spa" }),
    );
  });
}
