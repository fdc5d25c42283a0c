// examples/certification answers the modules of the OpenID Foundation's suite: the same misbehaviour at the test provider, by the names
// that the suite has for it.
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createTestProvider } from "../support/provider/index.js";
import { createKey } from "../support/provider/jws.js";
import { createChecks, root, same } from "./lib.mjs";
import { project } from "./project.mjs";

const issuer = "https://suite.example/test/a/oidc-wasm/";
const origin = "http://127.0.0.1:8477";
const CLIENT_ID = "a client: id";
const CLIENT_SECRET = "a secret of the suite, 100% + more of it";

/**
 * Module → the fault of the test provider, and the code of its refusal; nothing where the login must be accepted.
 * @type {Record<string, { fault?: string, code?: string, env?: any, change?: any, path?: string }>}
 */
const modules = {
  "oidcc-client-test": {},
  "oidcc-client-test-client-secret-basic": {},
  "oidcc-client-test-nonce-invalid": { fault: "id_token.nonce", code: "id_token.nonce" },
  "oidcc-client-test-invalid-iss": { fault: "id_token.iss", code: "id_token.iss" },
  "oidcc-client-test-missing-sub": { fault: "id_token.sub", code: "id_token.sub" },
  "oidcc-client-test-invalid-aud": { fault: "id_token.aud", code: "id_token.aud" },
  "oidcc-client-test-missing-iat": {
    change: { idToken: ({ claims }) => delete claims.iat },
    code: "id_token.iat",
  },
  "oidcc-client-test-invalid-sig-rs256": { fault: "jws.signature", code: "jws.signature" },
  "oidcc-client-test-invalid-sig-hs256": {
    fault: "jws.signature",
    code: "jws.signature",
    env: { ID_TOKEN_ALG: "HS256" },
  },
  "oidcc-client-test-idtoken-sig-none": {
    change: { idToken: (token) => Object.assign(token, { header: { alg: "none" } }) },
    code: "jws.alg",
  },
  "oidcc-client-test-kid-absent-single-jwks": { change: { idToken: ({ header }) => delete header.kid } },
  "oidcc-client-test-kid-absent-multiple-jwks": { fault: "jwks.ambiguous", code: "jwks.ambiguous" },
  "oidcc-client-test-userinfo-invalid-sub": { fault: "userinfo.sub", code: "userinfo.sub" },
  "oidcc-client-test-discovery-issuer-mismatch": { fault: "discovery.issuer", code: "discovery.issuer", path: "/" },
  "oidcc-client-test-invalid-athash": {
    fault: "id_token.at_hash",
    code: "id_token.at_hash",
    env: { RESPONSE_TYPE: "code id_token token" },
  },
  "oidcc-client-test-invalid-chash": {
    fault: "id_token.c_hash",
    code: "id_token.c_hash",
    env: { RESPONSE_TYPE: "code id_token" },
  },
  "oidcc-client-test-missing-athash": {
    change: { "idToken.front": ({ claims }) => delete claims.at_hash },
    code: "id_token.at_hash",
    env: { RESPONSE_TYPE: "id_token token" },
  },
  "oidcc-client-test-missing-chash": {
    change: { "idToken.front": ({ claims }) => delete claims.c_hash },
    code: "id_token.c_hash",
    env: { RESPONSE_TYPE: "code id_token" },
  },
  "oidcc-client-test, form_post": { env: { RESPONSE_MODE: "form_post" } },
  "oidcc-client-test, code id_token": { env: { RESPONSE_TYPE: "code id_token" } },
  "oidcc-client-test, id_token": { env: { RESPONSE_TYPE: "id_token" } },
  "oidcc-client-test-refreshtoken-invalid-sub": { fault: "id_token.previous", code: "id_token.previous" },
};

export async function certification() {
  const { check, results } = createChecks("certification");
  const folder = join(project, "certification");
  await mkdir(folder, { recursive: true });
  await copyFile(join(root, "examples/certification/rp.mjs"), join(folder, "rp.mjs"));
  const { createRelyingParty, settings } = await import(pathToFileURL(join(folder, "rp.mjs")).href);

  const keys = await Promise.all(["RS256", "ES256"].map((alg) => createKey(alg)));

  /**
   * The suite, and the relying party as it is started for a module.
   * @param {{ fault?: string, change?: any, env?: any }} module
   */
  async function started({ fault, change, env = {} }) {
    const client = { clientId: CLIENT_ID, secret: CLIENT_SECRET, redirectUris: [`${origin}/cb`] };
    const idTokenSignedResponseAlg = env.ID_TOKEN_ALG;
    const op = await createTestProvider({
      issuer,
      keys,
      clients: [{ ...client, auth: "client_secret_basic", idTokenSignedResponseAlg }],
      terse: true,
    });
    if (fault) op.break(fault);
    if (change) op.change(change);
    const lines = [];
    const config = settings({ ISSUER: issuer, CLIENT_ID, CLIENT_SECRET, ORIGIN: origin, ...env });
    const answer = createRelyingParty(config, { fetch: op.fetch, log: (line) => lines.push(line) });
    return { op, answer, lines };
  }

  for (const [name, module] of Object.entries(modules))
    await check(name, async () => {
      const { op, answer, lines } = await started(module);
      const begun = await answer(new URL(`${origin}/`));
      if (module.path === "/") return same(begun.body.split(":")[0], module.code, "what it says");
      const { url, body } = await op.authorize(begun.headers.location);
      const { hash } = new URL(url);
      const reply = await answer(new URL(url), body ?? (hash ? new URLSearchParams(hash.slice(1)) : undefined));
      same(reply.status === 200 ? "accepted" : reply.body.split(":")[0], module.code ?? "accepted", lines.join("\n"));
    });

  await check("oidcc-client-test-3rd-party-init-login", async () => {
    const { answer } = await started({});
    const asked = new URLSearchParams({ iss: issuer, login_hint: "mara" });
    const { headers } = await answer(new URL(`${origin}/start?${asked}`));
    same(new URL(headers.location).searchParams.get("login_hint"), "mara", "login_hint");
    asked.set("iss", "https://evil.example");
    same(
      (await answer(new URL(`${origin}/start?${asked}`))).body.split(":")[0],
      "initiated_login.iss",
      "another issuer",
    );
  });
  await check("oidcc-client-test-rp-init-logout, and a back-channel logout token that comes twice", async () => {
    const { op, answer } = await started({});
    const { headers } = await answer(new URL(`${origin}/`));
    await answer(new URL((await op.authorize(headers.location)).url));
    const away = new URL((await answer(new URL(`${origin}/logout`))).headers.location);
    same(
      [away.searchParams.get("state"), away.searchParams.get("post_logout_redirect_uri")],
      ["bye", `${origin}/bye`],
      "asked",
    );
    const bye = async (state) => (await answer(new URL(`${origin}/bye?state=${state}`))).body;
    same([await bye("bye"), await bye("x")], ["signed out at the provider", "another's return"], "returns");
    const form = new URLSearchParams({ logout_token: await op.logoutToken(CLIENT_ID) });
    const statuses = [];
    for (let times = 0; times < 2; times++)
      statuses.push((await answer(new URL(`${origin}/backchannel`), form)).status);
    same(statuses, [200, 400], "statuses");
  });
  return results;
}
