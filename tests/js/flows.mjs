// Every response type × response mode × client authentication: for each a whole login at the real provider, userinfo included.
import { pathToFileURL } from "node:url";
import { startProvider } from "../../www/provider/index.mjs";
import { createVisitor } from "../../www/provider/visitor.mjs";
import { createClients } from "./clients.mjs";
import { createChecks } from "./lib.mjs";
import { entryOf } from "./project.mjs";

const redirectUri = "http://127.0.0.1:45873/cb?from=op";
/** What each response type brings by the redirect, and where it may come (OAuth 2.0 Multiple Response Types §2.1). */
const anywhere = ["query", "fragment", "form_post"];
const hidden = ["fragment", "form_post"];
const types = {
  code: { modes: anywhere },
  "code id_token": { modes: hidden },
  "code token": { modes: hidden },
  "code id_token token": { modes: hidden },
  id_token: { modes: hidden },
  "id_token token": { modes: hidden },
  none: { modes: anywhere },
};
const has = (type, what) => type.split(" ").includes(what);

export async function flows() {
  const { default: init, OidcError, RelyingParty } = await import(pathToFileURL(await entryOf("default")).href);
  await init();
  const { check, results } = createChecks("flows");
  const clients = await createClients({
    redirect_uris: [redirectUri],
    response_types: Object.keys(types),
    grant_types: ["authorization_code", "implicit", "refresh_token"],
  });
  const op = await startProvider({ clients: clients.map(({ registered }) => registered) });

  const same = (actual, expected, what) => {
    if (JSON.stringify(actual) !== JSON.stringify(expected))
      throw new Error(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
  };
  const refused = async (code, call) => {
    const error = await Promise.resolve()
      .then(call)
      .catch((error) => error);
    if (!(error instanceof OidcError)) throw error instanceof Error ? error : new Error(`expected ${code}`);
    same(error.code, code, "code");
    return error;
  };
  const start = async ({ clientId, auth }, params) => {
    const rp = await RelyingParty.discover(op.issuer, { clientId, redirectUri, auth });
    return { rp, ...rp.authorizationRequest({ scope: "openid email", ...params }) };
  };

  /** One whole login: sign-in and consent at the provider's pages, callback, userinfo. */
  async function login(client, responseType, responseMode) {
    const { rp, url, transaction } = await start(client, { responseType, responseMode });
    const back = await createVisitor().signIn(url);
    const { tokens, claims, report } = await rp.callback(back.form ?? back, transaction);
    if (responseType === "none") return same([tokens.access_token, claims], [undefined, undefined], "nothing");
    same([claims.iss, claims.sub, claims.aud], [op.issuer, "mara", client.clientId], "claims");
    same([report.valid, report.signature], [true, "valid"], "report");
    same(typeof tokens.refresh_token, has(responseType, "code") ? "string" : "undefined", "refresh token");
    if (responseType === "id_token") return same(tokens.access_token, undefined, "access token");
    same((await rp.userInfo(tokens.access_token, claims.sub)).email, "mara@example.com", "userinfo");
  }

  for (const [type, { modes }] of Object.entries(types))
    for (const mode of modes)
      for (const client of clients) await check(`${type}, ${mode}, ${client.name}`, () => login(client, type, mode));

  // ── what is not in the table, and why ──

  const [publicClient] = clients;
  for (const responseType of Object.keys(types).filter((type) => !types[type].modes.includes("query")))
    await check(`${responseType}, query: tokens never travel in a query`, () =>
      refused("argument.responseMode", () => start(publicClient, { responseType, responseMode: "query" })),
    );
  for (const responseMode of hidden)
    await check(`token, ${responseMode}: this provider issues no token without an ID token or a code`, async () => {
      const { rp, url, transaction } = await start(publicClient, {
        responseType: "token",
        scope: "email",
        responseMode,
      });
      const back = await createVisitor().signIn(url);
      const { error } = await refused("redirect.oauth_error", () => rp.callback(back.form ?? back, transaction));
      same(error, "unsupported_response_type", "error");
    });

  await op.close();
  return results;
}
