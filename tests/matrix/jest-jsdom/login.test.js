const { default: init, RelyingParty } = require("oidc-wasm");
const { createTestProvider } = require("oidc-wasm/testing");

test("Alice signs in", async () => {
  expect(document.body).toBeDefined();
  await init();
  const op = await createTestProvider();
  const client = { clientId: "app", redirectUri: "https://app.example/cb" };
  const rp = await RelyingParty.discover(op.issuer, client, { fetch: op.fetch });
  const { url, transaction } = rp.authorizationRequest();
  const redirect = await op.authorize(url);
  const { claims } = await rp.callback(redirect.url, transaction, { fetch: op.fetch });
  expect(claims.sub).toBe("alice");
});
