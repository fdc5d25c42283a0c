// A login that keeps a profile of FAPI 2.0, and what it refuses. Returns the result of each step.
import init, { createDpopKey, OidcError, RelyingParty } from "oidc-wasm/full";

/**
 * @param {{ issuer: string, config: any, signIn: (url: string) => Promise<any> }} settings `config` has no key for proofs yet.
 */
export async function strict({ issuer, config, signIn }) {
  await init();
  const client = { ...config, dpop: await createDpopKey() };
  /** @type {any} */
  const seen = {};
  const answers = [];
  const net = {
    onMessage: (message) => {
      if (message.type === "reply") answers.push(`${message.url.slice(issuer.length)} ${message.status}`);
    },
  };
  const told = (name) => {
    seen[name] = answers.splice(0);
  };

  const rp = await RelyingParty.discover(issuer, client, net);
  told("discovered");
  const { url, transaction } = await rp.authorize({ scope: "openid email" }, net);
  told("pushed");
  seen.address = [...new URL(url).searchParams.keys()];
  const back = await signIn(url);
  seen.back = [...new URL(back).searchParams.keys()];
  const login = await rp.callback(back, transaction, net);
  told("exchanged");
  seen.login = [login.claims.sub, login.tokens.token_type, login.report?.header.alg];
  const renewed = await rp.refresh(`${login.tokens.refresh_token}`, { ...net, previous: login });
  told("refreshed");
  seen.renewed = [renewed.claims.sub, renewed.tokens.token_type];
  seen.email = (await rp.userInfo(renewed.tokens, login.claims.sub, net)).email;
  told("userinfo");
  let type;
  const onMessage = (message) => {
    if (message.type === "reply") type = message.contentType;
  };
  seen.introspected = [(await rp.introspect(renewed.tokens.access_token, { onMessage })).sub, type];

  const unsigned = await RelyingParty.discover(issuer, { ...client, introspectionSignedResponseAlg: undefined });
  const code = async (call) => {
    try {
      await call();
    } catch (error) {
      if (error instanceof OidcError) return error.code;
      throw error;
    }
    return "ok";
  };
  seen.refused = [
    await code(() => rp.authorize({ responseType: "code id_token" }, net)),
    await code(() => rp.authorizationRequest()),
    await code(() => rp.userInfo({ ...renewed.tokens, token_type: "Bearer" }, login.claims.sub, net)),
    await code(() => RelyingParty.discover(issuer, config, net)),
    await code(() => RelyingParty.discover(issuer, { ...client, auth: undefined }, net)),
    await code(() => unsigned.introspect(renewed.tokens.access_token)),
  ];
  told("afterwards");
  return seen;
}

/**
 * A login that the client starts, with a profile of FAPI 2.0.
 * @param {{ issuer: string, config: any, confirm: () => Promise<void> }} settings
 */
export async function strictPhone({ issuer, config, confirm }) {
  await init();
  const rp = await RelyingParty.discover(issuer, { ...config, dpop: await createDpopKey() });
  const hint = { scope: "openid email", loginHint: "mara" };
  const refused = await rp.backchannelAuthentication(hint).catch(({ code }) => code);
  const asked = await rp.backchannelAuthentication({ ...hint, bindingMessage: "W4SCT" });
  await confirm();
  const { claims, tokens, report } = await rp.backchannelLogin({ ...asked, interval: 0 });
  const { email } = await rp.userInfo(tokens, claims.sub);
  return { refused, login: [claims.sub, tokens.token_type, report?.header.alg], email };
}
