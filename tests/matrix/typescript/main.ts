import init, { type ClientConfig, OidcError, RelyingParty } from "oidc-wasm";
import { createTestProvider } from "oidc-wasm/testing";

const { issuer, authorize, fetch } = await createTestProvider();
const client: ClientConfig = { clientId: "app", redirectUri: "https://app.example/cb" };
await init();
const rp = await RelyingParty.discover(issuer, client, { fetch });
const { url, transaction } = rp.authorizationRequest();
const back = (await authorize(url)).url;
const { claims } = await rp.callback(back, transaction, { fetch });
console.log(`signed in: ${claims?.sub}`);
rp.callback(back, transaction, { fetch }).catch((error: unknown) => {
  if (!(error instanceof OidcError)) throw error;
});
