// The installed package at a provider with faults. Each row of the table runs in every flow that can show it. The same
// login without the fault runs beside it. The provider counts the requests before an error.
import { ruleOf } from "../../support/provider/faults.js";
import { createTestProvider } from "../../support/provider/index.js";
import { serveProviders } from "../../support/provider/serve.mjs";
import { createChecks, same } from "../lib.mjs";
import { load } from "../project.mjs";
import { logins, logoutTokens, refreshes, types } from "./table.mjs";

/** The rows of the profiles that concern messages of a relying party. */
const rows = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25, 28, 29, 30, 31, 34, 35, 36, 37,
  38, 39, 40, 41, 42, 43, 44, 46,
];

const redirectUri = "http://127.0.0.1:45872/cb?from=op";
const afterLogout = "http://127.0.0.1:45872/bye";
const initiateLoginUri = "http://127.0.0.1:45872/login";

/** Ids and secrets contain characters that form encoding must escape. */
const registered = (clientId, auth, more = {}) => ({
  clientId,
  secret: auth === "none" ? undefined : `${clientId}'s secret: 100% + "a/b" & c=d; ~é`,
  auth,
  redirectUris: [redirectUri],
  idTokenSignedResponseAlg: "RS256",
  ...more,
});
const clients = {
  basic: registered("a client: 100% & (more) + a/b", "client_secret_basic"),
  post: registered("another client? yes=no & *", "client_secret_post"),
  public: registered("a public client, ~ #1", "none"),
  ES256: registered("an ES256 client!", "client_secret_basic", { idTokenSignedResponseAlg: "ES256" }),
  EdDSA: registered("an EdDSA client;", "none", { idTokenSignedResponseAlg: "EdDSA" }),
  HS256: registered("an HS256 client $", "client_secret_basic", { idTokenSignedResponseAlg: "HS256" }),
  "signed userinfo": registered("a client: signed, please", "client_secret_post", {
    userinfoSignedResponseAlg: "ES256",
  }),
};

/** The same registration as options of the package. */
const configured = ({ secret, auth: method, redirectUris: [redirectUri], ...more }) => ({
  ...more,
  redirectUri,
  auth: { method, secret },
});

export async function faults() {
  const { RelyingParty, refused } = await load();
  const { check, results } = createChecks("faults");
  const settings = {
    algorithms: ["RS256", "RS256", "ES256", "ES256", "EdDSA"],
    clients: Object.values(clients),
    users: { mara: { email: "mara@example.com" }, tomas: {} },
    terse: true,
  };
  const { providers, close } = await serveProviders(async (origin) => [
    await createTestProvider({ issuer: `${origin}/tenants/one/`, ...settings }),
  ]);
  const [op] = providers;
  const { id_token_signing_alg_values_supported: listed } = op.metadata;
  op.metadata.id_token_signing_alg_values_supported = ["none", ...listed, "ES256K"];
  let since = 0;
  /**
   * Sets one fault or some changes, or none, and resets the provider's counters.
   * @param {{ fault?: string, channel?: string, change?: object }} [wrong]
   */
  function behave({ fault, channel, change } = {}) {
    op.mend();
    if (fault) op.break(fault, { channel });
    if (change) op.change(change);
    since = op.requests.length;
  }
  const made = (wanted) => {
    const asked = op.requests.slice(since).map(({ endpoint }) => endpoint);
    const counts = Object.keys(wanted).map((name) => [name, asked.filter((one) => one === name).length]);
    same(Object.fromEntries(counts), wanted, "requests");
  };
  const seen = new Set();
  const row = (number, name, body) => {
    seen.add(number);
    return check(`${Number.isInteger(number) ? `row ${number}` : number}, ${name}`, body);
  };

  const discover = (client) => RelyingParty.discover(op.issuer, configured(clients[client]));
  /** A login up to userinfo. */
  async function login(rp, type, params) {
    const { url, transaction } = rp.authorizationRequest({ scope: "openid email", responseType: type, ...params });
    const back = await op.authorize(url);
    const { tokens, claims } = await rp.callback(back.body ?? back.url, transaction);
    const user = tokens.access_token && (await rp.userInfo(tokens.access_token, claims.sub));
    return { tokens, claims, user };
  }
  /** The login succeeded: each value of the response type exists and belongs to the right person. */
  function accepted(type, client, { tokens, claims, user }) {
    same([claims.iss, claims.sub], [op.issuer, "mara"], "claims");
    same([claims.aud].flat(), [clients[client].clientId], "aud");
    same(user?.sub, type === "id_token" ? undefined : "mara", "userinfo");
    same(typeof tokens.refresh_token, type.includes("code") ? "string" : "undefined", "refresh token");
    made({ token: type.includes("code") ? 1 : 0, userinfo: type === "id_token" ? 0 : 1 });
  }

  for (const one of logins) {
    const { type, client = "basic", params, refused: code, requests } = one;
    await row(one.row, one.what, async () => {
      const attempt = async () => login(await discover(client), type, params);
      behave();
      accepted(type, client, await attempt());

      behave(one);
      if (!code) accepted(type, client, await attempt());
      else {
        const error = await refused(code, attempt, "verdict");
        same(error.error, one.error, "error");
        made(requests);
      }
      const bought = type.includes("code") ? [] : ["tokens"];
      same(op.idle, one.change?.tokens ? bought : [], "changes that no message used");
    });
  }
  for (const type of ["code", "code token"])
    await row(7, `nonce present when none was sent, ${type}`, async () => {
      const rp = await discover("basic");
      const { clientId: aud } = clients.basic;
      const bought = (nonce) => {
        const iat = Math.floor(Date.now() / 1000);
        const claims = { iss: op.issuer, sub: "mara", aud, iat, exp: iat + 300, nonce };
        behave({ change: { tokens: async (body) => Object.assign(body, { id_token: await op.sign(claims) }) } });
        return login(rp, type, { scope: "email" });
      };
      accepted(type, "basic", await bought(undefined));
      await refused("id_token.nonce", () => bought("unasked"), "verdict");
      made({ token: 1, userinfo: 0 });
    });

  // ── where the keys are, and when they change ──

  for (const type of types) {
    await row(21, `a random jwks_uri, ${type}`, async () => {
      const jwks_uri = op.issuer + crypto.randomUUID();
      behave({ change: { metadata: (it) => Object.assign(it, { jwks_uri }) } });
      accepted(type, "basic", await login(await discover("basic"), type));
      made({ jwks: 1, unknown: 0 });
      same(
        op.requests.some(({ url }) => url === jwks_uri),
        true,
        "asked there",
      );
    });
    await row(23, `all keys replaced between logins, ${type}`, async () => {
      behave();
      const rp = await discover("basic");
      await login(rp, type);
      await op.rotateKeys();
      same((await login(rp, type)).claims.sub, "mara", "second login");
      made({ jwks: 2, discovery: 1 });
      await login(rp, type);
      made({ jwks: 2 });
    });
  }
  for (const [channel, type] of [
    ...types.filter((type) => type.includes("id_token")).map((type) => ["front", type]),
    ...types.filter((type) => type.includes("code")).map((type) => ["token", type]),
  ]) {
    await row(24, `all keys replaced just before signing, ${type}, ${channel}`, async () => {
      behave();
      const rp = await discover("basic");
      accepted(type, "basic", await login(rp, type));
      let replaced = false;
      const replaceOnce = async (token) => {
        if (!replaced) await op.rotateKeys();
        replaced = true;
        const { kid, privateKey } = op.keyOf("RS256");
        token.header.kid = kid;
        token.key = privateKey;
      };
      behave({ change: { [`idToken.${channel}`]: replaceOnce } });
      accepted(type, "basic", await login(rp, type));
      same(replaced, true, "replaced");
      made({ jwks: 1 });
    });
  }

  // ── refresh ──

  for (const { row: number, fault } of refreshes) {
    for (const type of types.filter((type) => type.includes("code"))) {
      await row(
        number,
        `refreshed ID token: ${fault ?? "correct, with a rotated refresh token"}, ${type}`,
        async () => {
          behave();
          const rp = await discover("basic");
          const { tokens, claims } = await login(rp, type);
          const good = await rp.refresh(tokens.refresh_token, { previous: claims });
          same(good.claims.sub, "mara", "refreshed");
          if (good.tokens.refresh_token === tokens.refresh_token) throw new Error("the old refresh token was kept");
          const again = () => rp.refresh(good.tokens.refresh_token, { previous: claims });
          if (fault) {
            behave({ fault, channel: "refresh" });
            await refused(ruleOf(fault), again, "verdict");
            return made({ token: 1, userinfo: 0 });
          }
          const newest = await again();
          same((await rp.userInfo(newest.tokens.access_token, claims.sub)).sub, "mara", "with the newest token");
          await refused("token.oauth_error", () => rp.refresh(tokens.refresh_token), "the previous token");
          await refused("token.oauth_error", () => rp.refresh(newest.tokens.refresh_token), "the session has ended");
        },
      );
    }
  }

  // ── a login that the provider starts, and the ways out ──

  for (const type of types) {
    await row(34, `the provider starts a login, ${type}`, async () => {
      behave();
      const rp = await discover("basic");
      const target_link_uri = "http://127.0.0.1:45872/inbox";
      const started = (parameters) => op.initiateLogin(initiateLoginUri, parameters);
      const { loginHint, targetLinkUri } = rp.initiatedLogin(await started({ login_hint: "mara", target_link_uri }));
      same([loginHint, targetLinkUri], ["mara", target_link_uri], "asked for");
      accepted(type, "basic", await login(rp, type, { loginHint }));

      behave();
      const here = (address) => async () => login(rp, type, rp.initiatedLogin(await address) && {});
      const elsewhere = ["https://evil.example/", op.issuer.slice(0, -1), ""];
      for (const iss of elsewhere) await refused("initiated_login.iss", here(started({ iss })), `iss ${iss}`);
      await refused("initiated_login.iss", here(`${initiateLoginUri}?login_hint=mara`), "no iss");
      const away = started({ target_link_uri: "https://evil.example/inbox" });
      await refused("initiated_login.target_link_uri", here(away), "an open redirector");
      made({ authorize: 0, token: 0, userinfo: 0 });
    });
  }
  const logouts = [
    [35, "altered", (parameters) => parameters.set("state", `${parameters.get("state")}x`)],
    [36, "missing", (parameters) => parameters.delete("state")],
  ];
  for (const [number, what, loggedOut] of logouts)
    await row(number, `post-logout state ${what}`, async () => {
      const rp = await discover("basic");
      const state = "state-of-this-logout";
      const back = async () => {
        const reply = await fetch(rp.endSessionUrl({ postLogoutRedirectUri: afterLogout, state }), {
          redirect: "manual",
        });
        return reply.headers.get("location");
      };
      behave();
      same(rp.endSessionReturned(await back(), state), true, "the neighbour");
      behave({ change: { loggedOut } });
      same(rp.endSessionReturned(await back(), state), false, "verdict");
      same(op.idle, [], "changes that no message used");
    });

  for (const [number, fault] of Object.entries(logoutTokens))
    for (const client of ["basic", "public"])
      await row(Number(number), `logout token: ${fault ?? "correct"}, ${client}`, async () => {
        behave();
        const rp = await discover(client);
        const { clientId } = clients[client];
        const claims = await rp.verifyLogoutToken(await op.logoutToken(clientId));
        same([claims.iss, typeof claims.sid], [op.issuer, "string"], "claims");
        behave({ fault });
        const token = await op.logoutToken(clientId);
        if (fault) await refused(ruleOf(fault), () => rp.verifyLogoutToken(token), "verdict");
        made({ jwks: 0, token: 0, userinfo: 0 });
      });

  for (const type of types)
    await row(46, `session_state, ${type}`, async () => {
      behave();
      const rp = await discover("basic");
      const sid = async (params) => (await login(rp, type, params)).tokens.session_state.split(".")[0];
      const before = await sid();
      same(await sid({ prompt: "none" }), before, "of a silent login");
      await op.authorize(rp.authorizationRequest().url, { user: "tomas" });
      const after = await sid({ prompt: "none" });
      if (after === before) throw new Error("the session did not change after another person signed in");
      await op.authorize(rp.authorizationRequest().url, { user: "mara" });
    });

  await check("every row is here", () =>
    same(
      rows.filter((number) => !seen.has(number)),
      [],
      "rows without a test",
    ),
  );

  await close();
  return results;
}
