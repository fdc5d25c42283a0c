import init, { RelyingParty } from "oidc-wasm";
import { createTestProvider } from "oidc-wasm/testing";
import { afterEach, expect, test } from "vitest";

await init();
const op = await createTestProvider({ users: { alice: { name: "Alice" } } });
const client = { clientId: "app", redirectUri: "https://app.example/cb" };
const rp = await RelyingParty.discover(op.issuer, client, { fetch: op.fetch });

async function login() {
  const { url, transaction } = rp.authorizationRequest();
  const redirect = await op.authorize(url); // Alice signs in; { deny: "access_denied" } refuses
  return rp.callback(redirect.url, transaction, { fetch: op.fetch });
}

afterEach(() => op.mend());

test("Alice signs in", async () => {
  const { claims } = await login();
  expect(claims.sub).toBe("alice");
});

test("a nonce of another login is rejected", async () => {
  op.break("id_token.nonce");
  await expect(login()).rejects.toMatchObject({ code: "id_token.nonce" });
});
