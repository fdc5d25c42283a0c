// Each response type, response mode and client: a whole login at both providers, with userinfo.
import { createClients } from "./clients.mjs";
import { same } from "./lib.mjs";
import { atBoth } from "./places.mjs";

const redirectUri = "http://127.0.0.1:45873/cb?from=op";
/** What the redirect of each response type contains, and its allowed modes (OAuth 2.0 Multiple Response Types §2.1). */
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
  const clients = await createClients({
    redirect_uris: [redirectUri],
    response_types: Object.keys(types),
    grant_types: ["authorization_code", "implicit", "refresh_token"],
  });
  const registered = clients.map(({ registered }) => registered);
  return atBoth("flows", registered, (at) => flowsAt(clients, at));
}

async function flowsAt(clients, { place, check, refused, RelyingParty, ...op }) {
  const start = async ({ config }, params) => {
    const rp = await RelyingParty.discover(op.issuer, { ...config, redirectUri });
    return { rp, ...rp.authorizationRequest({ scope: "openid email", ...params }) };
  };

  /** One whole login: sign-in and consent at the provider's pages, callback, userinfo. */
  async function login(client, responseType, responseMode) {
    const { rp, url, transaction } = await start(client, { responseType, responseMode });
    const back = await op.visitor().signIn(url);
    const { tokens, claims, report } = await rp.callback(back.form ?? back, transaction);
    if (responseType === "none") return same([tokens.access_token, claims], [undefined, undefined], "nothing");
    same([claims.iss, claims.sub, claims.aud], [op.issuer, "mara", client.config.clientId], "claims");
    same([report.valid, report.signature], [true, "valid"], "report");
    same(typeof tokens.refresh_token, has(responseType, "code") ? "string" : "undefined", "refresh token");
    if (responseType === "id_token") return same(tokens.access_token, undefined, "access token");
    same((await rp.userInfo(tokens.access_token, claims.sub)).email, "mara@example.com", "userinfo");
  }

  for (const [type, { modes }] of Object.entries(types))
    for (const mode of modes)
      for (const client of clients) await check(`${type}, ${mode}, ${client.name}`, () => login(client, type, mode));

  // ── response types outside the table, and the reasons ──

  const [publicClient] = clients;
  for (const responseType of Object.keys(types).filter((type) => !types[type].modes.includes("query")))
    await check(`${responseType}, query: tokens never travel in a query`, () =>
      refused("argument.responseMode", () => start(publicClient, { responseType, responseMode: "query" })),
    );
  for (const responseMode of hidden) {
    const token = async () => {
      const { rp, url, transaction } = await start(publicClient, {
        responseType: "token",
        scope: "email",
        responseMode,
      });
      const back = await op.visitor().signIn(url);
      const { tokens } = await rp.callback(back.form ?? back, transaction);
      same((await rp.userInfo(tokens.access_token, "mara")).email, "mara@example.com", "userinfo");
    };
    if (place === "the test provider") await check(`token, ${responseMode}`, token);
    else
      await check(`token, ${responseMode}: it issues no token without an ID token or a code`, async () => {
        same((await refused("redirect.oauth_error", token)).error, "unsupported_response_type", "error");
      });
  }
}
