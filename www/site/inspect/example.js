// @ts-check
/** A token to try the inspector with, signed by the test provider inside this page. */
import { createTestProvider } from "oidc-wasm/testing";

/** @returns {Promise<import("../handover.js").Handed>} */
export async function example() {
  const provider = await createTestProvider({ issuer: "https://harbour.example" });
  const now = Math.floor(Date.now() / 1000);
  const { issuer } = provider;
  const nonce = "n-0S6_WzA2Mj";
  const message = await provider.sign({
    iss: issuer,
    sub: "mara",
    aud: "app",
    iat: now,
    exp: now + 300,
    nonce,
    name: "Mara Lindqvist",
  });
  const reply = await provider.fetch(`${issuer}/jwks`);
  return { message, keys: await reply.text(), issuer, clientId: "app", nonce };
}
