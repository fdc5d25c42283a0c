// examples/certification answers the modules of the OpenID Foundation's suite. The test provider makes the same
// mistakes, under the suite's names, in each response type and mode of its plans.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { freePort } from "../interop/program.mjs";
import { createTestProvider } from "../support/provider/index.js";
import { createKey } from "../support/provider/jws.js";
import { serveProviders } from "../support/provider/serve.mjs";
import { createChecks, root, same } from "./lib.mjs";
import { project } from "./project.mjs";

const issuer = "https://suite.example/test/a/oidc-wasm/";
const origin = "http://127.0.0.1:8477";
const CLIENT_ID = "a client: id";
const CLIENT_SECRET = "a secret of the suite, 100% + more of it";

/**
 * A module that tests a login. `fault` is the mistake and `code` the expected error; without `code` the login must
 * succeed. `env` holds the settings, `types` the response types. `sees` checks what the provider received.
 * @typedef {{ fault?: string, change?: any, code?: string, env?: any, types?: string[], form?: boolean, sees?: (seen: any) => unknown }} Module
 */

const codeTypes = ["code", "code id_token", "code token", "code id_token token"];
const frontTypes = ["id_token", "id_token token", "code id_token", "code id_token token"];
const hashTypes = {
  at_hash: ["id_token token", "code id_token token"],
  c_hash: ["code id_token", "code id_token token"],
};
const tokenTypes = ["code", "id_token token", "code id_token", "code token", "code id_token token"];

/** Replaces the key set before it signs the token. */
const rotated = async (token, { provider }) => {
  await provider.rotateKeys();
  const { kid, privateKey: key } = provider.keyOf("RS256");
  Object.assign(token, { header: { ...token.header, kid }, key });
};
const bearer = (request) => request.headers.get("authorization");
const at = (endpoint, requests) => requests.filter((one) => one.endpoint === endpoint);

/** @type {Record<string, Module>} by the module's name without `oidcc-client-test` */
const logins = {
  "": {},
  "-nonce-invalid": { fault: "id_token.nonce", code: "id_token.nonce" },
  "-nonce-unless-code-flow": {
    types: [...frontTypes, "code token"],
    sees: ({ asked }) => same(asked.searchParams.get("nonce").length, 32, "nonce"),
  },
  "-invalid-iss": { fault: "id_token.iss", code: "id_token.iss" },
  "-missing-sub": { fault: "id_token.sub", code: "id_token.sub" },
  "-invalid-aud": { fault: "id_token.aud", code: "id_token.aud" },
  "-missing-aud": { fault: "id_token.aud missing", code: "id_token.aud" },
  "-missing-iat": { fault: "id_token.iat missing", code: "id_token.iat" },
  "-kid-absent-single-jwks": { change: { idToken: ({ header }) => delete header.kid } },
  "-kid-absent-multiple-jwks": { fault: "jwks.ambiguous", code: "jwks.ambiguous" },
  "-idtoken-sig-rs256": { env: { ID_TOKEN_ALG: "RS256" } },
  "-idtoken-sig-none": { fault: "jws.alg none", code: "jws.alg", types: ["code"] },
  "-invalid-sig-rs256": { fault: "jws.signature", code: "jws.signature" },
  "-invalid-sig-es256": { fault: "jws.signature", code: "jws.signature", env: { ID_TOKEN_ALG: "ES256" } },
  "-invalid-sig-hs256": { fault: "jws.signature", code: "jws.signature", env: { ID_TOKEN_ALG: "HS256" } },
  "-invalid-athash": { fault: "id_token.at_hash", code: "id_token.at_hash", types: hashTypes.at_hash },
  "-missing-athash": { fault: "id_token.at_hash missing", code: "id_token.at_hash", types: hashTypes.at_hash },
  "-invalid-chash": { fault: "id_token.c_hash", code: "id_token.c_hash", types: hashTypes.c_hash },
  "-missing-chash": { fault: "id_token.c_hash missing", code: "id_token.c_hash", types: hashTypes.c_hash },
  "-userinfo-invalid-sub": { fault: "userinfo.sub", code: "userinfo.sub", types: tokenTypes },
  "-userinfo-bearer-header": {
    types: tokenTypes,
    sees: ({ requests }) => same(bearer(at("userinfo", requests)[0]).split(" ")[0], "Bearer", "scheme"),
  },
  "-userinfo-signed": {
    types: tokenTypes,
    env: { USERINFO_ALG: "RS256" },
    sees: ({ said }) => same(/userinfo: alice@example.com/.test(said), true, said),
  },
  "-aggregated-claims": {
    types: tokenTypes,
    change: {
      userinfo: (claims) =>
        Object.assign(claims, { _claim_names: { address: "src1" }, _claim_sources: { src1: { JWT: "e30.e30." } } }),
    },
  },
  "-scope-userinfo-claims": {
    env: { SCOPE: "openid profile email address phone" },
    sees: ({ asked }) => same(asked.searchParams.get("scope"), "openid profile email address phone", "scope"),
  },
  "-client-secret-basic": {
    types: codeTypes,
    sees: ({ requests }) => same(bearer(at("token", requests)[0]).split(" ")[0], "Basic", "scheme"),
  },
  "-form-post-error": {
    form: true,
    env: { PROMPT: "none", MAX_AGE: "0" },
    code: "redirect.oauth_error",
    sees: ({ asked }) =>
      same(["prompt", "max_age"].map((name) => asked.searchParams.get(name)).join(), "none,0", "parameters"),
  },
  "-discovery-openid-config": { sees: ({ requests }) => same(at("discovery", requests).length > 0, true, "asked") },
  "-discovery-jwks-uri-keys": {
    change: { metadata: (metadata) => Object.assign(metadata, { jwks_uri: `${issuer}jwks5x1` }) },
    sees: ({ requests }) => same(at("jwks", requests)[0].url, `${issuer}jwks5x1`, "key set"),
  },
  "-signing-key-rotation-just-before-signing": {
    types: codeTypes,
    change: { "idToken.front": rotated, "idToken.token": rotated },
    sees: ({ requests }) => same(at("jwks", requests).length > 1, true, "the key set is fetched again"),
  },
  "-refresh-token": {
    types: codeTypes,
    sees: ({ requests, issued }) =>
      same(bearer(at("userinfo", requests).at(-1)), `Bearer ${issued.at(-1)}`, "the new access token at userinfo"),
  },
  "-refresh-token-invalid-issuer": { types: codeTypes, fault: "id_token.iss in a refresh", code: "id_token.iss" },
  "-refresh-token-invalid-sub": { types: codeTypes, fault: "id_token.previous", code: "id_token.previous" },
};

/** Back-channel logout: the fault of the logout token, and the error code. */
const backChannel = {
  "": [],
  "-alg-none": ["logout token unsigned", "jws.alg"],
  "-no-event": ["logout_token.events", "logout_token.events"],
  "-with-nonce": ["logout_token.nonce", "logout_token.nonce"],
  "-wrong-alg": ["logout token of another key", "jws.alg"],
  "-wrong-aud": ["logout_token.aud", "logout_token.aud"],
  "-wrong-event": ["logout_token.events of another kind", "logout_token.events"],
  "-wrong-iss": ["logout_token.iss", "logout_token.iss"],
};

/**
 * Return from RP-initiated logout: how the suite changes `state`, and the answer of the relying party.
 * @type {Record<string, [(parameters: URLSearchParams) => void, string]>}
 */
const returns = {
  "": [() => {}, "signed out at the provider"],
  "-no-state": [(parameters) => parameters.delete("state"), "the return of another logout"],
  "-other-state": [(parameters) => parameters.set("state", "another"), "the return of another logout"],
};

const frontChannel = ["-rp-frontchannel-rpinitlogout", "-rp-frontchannel-opinitlogout"];

export async function certification() {
  const { check, results } = createChecks("certification");
  const folder = join(project, "certification");
  await mkdir(folder, { recursive: true });
  await copyFile(join(root, "examples/certification/rp.mjs"), join(folder, "rp.mjs"));
  const { createRelyingParty, settings } = await import(pathToFileURL(join(folder, "rp.mjs")).href);

  const keys = await Promise.all(["RS256", "ES256"].map((alg) => createKey(alg)));

  /** Starts the suite, and the relying party with a module's settings. @param {Module} module */
  async function started({ fault, change, env = {} }) {
    const client = { clientId: CLIENT_ID, secret: CLIENT_SECRET, redirectUris: [`${origin}/cb`] };
    const { ID_TOKEN_ALG: idTokenSignedResponseAlg, USERINFO_ALG: userinfoSignedResponseAlg } = env;
    const op = await createTestProvider({
      issuer,
      keys,
      clients: [{ ...client, auth: "client_secret_basic", idTokenSignedResponseAlg, userinfoSignedResponseAlg }],
      terse: true,
    });
    const issued = [];
    const sessions = [];
    op.change({
      tokens: (body) => void issued.push(body.access_token),
      idToken: ({ claims }) => void sessions.push(claims.sid),
    });
    if (fault) op.break(fault);
    if (change) op.change(change);
    const lines = [];
    const config = settings({ ISSUER: issuer, CLIENT_ID, CLIENT_SECRET, ORIGIN: origin, ...env });
    const answer = createRelyingParty(config, { fetch: op.fetch, log: (line) => lines.push(line) });
    /** Visits `path`, signs in at the provider and returns. */
    const login = async (path = "/") => {
      const begun = await answer(new URL(`${origin}${path}`));
      if (begun.status !== 302) return { verdict: begun.body.split(":")[0] };
      const asked = new URL(begun.headers.location);
      const { url, body } = await op.authorize(asked.href);
      const { hash } = new URL(url);
      if (hash)
        same((await answer(new URL(url))).headers["content-type"], "text/html", "the page that sends the fragment");
      const { status, body: said } = await answer(
        new URL(url),
        body ?? (hash ? new URLSearchParams(hash.slice(1)) : undefined),
      );
      return { asked, said, verdict: status === 200 ? "accepted" : said.split(":")[0] };
    };
    return { op, answer, lines, login, issued, sessions };
  }

  /** After a rejected message the client sends no request. Faults at userinfo or in a refresh come after their requests. */
  function stopped(requests, { code, fault }, type) {
    const sent = requests.map(({ endpoint }) => endpoint);
    if (code !== "userinfo.sub" && !/refresh|previous/.test(fault)) same(sent.includes("userinfo"), false, "userinfo");
    if (frontTypes.includes(type) || code === "redirect.oauth_error") {
      const isLater = ["userinfo.sub", "id_token.previous"].includes(code) || /refresh/.test(fault);
      if (!isLater) same(sent.includes("token"), false, "token request");
    }
  }

  for (const type of ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"])
    for (const mode of [undefined, "form_post"])
      for (const [name, module] of Object.entries(logins)) {
        const { code = "accepted", env, types = [type], form, sees } = module;
        if (!types.includes(type) || (form && !mode)) continue;
        await check(`oidcc-client-test${name}, ${type}${mode ? `, ${mode}` : ""}`, async () => {
          const { op, login, lines, issued } = await started({
            ...module,
            env: { RESPONSE_TYPE: type, ...(mode && { RESPONSE_MODE: mode }), ...env },
          });
          const { verdict, ...seen } = await login();
          same(verdict, code, lines.join("\n"));
          if (code !== "accepted") stopped(op.requests, { fault: "", ...module, code }, type);
          await sees?.({ ...seen, requests: op.requests, issued });
        });
      }

  await check("oidcc-client-test-discovery-issuer-mismatch", async () => {
    const { op, login } = await started({ fault: "discovery.issuer" });
    same((await login()).verdict, "discovery.issuer", "verdict");
    same([...new Set(op.requests.map(({ endpoint }) => endpoint))], ["discovery"], "requests");
  });

  await check("oidcc-client-test-signing-key-rotation", async () => {
    const { op, login } = await started({});
    const verdicts = [(await login()).verdict];
    await op.rotateKeys();
    verdicts.push((await login()).verdict);
    same(verdicts, ["accepted", "accepted"], "verdicts");
    same(at("jwks", op.requests).length > 1, true, "the key set is fetched again");
  });

  await check("oidcc-client-test-3rd-party-init-login", async () => {
    const { answer, login } = await started({});
    const parameters = new URLSearchParams({ iss: issuer, login_hint: "alice" });
    const { asked, verdict } = await login(`/start?${parameters}`);
    same([asked.searchParams.get("login_hint"), verdict], ["alice", "accepted"], "by GET");
    const posted = await answer(new URL(`${origin}/start`), parameters);
    same(new URL(posted.headers.location).searchParams.get("login_hint"), "alice", "by POST");
    parameters.set("iss", "https://evil.example");
    same((await login(`/start?${parameters}`)).verdict, "initiated_login.iss", "another issuer");
  });

  /** Signs in, signs out at the provider, and returns the URL of the provider's redirect. */
  async function left(change = (/** @type {URLSearchParams} */ _parameters) => {}) {
    const suite = await started({ env: { ID_TOKEN_ALG: "RS256" } });
    await suite.login();
    const { headers } = await suite.answer(new URL(`${origin}/logout`));
    suite.op.change({ loggedOut: change });
    // The browser visits the suite's end-session endpoint.
    const reply = await suite.op.fetch(headers.location);
    const [sid] = suite.sessions;
    return { ...suite, sid, away: new URL(headers.location), back: new URL(reply.headers.get("location")) };
  }

  for (const [name, [change, said]] of Object.entries(returns))
    await check(`oidcc-client-test-rp-init-logout${name}`, async () => {
      const { answer, away, back } = await left(change);
      same(away.searchParams.get("post_logout_redirect_uri"), `${origin}/bye`, "where to");
      same(away.searchParams.get("id_token_hint").split(".").length, 3, "ID token");
      same((await answer(back)).body, said, "return");
    });

  for (const [name, [fault, code]] of Object.entries(backChannel))
    await check(`oidcc-client-test-rp-backchannel-rpinitlogout${name}`, async () => {
      const { op, answer, back, sid } = await left();
      if (fault) op.break(fault);
      const form = new URLSearchParams({ logout_token: await op.logoutToken(CLIENT_ID, sid) });
      const post = () => answer(new URL(`${origin}/backchannel`), form);
      const { status, body, headers } = await post();
      same(
        [status, headers["cache-control"], body.split(":")[0]],
        [code ? 400 : 200, "no-store", code ?? "signed out"],
        body,
      );
      if (!code) same((await post()).status, 400, "the same logout token again");
      same((await answer(back)).body, "signed out at the provider", "return");
    });

  for (const name of frontChannel)
    await check(`oidcc-client-test${name}`, async () => {
      const { answer, back, sid } = await left();
      const visit = async (named) =>
        (await answer(new URL(`${origin}/frontchannel?${new URLSearchParams({ iss: issuer, ...named })}`))).body;
      same(await visit({ sid: "another" }), "a logout of another session", "another session");
      same(await visit({ sid }), "signed out", "this session");
      same(await visit({ sid }), "a logout of another session", "a session that has ended");
      const returned = name.includes("opinit") ? new URL(`${origin}/bye`) : back;
      same((await answer(returned)).status, 200, "return");
    });

  await check("as a program, over HTTP", async () => {
    const client = { clientId: CLIENT_ID, secret: CLIENT_SECRET };
    const suite = await serveProviders(async (at) => [
      await createTestProvider({ issuer: `${at}/`, clients: [client] }),
    ]);
    const PORT = `${await freePort()}`;
    const env = { ...process.env, ISSUER: `${suite.origin}/`, CLIENT_ID, CLIENT_SECRET, PORT };
    const program = spawn(process.execPath, [join(folder, "rp.mjs")], { env, stdio: ["ignore", "pipe", "inherit"] });
    try {
      await once(program.stdout, "data");
      const said = await (await fetch(`http://127.0.0.1:${PORT}/`)).text();
      const asked = "userinfo: alice@example.com";
      same(said, `signed in: alice; ${asked}; refreshed; ${asked}`, "the output after a login");
    } finally {
      program.kill();
      await suite.close();
    }
  });

  await check("docs/certification.md lists each module of the suite with its result", async () => {
    const page = await readFile(join(root, "docs/certification.md"), "utf8");
    const named = (title) => [
      ...(new RegExp(`^## ${title}\n(.*?)(?=^## )`, "ms").exec(page)?.[1] ?? "").matchAll(
        /`oidcc-client-test([\w-]*)`/g,
      ),
    ];
    const tried = [
      ...Object.keys(logins),
      "-discovery-issuer-mismatch",
      "-signing-key-rotation",
      "-3rd-party-init-login",
      ...Object.keys(returns).map((name) => `-rp-init-logout${name}`),
      ...Object.keys(backChannel).map((name) => `-rp-backchannel-rpinitlogout${name}`),
      ...frontChannel,
    ];
    const sorted = (names) => [...names].sort();
    const [answered, outside] = ["Modules", "Modules that are left out"].map((title) =>
      named(title).map(([, name]) => name),
    );
    same(sorted(answered), sorted(tried), "tested modules");
    same(answered.length + outside.length, 57, "modules of the suite");
  });
  return results;
}
