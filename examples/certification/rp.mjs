// A relying party for the conformance suite of the OpenID Foundation: one login for each visit, with every result in the log.
// docs/certification.md describes how to run the suite against it.
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { OidcError, RelyingParty } from "oidc-wasm";

/** The suite's settings for this client, and this client's settings for the suite. */
export function settings(env = process.env) {
  const { ISSUER, CLIENT_ID, CLIENT_SECRET, AUTH = "client_secret_basic", RESPONSE_TYPE = "code", RESPONSE_MODE } = env;
  const { SCOPE = "openid", PROMPT, MAX_AGE, ID_TOKEN_ALG, USERINFO_ALG } = env;
  const { PORT = "8477", ORIGIN = `http://127.0.0.1:${PORT}` } = env;
  if (!ISSUER || !CLIENT_ID) throw new Error("set ISSUER and CLIENT_ID, as the suite shows them");
  return {
    origin: ORIGIN,
    port: Number(PORT),
    issuer: ISSUER,
    client: {
      clientId: CLIENT_ID,
      redirectUri: `${ORIGIN}/cb`,
      ...(CLIENT_SECRET && { auth: { method: AUTH, secret: CLIENT_SECRET } }),
      ...(ID_TOKEN_ALG && { idTokenSignedResponseAlg: ID_TOKEN_ALG }),
      ...(USERINFO_ALG && { userinfoSignedResponseAlg: USERINFO_ALG }),
    },
    request: {
      scope: SCOPE,
      responseType: RESPONSE_TYPE,
      ...(RESPONSE_MODE && { responseMode: RESPONSE_MODE }),
      ...(PROMPT && { prompt: PROMPT }),
      ...(MAX_AGE && { maxAge: Number(MAX_AGE) }),
    },
  };
}

/** A fragment never reaches a server, so the page sends it. */
const page = `<!doctype html><script>
  fetch("/cb", { method: "POST", body: new URLSearchParams(location.hash.slice(1)) })
    .then((reply) => reply.text()).then((text) => { document.body.textContent = text; });
</script><body></body>`;

/** Answers one request: `{ status, headers, body }`. `log` receives each result. */
export function createRelyingParty(
  { origin, issuer, client, request },
  { fetch = globalThis.fetch, log = console.log } = {},
) {
  // By state: the suite may run several modules at once, so logins overlap.
  const logins = new Map();
  const seen = new Set();
  /** The signed-in person, and the `state` of a logout that has begun. */
  let session;
  let leaving;
  const isFragment = request.responseMode !== "form_post" && /token/.test(request.responseType);

  const text = (status, body, headers = {}) => ({
    status,
    headers: { "content-type": "text/plain", "cache-control": "no-store", ...headers },
    body,
  });
  const to = (location) => text(302, "", { location });

  async function start(more = {}) {
    const rp = await RelyingParty.discover(issuer, client, { fetch });
    const { url, state, transaction } = rp.authorizationRequest({ ...request, ...more });
    logins.set(state, { rp, transaction });
    return to(url);
  }

  async function back(response) {
    const parameters = response instanceof URLSearchParams ? response : response.searchParams;
    // The last login rejects an unknown or missing state.
    const { rp, transaction } = logins.get(parameters.get("state")) ?? [...logins.values()].at(-1) ?? {};
    if (!rp) throw new Error("no login has started");
    logins.delete(parameters.get("state"));
    const isForm = response instanceof URLSearchParams && !isFragment;
    const given = response instanceof URLSearchParams && !isForm ? `${client.redirectUri}#${response}` : response;
    const { tokens, claims } = await rp.callback(given, transaction, { fetch });
    let signedIn = { rp, tokens, claims };
    const said = [`signed in: ${claims?.sub}`];
    const ask = async ({ access_token }) => {
      if (!access_token || !rp.provider.userinfo_endpoint || !claims) return;
      const user = await rp.userInfo(access_token, claims.sub, { fetch });
      said.push(`userinfo: ${user.email ?? user.sub}`);
    };
    await ask(tokens);
    if (tokens.refresh_token) {
      const renewed = await rp.refresh(tokens.refresh_token, { previous: claims, fetch });
      signedIn = { rp, tokens: { ...tokens, ...renewed.tokens }, claims };
      said.push("refreshed");
      await ask(renewed.tokens);
    }
    session = signedIn;
    return text(200, said.join("; "));
  }

  async function backChannel(form) {
    const rp = await RelyingParty.discover(issuer, client, { fetch });
    const { jti, sid, sub } = await rp.verifyLogoutToken(form.get("logout_token") ?? "", { fetch });
    if (seen.has(jti)) return text(400, "this logout token is repeated");
    seen.add(jti);
    const { claims } = session ?? {};
    if (sid === undefined ? sub === claims?.sub : sid === claims?.sid) session = undefined;
    return text(200, `signed out: ${sid ?? sub}`);
  }

  /** @type {Record<string, (url: URL, form?: URLSearchParams) => any>} */
  const paths = {
    "/": () => start(),
    "/start": async (url, form) => {
      const rp = await RelyingParty.discover(issuer, client, { fetch });
      const { loginHint } = rp.initiatedLogin(form ?? url);
      return start(loginHint ? { loginHint } : {});
    },
    "/cb": (url, form) => {
      if (form) return back(form);
      const isBare = isFragment && !url.search;
      return isBare ? { status: 200, headers: { "content-type": "text/html" }, body: page } : back(url);
    },
    "/logout": () => {
      if (!session) throw new Error("not signed in");
      const { rp, tokens } = session;
      leaving = { rp, state: crypto.randomUUID() };
      const { state } = leaving;
      return to(rp.endSessionUrl({ idTokenHint: tokens.id_token, postLogoutRedirectUri: `${origin}/bye`, state }));
    },
    "/bye": (url) => {
      const isOurs = leaving?.rp.endSessionReturned(url, leaving.state);
      if (isOurs) session = leaving = undefined;
      return text(200, isOurs ? "signed out at the provider" : "the return of another logout");
    },
    "/backchannel": (_url, form) => backChannel(form ?? new URLSearchParams()),
    "/frontchannel": (url) => {
      const isOurs = session?.rp.isFrontChannelLogout(url, { sid: session.claims?.sid });
      if (isOurs) session = undefined;
      return text(200, isOurs ? "signed out" : "a logout of another session");
    },
  };

  return async (url, form) => {
    const answer = paths[url.pathname];
    if (!answer) return text(404, "no such page");
    try {
      const reply = await answer(url, form);
      log(`accepted ${url.pathname}: ${reply.headers.location ?? reply.body.split("\n")[0]}`);
      return reply;
    } catch (error) {
      const code = error instanceof OidcError ? error.code : error.name;
      log(`rejected ${url.pathname}: ${code}: ${error.message}`);
      return text(400, `${code}: ${error.message}`);
    }
  };
}

/** Serves it on a socket. */
async function main() {
  const config = settings();
  const answer = createRelyingParty(config);
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const url = new URL(request.url ?? "/", config.origin);
    const {
      status,
      headers,
      body: text,
    } = await answer(url, request.method === "POST" ? new URLSearchParams(body) : undefined);
    response.writeHead(status, headers).end(text);
  });
  server.listen(config.port, "127.0.0.1", () => console.log(`open ${config.origin}/ for each module`));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
