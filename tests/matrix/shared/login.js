// The whole login that every project runs, with a provider behind `fetch`.
import { createTestProvider } from "oidc-wasm/testing";

/** @param {typeof import("oidc-wasm")} oidc the package in the tested environment */
export async function login({ default: init, RelyingParty }) {
  await init();
  const { issuer, authorize, fetch } = await createTestProvider();
  const client = { clientId: "app", redirectUri: "https://app.example/cb" };
  const rp = await RelyingParty.discover(issuer, client, { fetch });
  const { url, transaction } = rp.authorizationRequest({ scope: "openid" });
  const redirect = await authorize(url);
  const { claims } = await rp.callback(redirect.url, transaction, { fetch });
  return `signed in: ${claims.sub}`;
}
