// The published package: package linters, the links of its pages, and imports without effect.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { LACKING } from "./imports.mjs";
import { bin, createChecks, must, root, run, same } from "./lib.mjs";
import { dead } from "./links.mjs";
import { installed, project } from "./project.mjs";
import { starting } from "./starting.mjs";

/** These entries import a peer dependency, which may need the missing features. */
const PEERS = ["oidc-wasm/hono", "oidc-wasm/react"];

export async function packaged() {
  const { check, results } = createChecks("package");
  const tarball = join(root, "target/npm", `oidc-wasm-${(await manifest()).version}.tgz`);
  const { exports } = await manifest();
  const entries = Object.keys(exports).filter((subpath) => exports[subpath].default?.default?.endsWith(".js"));
  const names = entries.map((subpath) => `oidc-wasm${subpath.slice(1)}`);
  const node = (script, ...options) =>
    must(process.execPath, ["--no-warnings", ...options, "-e", script], { cwd: project });

  await check("the package has no dependencies", async () =>
    same((await manifest()).dependencies, undefined, "dependencies"),
  );
  await check("publint, strict", () => must(bin("publint"), ["--strict", tarball]));
  await check("are the types wrong, strict", () => must(bin("attw"), [tarball, "--no-definitely-typed", "--quiet"]));

  await check("files for edge runtimes name no function that compiles code: Next.js rejects it", async () => {
    const folder = join(installed, "dist/edge");
    for (const file of await readdir(folder)) {
      const [found] =
        /WebAssembly\s*\.\s*(compile|instantiate|validate)\w*/.exec(await readFile(join(folder, file), "utf8")) ?? [];
      if (found && file.endsWith(".js")) throw new Error(`${file} names ${found}`);
    }
  });

  await check("two builds and two packs have the same bytes", async () => {
    const { version } = await manifest();
    await must(process.execPath, ["pkg/build.mjs"], { cwd: root });
    await must(process.execPath, ["pkg/pack.mjs", "target/again", version], { cwd: root });
    const [one, other] = await Promise.all(
      [tarball, join(root, "target/again", `oidc-wasm-${version}.tgz`)].map((file) => readFile(file)),
    );
    if (!one.equals(other)) throw new Error("the bytes differ");
  });

  await check(
    "every link of README and documentation leads to a file of the package, or into the network",
    async () => {
      const pages = (await readdir(join(installed, "docs"), { recursive: true })).filter((name) =>
        name.endsWith(".md"),
      );
      let count = 0;
      for (const page of ["README.md", ...pages.map((name) => `docs/${name}`)]) {
        const path = join(installed, page);
        const text = await readFile(path, "utf8");
        const wrong = await dead(path, text);
        if (wrong.length) throw new Error(`${page}: ${wrong.join(", ")}`);
        count += text.split("](").length - 1;
      }
      if (count < 100) throw new Error(`only ${count} links`);
    },
  );

  await check("docs/verify.md has the digest of each module", async () => {
    const sbom = JSON.parse(await readFile(join(installed, "sbom.cdx.json"), "utf8"));
    const page = await readFile(join(installed, "docs/verify.md"), "utf8");
    const files = (await readdir(join(installed, "dist"))).filter((file) => file.endsWith(".wasm")).sort();
    const exported = Object.keys(exports).filter((subpath) => subpath.endsWith(".wasm"));
    same(files, exported.map((subpath) => subpath.slice(2)).sort(), "modules");
    for (const name of files.map((file) => `dist/${file}`)) {
      const content = createHash("sha256")
        .update(await readFile(join(installed, name)))
        .digest("hex");
      if (!page.includes(`${content}  ${name}\n`)) throw new Error(`docs/verify.md has another digest of ${name}`);
      const [component] = sbom.components.filter((one) => one.name === name);
      same(component?.hashes, [{ alg: "SHA-256", content }], `sbom.cdx.json, ${name}`);
    }
  });

  // Also with `require`, from the files for Node versions that cannot require ES modules.
  const harmless = names.filter((name) => !PEERS.includes(name));
  for (const lacking of [[], ...LACKING.map((name) => [name]), LACKING])
    await check(
      `importing and requiring any entry does nothing without ${lacking.join(", ") || "anything missing"}`,
      () =>
        node(
          `import { createRequire } from "node:module";
        const require = createRequire(import.meta.url);
        for (const name of ${JSON.stringify(lacking)}) delete globalThis[name];
        for (const name of ${JSON.stringify(harmless)}) {
          await import(name);
          require(name);
        }`,
          "--input-type=module",
          "--no-experimental-require-module",
        ),
    );

  await check("import and require share one engine", () =>
    node(
      `const required = require("oidc-wasm");
      import("oidc-wasm").then(async (imported) => {
        await imported.default();
        required.createPkce();
        if (imported.OidcError !== required.OidcError) throw new Error("two classes");
      });`,
      "--input-type=commonjs",
    ),
  );
  await check("require where Node cannot require ES modules", () =>
    node(
      'const oidc = require("oidc-wasm"); oidc.default().then(() => oidc.createPkce());',
      "--input-type=commonjs",
      "--no-experimental-require-module",
    ),
  );
  await check("every entry has one class of errors", () =>
    node(
      'import * as one from "oidc-wasm"; import * as two from "oidc-wasm/slim"; import * as three from "oidc-wasm/js"; if (one.OidcError !== two.OidcError || one.OidcError !== three.OidcError) throw new Error("two classes");',
      "--input-type=module",
    ),
  );
  await check("slim has no module, and accepts one", () =>
    node(
      `import { readFileSync } from "node:fs";
      import init, { createPkce } from "oidc-wasm/slim";
      const code = await init().catch((error) => error.code);
      if (code !== "not_initialized") throw new Error(code);
      await init(readFileSync(new URL(import.meta.resolve("oidc-wasm/oidc_wasm.wasm"))));
      createPkce();`,
      "--input-type=module",
    ),
  );

  await starting(check);

  await check("oidc-wasm/testing: a login, and a fault", async () => {
    const { output } = await run(process.execPath, ["--input-type=module", "-e", LOGIN], { cwd: project });
    same(output.trim(), "alice id_token.nonce", "the person, and the error");
  });

  await check("oidc-wasm/testing: a wrong call names its error", async () => {
    const { output } = await run(process.execPath, ["--input-type=module", "-e", WRONG], { cwd: project });
    const clientId = "client_id app is not registered";
    const redirectUri = "redirect_uri https://app.example/cb is not registered for app";
    const refused = (why) => `the provider returned 400 {"error":"invalid_request","error_description":"${why}"}`;
    same(
      output.trim().split("\n"),
      [
        "fine",
        "the provider has no option user",
        "HS256 has no key pair",
        "RS265 has no key pair",
        "fine",
        "there is no user bob",
        refused(clientId),
        refused(redirectUri),
        "fine",
        "there is no client other",
        "fine",
        "there is no key for HS256",
        "there is no key for ES256",
        "fine",
        "there is no key for ES256",
      ],
      "the messages",
    );
  });

  await check("oidc-wasm/testing: it answers as a provider must", async () => {
    const { output } = await run(process.execPath, ["--input-type=module", "-e", ANSWERS], { cwd: project });
    same(
      JSON.parse(output),
      {
        "prompt=consent": "the same session",
        "prompt=login consent": "a new session",
        "login_hint of bob": "bob",
        "login_hint of nobody": "bob",
        "login_hint of bob, and user": "alice",
        "a smaller scope": "openid",
        "a larger scope": "invalid_scope",
        "a logout token after signOut": "the same session",
        "jws.alg": "jws.alg",
        "jwks.ambiguous": "jwks.ambiguous",
        "jwks.weak_key": "jwks.weak_key",
        mended: "alice",
      },
      "the answers",
    );
  });
  return results;
}

const LOGIN = `
  import init, { RelyingParty } from "oidc-wasm";
  import { createTestProvider, faults } from "oidc-wasm/testing";
  await init();
  const op = await createTestProvider();
  const rp = new RelyingParty(op.metadata, { clientId: "app", redirectUri: "https://app.example/cb" });
  const login = async () => {
    const { url, transaction } = rp.authorizationRequest();
    return rp.callback((await op.authorize(url)).url, transaction, { fetch: op.fetch });
  };
  const { claims } = await login();
  op.break("id_token.nonce");
  const code = await login().catch((error) => error.code);
  op.mend();
  await login();
  if (!faults.includes("id_token.nonce")) throw new Error("no such fault");
  console.log(claims.sub, code);
`;

/** Each wrong call, after its good neighbour. */
const WRONG = `
  import init, { RelyingParty } from "oidc-wasm";
  import { createTestProvider } from "oidc-wasm/testing";
  await init();
  const op = await createTestProvider({ users: { alice: {} } });
  const rp = new RelyingParty(op.metadata, { clientId: "app", redirectUri: "https://app.example/cb" });
  const { url } = rp.authorizationRequest();
  const registered = async (client) => (await createTestProvider({ clients: [client] })).authorize(url);
  const logoutToken = async (client) => (await createTestProvider({ clients: [{ clientId: "app", ...client }] })).logoutToken("app");
  for (const call of [
    () => createTestProvider({ algorithms: ["ES256"] }),
    () => createTestProvider({ user: "alice" }),
    () => createTestProvider({ algorithms: ["HS256"] }),
    () => createTestProvider({ algorithms: ["RS265"] }),
    () => op.authorize(url, { user: "alice" }),
    () => op.authorize(url, { user: "bob" }),
    () => registered({ clientId: "other" }),
    () => registered({ clientId: "app", redirectUris: ["https://app.example/"] }),
    () => registered({ clientId: "app", redirectUris: ["https://app.example/cb"] }),
    async () => (await createTestProvider({ clients: [{ clientId: "app" }] })).logoutToken("other"),
    () => logoutToken({ idTokenSignedResponseAlg: "HS256", secret: "a secret of thirty-two bytes or more" }),
    () => logoutToken({ idTokenSignedResponseAlg: "HS256" }),
    () => logoutToken({ idTokenSignedResponseAlg: "ES256" }),
    () => op.sign({}, { alg: "RS256" }),
    () => op.sign({}, { alg: "ES256" }),
  ])
    console.log(await call().then(() => "fine", ({ message }) => message));
`;

/** What the relying party sees. Keys for ES256 are the faster ones to make. */
const ANSWERS = `
  import init, { RelyingParty } from "oidc-wasm";
  import { createTestProvider } from "oidc-wasm/testing";
  await init();
  const op = await createTestProvider({ algorithms: ["ES256"], users: { alice: {}, bob: {} } });
  const client = { clientId: "app", redirectUri: "https://app.example/cb" };
  const { fetch } = op;
  const login = async (params, person) => {
    const rp = new RelyingParty(op.metadata, client);
    const { url, transaction } = rp.authorizationRequest(params);
    return { rp, ...(await rp.callback((await op.authorize(url, person)).url, transaction, { fetch })) };
  };
  const { claims: { sid } } = await login();
  const session = (claims) => (claims.sid === sid ? "the same session" : "a new session");
  const answers = {
    "prompt=consent": session((await login({ prompt: "consent" })).claims),
    "prompt=login consent": session((await login({ prompt: "login consent" })).claims),
  };
  const user = async (loginHint, person) => (await login({ loginHint }, person)).claims.sub;
  answers["login_hint of bob"] = await user("bob");
  answers["login_hint of nobody"] = await user("nobody");
  answers["login_hint of bob, and user"] = await user("bob", { user: "alice" });
  const refreshed = async (scope) => {
    const { rp, tokens } = await login({ scope: "openid read" });
    const { tokens: renewed } = await rp.refresh(tokens.refresh_token, { scope, fetch });
    return renewed.scope;
  };
  answers["a smaller scope"] = await refreshed("openid");
  answers["a larger scope"] = await refreshed("openid write").catch(({ error }) => error);
  const last = await login();
  op.signOut();
  const { sid: ended } = await last.rp.verifyLogoutToken(await op.logoutToken("app"), { fetch });
  answers["a logout token after signOut"] = ended === last.claims.sid ? "the same session" : "another one";
  for (const fault of ["jws.alg", "jwks.ambiguous", "jwks.weak_key"]) {
    op.break(fault);
    answers[fault] = await login().then(({ claims }) => claims.sub, ({ code }) => code);
    op.mend();
  }
  answers.mended = (await login()).claims.sub;
  console.log(JSON.stringify(answers));
`;

const manifest = async () => JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
