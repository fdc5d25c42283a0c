// What nine real providers send, as canned messages and as whole logins: with the package's defaults, or with the setting that
// docs/providers.md gives under the provider's name.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createTestProvider } from "../../support/provider/index.js";
import { createChecks, readVectors, root, same } from "../lib.mjs";
import { load } from "../project.mjs";
import { fakeFetch } from "../suite/fake.js";
import { lines } from "./lines.mjs";
import { servers } from "./servers.mjs";

const redirectUri = "http://127.0.0.1:45874/cb";
const issuer = "https://op.example/";
const algorithms = ["RS256", "ES256", "EdDSA", "ES384"];

/** @typedef {Awaited<ReturnType<typeof tools>>} Tools */
async function tools() {
  const { refused, RelyingParty } = await load();
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
    refused,
    party: (client = {}, provider = {}) =>
      new RelyingParty(
        { ...metadata, ...provider },
        { clientId: "app", redirectUri: "https://app.example/cb", ...client },
      ),
    /** A fetch that answers by the last part of the address, and remembers what it was asked. */
    canned: (replies) => fakeFetch((url) => replies[url.slice(issuer.length)]),
    claims() {
      const iat = Math.floor(Date.now() / 1000);
      return { iss: issuer, sub: "mara", aud: "app", iat, exp: iat + 300 };
    },
  };
}

export async function providers() {
  const { check, results } = createChecks("providers");
  const given = await tools();
  const { RelyingParty, refused } = given;

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

  const registered = (name) => ({
    clientId: `an app at ${name}`,
    secret: "a secret: 100% + more",
    auth: "client_secret_basic",
    idTokenSignedResponseAlg: "RS256",
    redirectUris: [redirectUri],
    ...servers[name].registered,
  });
  const op = await createTestProvider({
    issuer,
    algorithms,
    clients: Object.keys(servers).map(registered),
    users: { mara: { email: "mara@example.com" } },
    terse: true,
  });
  const { fetch } = op;
  const page = await readFile(join(root, "docs/providers.md"), "utf8");
  const sections = Object.fromEntries(page.split(/^## /m).map((text) => [text.split("\n")[0], text]));

  for (const [name, { settings = {}, params, refresh, without = [], faults }] of Object.entries(servers)) {
    const { clientId, secret, auth: method } = registered(name);
    const discover = (changes) => {
      const auth = secret ? { method, secret } : { method };
      return RelyingParty.discover(op.issuer, { clientId, redirectUri, auth, ...settings, ...changes }, { fetch });
    };
    async function login(changes) {
      op.mend();
      op.change(faults(op));
      const rp = await discover(changes);
      const { url, transaction } = rp.authorizationRequest({ scope: "openid email", ...params });
      return { rp, transaction, ...(await rp.callback((await op.authorize(url)).url, transaction, { fetch })) };
    }

    await check(`${name}: login, userinfo, refresh`, async () => {
      const { rp, transaction, tokens, claims } = await login();
      same([claims.iss, claims.sub], [op.issuer, "mara"], "claims");
      same((await rp.userInfo(tokens.access_token, claims.sub, { fetch })).email, "mara@example.com", "userinfo");
      const { status } = await refused("userinfo.status", () => rp.userInfo("another", claims.sub, { fetch }));
      same(status, 401, "userinfo with another token");
      same(typeof tokens.refresh_token, refresh === false ? "undefined" : "string", "refresh token");
      if (refresh === false) return same(op.idle, [], "what was not imitated");
      const { body } = rp.tokenRequest({ type: "authorization_code", code: "any", transaction });
      const more = refresh?.(new URLSearchParams(body).get("code_verifier"));
      const renewed = await rp.refresh(tokens.refresh_token, { previous: claims, fetch, ...more });
      same(
        (await rp.userInfo(renewed.tokens.access_token, claims.sub, { fetch })).sub,
        "mara",
        "userinfo after the refresh",
      );
      same(op.idle, [], "what was not imitated");
    });
    if (refresh)
      await check(`${name}: refresh without what it wants`, async () => {
        const { rp, tokens } = await login();
        await refused("token.oauth_error", () => rp.refresh(tokens.refresh_token, { fetch }));
      });
    for (const [changes, code] of without)
      await check(`${name}: without ${Object.keys(changes)}`, () => refused(code, () => login(changes)));
    if (secret)
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

  return results;
}
