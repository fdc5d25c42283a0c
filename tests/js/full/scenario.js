// A login of oidc-wasm/full in any runtime, with pushed requests, proofs and nonces of both servers. Returns the result of each step.
import init, { createDpopKey, OidcError, RelyingParty } from "oidc-wasm/full";

/**
 * @param {{ issuer: string, clientId: string, redirectUri: string, audience: string, api: string, person: string }} settings
 * `person` is the URL of the server that signs the person in at the provider.
 */
export async function scenario({ issuer, clientId, redirectUri, audience, api, person }) {
  await init();
  const dpop = await createDpopKey();
  const config = { clientId, redirectUri, dpop };
  const seen = {};
  /** Statuses of the responses, by the end of the URL. */
  const answers = [];
  const onMessage = (message) => {
    if (message.type === "reply") answers.push(`${message.url.slice(issuer.length)} ${message.status}`);
  };
  const net = { onMessage };
  const told = (name) => {
    seen[name] = answers.splice(0);
  };

  const rp = await RelyingParty.discover(issuer, config);
  const { url, transaction } = await rp.authorize({ scope: "openid email read", resource: audience }, net);
  told("pushed");
  seen.address = [...new URL(url).searchParams.keys()];
  const back = await (await fetch(`${person}/?url=${encodeURIComponent(url)}`)).text();
  const login = await rp.callback(back, transaction, { ...net, resource: [] });
  told("exchanged");
  seen.login = [login.claims.sub, login.tokens.token_type];
  const renewed = await rp.refresh(login.tokens.refresh_token, { ...net, previous: login, resource: audience });
  told("refreshed");
  seen.renewed = [renewed.claims.sub, renewed.tokens.token_type];

  // Userinfo accepts only a token without a resource.
  const own = await rp.refresh(renewed.tokens.refresh_token, { previous: renewed });
  seen.email = (await rp.userInfo(own.tokens.access_token, "mara", net)).email;
  told("userinfo");

  const ordered = await rp.fetch(`${api}/orders?lamps=12`, { method: "POST", body: "12 lamps" }, renewed.tokens);
  seen.ordered = [ordered.status, await ordered.text()];
  const moved = await rp.fetch(`${api}/moved`, { redirect: "follow" }, renewed.tokens);
  seen.isFollowed = moved.ok;
  const authorization = `Bearer ${renewed.tokens.access_token}`;
  seen.bearer = (await fetch(`${api}/orders`, { headers: { authorization } })).status;
  const other = await RelyingParty.discover(issuer, { ...config, dpop: await createDpopKey() });
  seen.stolen = (await other.fetch(`${api}/orders`, undefined, renewed.tokens)).status;
  const unbound = await RelyingParty.discover(issuer, { clientId, redirectUri });
  seen.unbound = await unbound.refresh(own.tokens.refresh_token).catch((error) => {
    if (!(error instanceof OidcError)) throw error;
    return [error.code, error.error];
  });
  await rp.revoke(own.tokens.refresh_token);
  return seen;
}
