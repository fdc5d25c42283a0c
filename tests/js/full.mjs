// A login of oidc-wasm/full in Node at oidc-provider, which demands pushed requests, binds tokens to keys and asks for nonces.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startProvider } from "../../www/provider/index.mjs";
import { createVisitor } from "../../www/provider/visitor.mjs";
import { createChecks, same } from "./lib.mjs";
import { entryOf, installed } from "./project.mjs";

const redirectUri = "http://127.0.0.1:45871/cb";
const audience = "https://api.example.com";
const clientId = "a client with a key";

export async function full() {
  const { check, results } = createChecks("full");
  let createDpopKey;
  let init;
  let RelyingParty;
  await check("an engine that runs already gives way, and its parties live on", async () => {
    const { default: initDefault, RelyingParty: Party } = await import(pathToFileURL(await entryOf("default")).href);
    await initDefault();
    const before = new Party(
      { issuer: "https://op.example", jwks_uri: "https://op.example/jwks" },
      { clientId: "app" },
    );
    same(before.checkIdToken("").checks[0].rule, "jws.malformed", "before");
    ({
      createDpopKey,
      default: init,
      RelyingParty,
    } = await import(pathToFileURL(join(installed, "dist/full.js")).href));
    same(before.checkIdToken("").checks[0].rule, "jws.malformed", "while the other has not begun");
    await init();
    same(before.checkIdToken("").checks[0].rule, "jws.malformed", "after");
  });
  const nonceSecret = randomBytes(32);
  const real = await startProvider({
    clients: [
      {
        client_id: clientId,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: "none",
        dpop_bound_access_tokens: true,
      },
    ],
    features: {
      dPoP: { enabled: true, nonceSecret, requireNonce: () => true },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    },
  });
  const api = await startApi(RelyingParty, real.issuer);

  await check("PAR, DPoP and nonces: login, userinfo, refresh, an API", async () => {
    const sent = [];
    const onMessage = ({ type, url, status }) => sent.push(type === "reply" ? status : url?.slice(real.issuer.length));
    const dpop = await createDpopKey();
    const config = { clientId, redirectUri, dpop };
    const rp = await RelyingParty.discover(real.issuer, config);
    const asked = { scope: "openid email read", resource: audience };
    const { url, transaction } = await rp.authorize(asked, { onMessage });
    same(sent, ["/request", 400, "/request", 201], "a nonce is asked for once");
    same([...new URL(url).searchParams.keys()], ["client_id", "request_uri"], "parameters of the address");

    const back = await createVisitor().signIn(url);
    const login = await rp.callback(back, transaction, { resource: [] });
    same([login.claims.sub, login.tokens.token_type], ["mara", "DPoP"], "login");
    const renewed = await rp.refresh(login.tokens.refresh_token, { previous: login, resource: audience });
    same([renewed.claims.sub, renewed.tokens.token_type], ["mara", "DPoP"], "refreshed");

    const first = await rp.fetch(api.address, { method: "POST", body: "an order" }, renewed.tokens);
    same([first.status, await first.text()], [200, "mara: an order"], "the API");
    same(api.seen, [401, 200], "a nonce is asked for once");
    const bearer = await fetch(api.address, { headers: { authorization: `Bearer ${renewed.tokens.access_token}` } });
    same([bearer.status, await bearer.text()], [401, "access_token.cnf"], "the token without its key");
    const other = await RelyingParty.discover(real.issuer, { ...config, dpop: await createDpopKey() });
    const stolen = await other.fetch(api.address, undefined, renewed.tokens);
    same([stolen.status, await stolen.text()], [401, "access_token.cnf"], "the token with another key");
    await rp.revoke(renewed.tokens.refresh_token);
  });
  await check("userinfo takes the bound token with its proof", async () => {
    const rp = await RelyingParty.discover(real.issuer, { clientId, redirectUri, dpop: await createDpopKey() });
    const { url, transaction } = await rp.authorize({ scope: "openid email" });
    const { tokens } = await rp.callback(await createVisitor().signIn(url), transaction);
    same((await rp.userInfo(tokens.access_token, "mara")).email, "mara@example.com", "email");
  });
  await Promise.all([real.close(), api.close()]);
  return results;
}

/** An API that takes bound tokens, asks for a nonce of its own, and sees each proof once. */
async function startApi(RelyingParty, issuer) {
  const party = RelyingParty.discover(issuer, {});
  const proofs = new Set();
  const replay = (jti) => proofs.size === proofs.add(jti).size;
  const seen = [];
  const server = createServer(async (incoming, outgoing) => {
    const { method, headers } = incoming;
    const parts = [];
    for await (const part of incoming) parts.push(part);
    const [, token] = headers.authorization.split(" ");
    const request = { method, url: address, headers: new Headers({ authorization: headers.authorization }) };
    if (headers.dpop) request.headers.set("dpop", String(headers.dpop));
    let [status, body] = [200, ""];
    try {
      const claims = await (await party).verifyAccessToken(token, { audience, request, nonce: "a nonce", replay });
      body = `${claims.sub}: ${Buffer.concat(parts)}`;
    } catch (error) {
      ({ status = 500, code: body } = error);
      outgoing.setHeader("www-authenticate", `DPoP error="${error.error}"`);
    }
    seen.push(status);
    outgoing.writeHead(status, { "dpop-nonce": "a nonce" }).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/orders`;
  return { address, seen, close: () => new Promise((resolve) => server.close(resolve)) };
}
