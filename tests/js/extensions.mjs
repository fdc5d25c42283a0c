// OAuth beyond a login, at oidc-provider with each feature on: oidc-wasm/full in Node.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startProvider } from "../../www/provider/index.mjs";
import { createVisitor } from "../../www/provider/visitor.mjs";
import { createChecks, same } from "./lib.mjs";
import { installed } from "./project.mjs";

const clients = [
  {
    client_id: "a television",
    grant_types: ["urn:ietf:params:oauth:grant-type:device_code"],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: "none",
  },
];

const features = {
  deviceFlow: { enabled: true },
};

export async function extensions() {
  const { check, results } = createChecks("extensions");
  const oidc = await import(pathToFileURL(join(installed, "dist/full.js")).href);
  const { default: init, RelyingParty } = oidc;
  await init();
  const real = await startProvider({ clients, features });
  const refusal = (promise) => promise.then(() => undefined).catch(({ code, error }) => [code, error]);

  await check("a device without a browser: pending, the person, the ID token", async () => {
    const rp = await RelyingParty.discover(real.issuer, { clientId: "a television" });
    const device = await rp.deviceAuthorization({ scope: "openid email" });
    const errors = [];
    const fetch = async (address, init) => {
      const reply = await globalThis.fetch(address, init);
      if (String(address).endsWith("/token")) errors.push((await reply.clone().json()).error);
      if (errors.length === 1) await createVisitor().activate(device.verification_uri_complete);
      return reply;
    };
    const login = await rp.deviceLogin({ ...device, interval: 0 }, { fetch });
    same([login.claims.sub, login.tokens.token_type], ["mara", "Bearer"], "login");
    same(errors, ["authorization_pending", undefined], "answers");
    const refused = await rp.deviceAuthorization({ scope: "openid" });
    await createVisitor({ allow: false }).activate(refused.verification_uri_complete);
    same(
      await refusal(rp.deviceLogin({ ...refused, interval: 0 })),
      ["token.oauth_error", "access_denied"],
      "where the person refuses",
    );
    same(await refusal(rp.deviceLogin({ ...refused, interval: 0, device_code: "of nobody" })), [
      "token.oauth_error",
      "invalid_grant",
    ]);
  });
  await real.close();
  return results;
}
