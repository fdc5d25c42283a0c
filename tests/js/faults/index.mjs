// The installed package at a provider that misbehaves: every row of the table in every flow that it can be seen in, and beside each
// the same login at the provider that behaves. That something is refused before a request is made is seen at the provider.
import { pathToFileURL } from "node:url";
import { createChecks } from "../lib.mjs";
import { entryOf } from "../project.mjs";
import { startFakeProvider, visit } from "./provider.mjs";
import { logins, logoutTokens, refreshes, types } from "./table.mjs";

/** The rows of the profiles that say something about a relying party's messages. */
const rows = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25, 28, 29, 30, 31, 34, 35, 36, 37,
  38, 39, 40, 41, 42, 43, 44, 46,
];

const redirectUri = "http://127.0.0.1:45872/cb?from=op";
const afterLogout = "http://127.0.0.1:45872/bye";
const initiateLoginUri = "http://127.0.0.1:45872/login";

/** Ids and secrets hold what form-encoding must care for. */
const secret = (name) => `${name}'s secret: 100% + "a/b" & c=d; ~é`;
const registered = (client_id, token_endpoint_auth_method, more = {}) => ({
  client_id,
  client_secret: token_endpoint_auth_method === "none" ? undefined : secret(client_id),
  token_endpoint_auth_method,
  id_token_signed_response_alg: "RS256",
  redirect_uris: [redirectUri],
  ...more,
});
const clients = {
  basic: registered("a client: 100% & (more) + a/b", "client_secret_basic"),
  post: registered("another client? yes=no & *", "client_secret_post"),
  public: registered("a public client, ~ #1", "none"),
  ES256: registered("an ES256 client!", "client_secret_basic", { id_token_signed_response_alg: "ES256" }),
  EdDSA: registered("an EdDSA client;", "none", { id_token_signed_response_alg: "EdDSA" }),
  HS256: registered("an HS256 client $", "client_secret_basic", { id_token_signed_response_alg: "HS256" }),
  "signed userinfo": registered("a client: signed, please", "client_secret_post", {
    userinfo_signed_response_alg: "ES256",
  }),
};

/** The same registration as the package is told it. */
function configured({ client_id, client_secret, token_endpoint_auth_method, ...algorithms }) {
  return {
    clientId: client_id,
    redirectUri,
    auth: { method: token_endpoint_auth_method, secret: client_secret },
    idTokenSignedResponseAlg: algorithms.id_token_signed_response_alg,
    userinfoSignedResponseAlg: algorithms.userinfo_signed_response_alg,
  };
}

export async function faults() {
  const { default: init, OidcError, RelyingParty } = await import(pathToFileURL(await entryOf("default")).href);
  await init();
  const { check, results } = createChecks("faults");
  const op = await startFakeProvider(Object.values(clients));
  const seen = new Set();
  const row = (number, name, body) => {
    seen.add(number);
    return check(`${Number.isInteger(number) ? `row ${number}` : number}, ${name}`, body);
  };

  const same = (actual, expected, what) => {
    if (JSON.stringify(actual) !== JSON.stringify(expected))
      throw new Error(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
  };
  const refused = async (code, call, what) => {
    let value;
    try {
      value = await call();
    } catch (error) {
      if (!(error instanceof OidcError)) throw error;
      same(error.code, code, what);
      return error;
    }
    throw new Error(`${what}: expected ${code}, was accepted: ${JSON.stringify(value)}`);
  };
  const made = (requests) =>
    same(
      Object.fromEntries(Object.keys(requests).map((endpoint) => [endpoint, op.requests[endpoint] ?? 0])),
      requests,
      "requests",
    );

  const discover = (client) => RelyingParty.discover(op.issuer, configured(clients[client]));
  /** A login up to userinfo. */
  async function login(rp, type, params) {
    const { url, transaction } = rp.authorizationRequest({ scope: "openid email", responseType: type, ...params });
    const { tokens, claims } = await rp.callback(await visit(url), transaction);
    const user = tokens.access_token && (await rp.userInfo(tokens.access_token, claims.sub));
    return { tokens, claims, user };
  }
  /** It ended as it should: everything that the response type promises is there, and about the right person. */
  function accepted(type, client, { tokens, claims, user }) {
    same([claims.iss, claims.sub], [op.issuer, "mara"], "claims");
    same([claims.aud].flat(), [clients[client].client_id], "aud");
    same(user?.sub, type === "id_token" ? undefined : "mara", "userinfo");
    same(typeof tokens.refresh_token, type.includes("code") ? "string" : "undefined", "refresh token");
    made({ token: type.includes("code") ? 1 : 0, userinfo: type === "id_token" ? 0 : 1 });
  }

  for (const one of logins) {
    const { type, client = "basic", params, keys, refused: code, requests } = one;
    await row(one.row, `${one.what}, ${type}`, async () => {
      const attempt = async () => login(await discover(client), type, params);
      op.behave();
      accepted(type, client, await attempt());

      op.behave({ ...one.faults, keys });
      if (!code) accepted(type, client, await attempt());
      else {
        const error = await refused(code, attempt, "verdict");
        same(error.error, one.error, "error");
        made(requests);
      }
      same(
        op.idle.filter((name) => name !== "token" || type.includes("code")),
        [],
        "faults that nothing came by",
      );
    });
  }

  // ── where the keys are, and when they change ──

  for (const type of types) {
    await row(21, `a random jwks_uri, ${type}`, async () => {
      op.behave();
      op.moveKeys();
      accepted(type, "basic", await login(await discover("basic"), type));
      made({ jwks: 1, unknown: 0 });
    });
    await row(23, `all keys replaced between logins, ${type}`, async () => {
      op.behave();
      const rp = await discover("basic");
      await login(rp, type);
      op.replaceKeys();
      same((await login(rp, type)).claims.sub, "mara", "second login");
      made({ jwks: 2, discovery: 1 });
      await login(rp, type);
      made({ jwks: 2 });
    });
  }
  for (const [channel, type] of [
    ...types.filter((type) => type.includes("id_token")).map((type) => ["front", type]),
    ...types.filter((type) => type.includes("code")).map((type) => ["back", type]),
  ]) {
    await row(24, `all keys replaced just before signing, ${type}, ${channel}`, async () => {
      op.behave();
      const rp = await discover("basic");
      accepted(type, "basic", await login(rp, type));
      let replaced = false;
      const replaceOnce = (token, { provider }) => {
        if (!replaced) provider.replaceKeys();
        replaced = true;
        token.key = provider.keyOf("RS256");
        token.header.kid = token.key.kid;
      };
      op.behave({ [channel]: replaceOnce });
      accepted(type, "basic", await login(rp, type));
      made({ jwks: 1 });
    });
  }

  // ── refresh ──

  for (const { row: number, what, bend, refused: code } of refreshes) {
    for (const type of types.filter((type) => type.includes("code"))) {
      await row(number, `refreshed ID token: ${what}, ${type}`, async () => {
        op.behave();
        const rp = await discover("basic");
        const { tokens, claims } = await login(rp, type);
        const good = await rp.refresh(tokens.refresh_token, { previous: claims });
        same(good.claims.sub, "mara", "refreshed");
        if (good.tokens.refresh_token === tokens.refresh_token) throw new Error("the old refresh token was kept");
        if (bend) {
          op.behave({ refreshed: bend });
          const again = () => rp.refresh(good.tokens.refresh_token, { previous: claims });
          await refused(code, again, "verdict");
          return made({ token: 1, userinfo: 0 });
        }
        await refused("token.oauth_error", () => rp.refresh(tokens.refresh_token), "the token before");
        const newest = await rp.refresh(good.tokens.refresh_token, { previous: good.claims });
        same((await rp.userInfo(newest.tokens.access_token, claims.sub)).sub, "mara", "with the newest");
      });
    }
  }

  // ── a login that the provider starts, and the ways out ──

  for (const type of types) {
    const started = (parameters) => `${initiateLoginUri}?${new URLSearchParams(parameters)}`;
    await row(34, `the provider starts a login, ${type}`, async () => {
      op.behave();
      const rp = await discover("basic");
      const target_link_uri = "http://127.0.0.1:45872/inbox";
      const { loginHint, targetLinkUri } = rp.initiatedLogin(
        started({ iss: op.issuer, login_hint: "mara", target_link_uri }),
      );
      same([loginHint, targetLinkUri], ["mara", target_link_uri], "asked for");
      accepted(type, "basic", await login(rp, type, { loginHint }));

      op.behave();
      const here = (parameters) => async () => login(rp, type, rp.initiatedLogin(started(parameters)) && {});
      const elsewhere = ["https://evil.example/", op.issuer.slice(0, -1), ""];
      for (const iss of elsewhere) await refused("initiated_login.iss", here({ iss }), `iss ${iss}`);
      await refused("initiated_login.iss", here({ login_hint: "mara" }), "no iss");
      const away = { iss: op.issuer, target_link_uri: "https://evil.example/inbox" };
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
      const back = async () => visit(rp.endSessionUrl({ postLogoutRedirectUri: afterLogout, state }));
      op.behave();
      same(rp.endSessionReturned(await back(), state), true, "the neighbour");
      op.behave({ loggedOut });
      same(rp.endSessionReturned(await back(), state), false, "verdict");
    });

  for (const { row: number, what, bend, refused: code } of logoutTokens)
    for (const client of ["basic", "public"])
      await row(number, `logout token: ${what}, ${client}`, async () => {
        op.behave();
        const rp = await discover(client);
        const claims = await rp.verifyLogoutToken(op.logoutToken(clients[client]));
        same([claims.iss, typeof claims.sid], [op.issuer, "string"], "claims");
        const token = op.logoutToken(clients[client], bend);
        if (code) await refused(code, () => rp.verifyLogoutToken(token), "verdict");
        made({ jwks: 1, token: 0, userinfo: 0 });
      });

  for (const type of types)
    await row(46, `session_state, ${type}`, async () => {
      op.behave();
      const rp = await discover("basic");
      const kept = async (params) => (await login(rp, type, params)).tokens.session_state;
      const frame = (state) => op.checkSession(clients.basic, new URL(redirectUri).origin, state);
      const before = await kept();
      same(frame(before), "unchanged", "as it was given");
      op.changeSession();
      same(frame(before), "changed", "after somebody else signed in");
      same(frame(await kept({ prompt: "none" })), "unchanged", "of a silent login afterwards");
    });

  await check("every row is here", () =>
    same(
      rows.filter((number) => !seen.has(number)),
      [],
      "rows without a test",
    ),
  );

  await op.close();
  return results;
}
