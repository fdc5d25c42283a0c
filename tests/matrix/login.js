// What every project does: a whole login, whose provider is a fetch.
import init, { RelyingParty } from "oidc-wasm";
import { createTestProvider } from "oidc-wasm/testing";

export async function login() {
  await init();
  const { issuer, authorize, fetch } = await createTestProvider();
  const client = { clientId: "app", redirectUri: "https://app.example/cb" };
  const rp = await RelyingParty.discover(issuer, client, { fetch });
  const { url, transaction } = rp.authorizationRequest({ scope: "openid" });
  const redirect = await authorize(url);
  const { claims } = await rp.callback(redirect.url, transaction, { fetch });
  return `signed in: ${claims.sub}`;
}
