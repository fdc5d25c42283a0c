// What nine real providers send, as canned messages and as whole logins: with the package's defaults, or with the setting that
// docs/providers.md gives under the provider's name.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createKey, startFakeProvider, visit } from "../faults/provider.mjs";
import { createChecks, readVectors, root } from "../lib.mjs";
import { entryOf } from "../project.mjs";
import { lines } from "./lines.mjs";
import { servers } from "./servers.mjs";

const redirectUri = "http://127.0.0.1:45874/cb";
const issuer = "https://op.example/";

/** @typedef {Awaited<ReturnType<typeof tools>>} Tools */
async function tools() {
  const { default: init, OidcError, RelyingParty } = await import(pathToFileURL(await entryOf("default")).href);
  await init();
  const same = (actual, expected, what) => {
    if (JSON.stringify(actual) !== JSON.stringify(expected))
      throw new Error(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
  };
  const metadata = {
    issuer,
    authorization_endpoint: `${issuer}authorize`,
    token_endpoint: `${issuer}token`,
    jwks_uri: `${issuer}jwks`,
  };
  return {
    RelyingParty,
    issuer,
    same,
    /** The error, which must be of the package's and of this code. */
    async refused(code, call) {
      const error = await Promise.resolve()
        .then(call)
        .then(() => undefined)
        .catch((error) => error);
      if (!error) throw new Error(`expected ${code}, was accepted`);
      if (!(error instanceof OidcError)) throw error;
      same(error.code, code, "code");
      return error;
    },
    party: (client = {}, provider = {}) =>
      new RelyingParty(
        { ...metadata, ...provider },
        { clientId: "app", redirectUri: "https://app.example/cb", ...client },
      ),
    /** A fetch that answers by the last part of the address, and remembers what it was asked. */
    canned(replies) {
      const fetch = async (url, { body } = {}) => {
        fetch.calls.push({ url, body });
        const { status = 200, headers, body: reply } = replies[url.slice(issuer.length)];
        const text = typeof reply === "string" ? reply : JSON.stringify(reply);
        return new Response(new TextEncoder().encode(text), { status, headers });
      };
      fetch.calls = [];
      return fetch;
    },
    claims() {
      const iat = Math.floor(Date.now() / 1000);
      return { iss: issuer, sub: "mara", aud: "app", iat, exp: iat + 300 };
    },
  };
}

export async function providers() {
  const { check, results } = createChecks("providers");
  const given = await tools();
  const { RelyingParty, same, refused } = given;

  // ── the messages ──

  const files = await readVectors();
  for (const { seen, vectors, messages = {} } of lines) {
    await check(`${seen}: its vectors`, () => {
      if (!Object.keys({ ...vectors, ...messages }).length) throw new Error("no message at all");
      for (const [name, verdict] of Object.entries(vectors)) {
        const [file, ...title] = name.split("/");
        const found = files[`${file}.json`].cases.find((one) => one.name === title.join("/"));
        same(found && (found.expect.error?.code ?? "ok"), verdict, name);
      }
    });
    for (const [name, run] of Object.entries(messages)) await check(`${seen}: ${name}`, () => run(given));
  }

  // ── the logins ──

  const secret = "a secret: 100% + more";
  const registered = (name) => ({
    client_id: `an app at ${name}`,
    client_secret: secret,
    token_endpoint_auth_method: "client_secret_basic",
    id_token_signed_response_alg: "RS256",
    redirect_uris: [redirectUri],
    ...servers[name].registered,
  });
  const es384 = await createKey("sig", "ES384", "ec", { namedCurve: "P-384" });
  const op = await startFakeProvider(Object.keys(servers).map(registered), [es384]);
  const page = await readFile(join(root, "docs/providers.md"), "utf8");
  const sections = Object.fromEntries(page.split(/^## /m).map((text) => [text.split("\n")[0], text]));

  for (const [name, { settings = {}, params, refresh, without = [], faults }] of Object.entries(servers)) {
    const { client_id: clientId, client_secret, token_endpoint_auth_method: method } = registered(name);
    const discover = (changes) =>
      RelyingParty.discover(op.issuer, {
        clientId,
        redirectUri,
        auth: client_secret ? { method, secret: client_secret } : { method },
        ...settings,
        ...changes,
      });
    async function login(changes) {
      op.behave(faults(op));
      const rp = await discover(changes);
      const { url, transaction } = rp.authorizationRequest({ scope: "openid email", ...params });
      return { rp, transaction, ...(await rp.callback(await visit(url), transaction)) };
    }

    await check(`${name}: login, userinfo, refresh`, async () => {
      const { rp, transaction, tokens, claims } = await login();
      same([claims.iss, claims.sub], [op.issuer, "mara"], "claims");
      same((await rp.userInfo(tokens.access_token, claims.sub)).email, "mara@example.com", "userinfo");
      const { status } = await refused("userinfo.status", () => rp.userInfo("another", claims.sub));
      same(status, 401, "userinfo with another token");
      same(typeof tokens.refresh_token, refresh === false ? "undefined" : "string", "refresh token");
      if (refresh === false) return same(op.idle, [], "what was not imitated");
      const { body } = rp.tokenRequest({ type: "authorization_code", code: "any", transaction });
      const more = refresh?.(new URLSearchParams(body).get("code_verifier"));
      const renewed = await rp.refresh(tokens.refresh_token, { previous: claims, ...more });
      same((await rp.userInfo(renewed.tokens.access_token, claims.sub)).sub, "mara", "userinfo after the refresh");
      same(op.idle, [], "what was not imitated");
    });
    if (refresh)
      await check(`${name}: refresh without what it wants`, async () => {
        const { rp, tokens } = await login();
        await refused("token.oauth_error", () => rp.refresh(tokens.refresh_token));
      });
    for (const [changes, code] of without)
      await check(`${name}: without ${Object.keys(changes)}`, () => refused(code, () => login(changes)));
    if (client_secret)
      await check(`${name}: a wrong secret`, async () => {
        const wrong = () => login({ auth: { method, secret: "wrong" } });
        const { status, error } = await refused("token.oauth_error", wrong);
        same([status, error], [401, "invalid_client"], "status and error");
      });
    await check(`${name}: its settings are in the documentation`, () => {
      if (!sections[name]) throw new Error("no section of this name");
      const words = [...Object.keys(settings), ...Object.values(settings).flat(), ...Object.values(params ?? {})];
      const missing = words.flatMap((word) => word.split(" ")).filter((word) => !sections[name].includes(word));
      same(missing, [], "words that the section lacks");
    });
  }

  await op.close();
  return results;
}
