// Runs whole logins at oidc-provider and at the test provider. The package must behave the same at both.

import { demoResources, startProvider } from "../../www/provider/index.mjs";
import { createVisitor } from "../../www/provider/visitor.mjs";
import { createTestProvider } from "../support/provider/index.js";
import { serveProviders } from "../support/provider/serve.mjs";
import { createChecks } from "./lib.mjs";
import { load } from "./project.mjs";

/** The names of registration members in Dynamic Registration, and in this package. */
const names = {
  client_id: "clientId",
  client_secret: "secret",
  redirect_uris: "redirectUris",
  token_endpoint_auth_method: "auth",
  id_token_signed_response_alg: "idTokenSignedResponseAlg",
  userinfo_signed_response_alg: "userinfoSignedResponseAlg",
};
/** @returns {any} */
const registration = ({ jwks, ...registered }) => ({
  key: jwks?.keys[0],
  ...Object.fromEntries(Object.entries(names).map(([name, own]) => [own, registered[name]])),
});

const settings = {
  algorithms: ["RS256", "PS256", "ES256", "EdDSA"],
  users: { mara: { name: "Mara Lindqvist", given_name: "Mara", email: "mara@example.com" } },
  resources: Object.fromEntries(Object.entries(demoResources).map(([name, scopes]) => [name, scopes.split(" ")])),
};

/** A new person at the test provider. It has no pages, so it refuses on the person's behalf. */
function visitorAt(op, person) {
  op.mend();
  op.signOut();
  if (person?.allow === false) op.break("redirect.oauth_error");
  return createVisitor(person);
}

/**
 * Runs a part's checks at both providers, over HTTP.
 * @param {object[]} clients with the member names of Dynamic Registration
 * @param {(at: any) => Promise<unknown>} body receives the provider, its checks and the package
 */
export async function atBoth(part, clients, body) {
  const { check, results } = createChecks(part);
  const oidc = await load();
  // The back channel without the network: oidc-provider sends nothing to loopback.
  const logoutTokens = [];
  const receive = async (_url, { body }) => {
    logoutTokens.push(new URLSearchParams(body).get("logout_token"));
    return new Response();
  };
  const real = await startProvider({ clients, settings: { fetch: receive } });
  const { providers, close } = await serveProviders(async (issuer) => [
    await createTestProvider({ issuer, clients: clients.map(registration), ...settings }),
  ]);
  const [op] = providers;
  const places = {
    "oidc-provider": { issuer: real.issuer, visitor: createVisitor, logoutToken: async () => logoutTokens.at(-1) },
    "the test provider": {
      issuer: op.issuer,
      visitor: (person) => visitorAt(op, person),
      logoutToken: ({ aud, sid }) => op.logoutToken(aud, sid),
    },
  };
  for (const [place, at] of Object.entries(places))
    await body({ ...oidc, ...at, place, check: (name, run) => check(`${place}: ${name}`, run) });
  await Promise.all([real.close(), close()]);
  return results;
}
