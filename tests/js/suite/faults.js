// The test provider with one fault at a time. The package must reject each fault with its rule's code, and with no other.

import { RelyingParty } from "oidc-wasm";
import { faults, notBroken, ruleOf } from "../../support/provider/faults.js";
import { createTestProvider } from "../../support/provider/index.js";
import { isLogin } from "../build.js";
import rules from "../rules.js";
import { withFastTimers } from "./fake.js";
import { outcome, same, secret, test, vector } from "./harness.js";

const issuer = "https://op.test/tenant/";
const home = "https://app.example.com";
const api = "https://api.example.com";
const auth = /** @type {const} */ ({ method: "client_secret_basic", secret: "a secret of thirty-two bytes or more" });
const client = { clientId: "app", redirectUri: `${home}/cb`, auth, idTokenSignedResponseAlg: "RS256" };
const config = { ...client, userinfoSignedResponseAlg: "RS256" };
const { method: _, ...registered } = { ...config, ...auth, auth: auth.method };

let made;
/** One provider for all cases. A Worker cannot create one at module scope. */
async function provider() {
  made ??= createTestProvider({ issuer, algorithms: ["RS256", "ES256"], clients: [registered] });
  const op = await made;
  op.mend();
  return op;
}

/** A whole login and every request that may follow. @param {any} [responseType] */
async function walk(op, responseType = "code") {
  const { fetch } = op;
  const rp = await RelyingParty.discover(issuer, config, { fetch });
  const { url, transaction } = rp.authorizationRequest({
    scope: "openid read",
    responseType,
    resource: api,
    maxAge: 3600,
    claims: { id_token: { acr: { essential: true, value: "urn:x" } } },
  });
  // The login's own token is for userinfo. A later refresh obtains the token for the resource server.
  const options = { fetch, resource: [] };
  const { tokens, claims, report } = await rp.callback((await op.authorize(url)).url, secret(transaction), options);
  for (const name of ["access_token", "refresh_token", "id_token"]) secret(tokens[name]);
  if (tokens.access_token) await rp.userInfo(tokens.access_token, claims.sub, { fetch });
  if (tokens.refresh_token) {
    const renewed = await rp.refresh(tokens.refresh_token, { resource: api, previous: claims, fetch });
    const needed = { audience: api, clientId: "app", scope: "read", acrValues: "urn:x", maxAge: 3600 };
    await rp.verifyAccessToken(secret(renewed.tokens.access_token), needed, { fetch });
    const said = await rp.introspect(renewed.tokens.access_token, { fetch, expected: needed });
    same(said.active, true, "introspected");
    await rp.revoke(renewed.tokens.access_token, { fetch });
    same((await rp.introspect(renewed.tokens.access_token, { fetch })).active, false, "introspection after revocation");
  }
  await rp.verifyLogoutToken(await op.logoutToken(client.clientId), { fetch });
  rp.initiatedLogin(await op.initiateLogin(`${home}/login`, { target_link_uri: `${home}/inbox` }));
  return report;
}

for (const flow of new Set(["code", ...Object.values(faults).map(({ flow }) => flow ?? "code")]))
  test(`faults: none, ${flow}`, async () => {
    const report = await walk(await provider(), flow);
    same(
      report.checks.filter(({ warning, verdict }) => warning || verdict === "fail"),
      [],
      "failed rules",
    );
  });

// This walk uses services that oidc-wasm/login lacks.
for (const name of isLogin ? [] : Object.keys(faults))
  vector(`faults/${name}`, async () => {
    const op = await provider();
    op.break(name);
    let found;
    // Only a request to the silent endpoint has little time: on a busy machine, a good answer may take longer.
    const [endpoint] = name.split(".");
    const path = endpoint === "discovery" ? "openid-configuration" : endpoint;
    let isSilent = false;
    const fetch = (input, init) => {
      isSilent = `${input}`.endsWith(path);
      return op.fetch(input, init);
    };
    const judge = async () => {
      found = await outcome(() => walk({ ...op, fetch }, faults[name].flow));
    };
    if (ruleOf(name) === "http.timeout") await withFastTimers(judge, () => isSilent);
    else await judge();
    const { value, error } = found;
    // A warning does not stop the login.
    const warned = value?.checks.filter(({ warning }) => warning).map(({ rule }) => rule);
    const verdict = error?.code ?? warned.join();
    same(verdict, ruleOf(name), "rule");
    same(op.idle, [], "changes that no message used");
    return verdict;
  });

test("faults: every rule has a fault, or a reason why no provider can break it", () => {
  const broken = new Set(Object.keys(faults).map(ruleOf));
  const explained = Object.keys(notBroken);
  same(
    explained.filter((rule) => broken.has(rule)),
    [],
    "rules with both a fault and a reason",
  );
  same([...broken, ...explained].sort(), [...rules].sort(), "rules");
});
