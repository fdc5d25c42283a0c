// The package as a person finds it: what linters of packages say of it, where its links lead, and that importing it is harmless.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { bin, createChecks, must, root, run, same } from "./lib.mjs";
import { dead } from "./links.mjs";
import { installed, project } from "./project.mjs";
import { starting } from "./starting.mjs";

/** What a runtime or a test environment may lack. */
const LACKING =
  "WebAssembly TextDecoder TextEncoder crypto fetch Request Response Headers FinalizationRegistry structuredClone performance BroadcastChannel".split(
    " ",
  );

export async function packaged() {
  const { check, results } = createChecks("package");
  const tarball = join(root, "target/npm", `oidc-wasm-${(await manifest()).version}.tgz`);
  const { exports } = await manifest();
  const entries = Object.keys(exports).filter((subpath) => exports[subpath].default?.default?.endsWith(".js"));
  const names = entries.map((subpath) => `oidc-wasm${subpath.slice(1)}`);
  const node = (script, ...options) =>
    must(process.execPath, ["--no-warnings", ...options, "-e", script], { cwd: project });
  const own = '["oidc-wasm/hono", "oidc-wasm/react"]';

  await check("publint, strict", () => must(bin("publint"), ["--strict", tarball]));
  await check("are the types wrong, strict", () => must(bin("attw"), [tarball, "--no-definitely-typed", "--quiet"]));

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

  await check("the module's digest is told", async () => {
    const { createHash } = await import("node:crypto");
    const digest = createHash("sha256")
      .update(await readFile(join(installed, "dist/oidc_wasm.wasm")))
      .digest("hex");
    for (const file of ["docs/verify.md", "sbom.cdx.json"])
      if (!(await readFile(join(installed, file), "utf8")).includes(digest)) throw new Error(`${file} has another`);
  });

  for (const lacking of [[], ...LACKING.map((name) => [name]), LACKING]) {
    await check(
      `importing and requiring any entry does nothing without ${lacking.join(", ") || "anything missing"}`,
      async () => {
        const without = `for (const name of ${JSON.stringify(lacking)}) delete globalThis[name];`;
        const imports = `for (const name of ${JSON.stringify(names)}) if (!${own}.includes(name)) await import(name);`;
        const requires = `for (const name of ${JSON.stringify(names)}) if (!${own}.includes(name)) require(name);`;
        await node(without + imports, "--input-type=module");
        await node(without + requires, "--input-type=commonjs");
        await node(without + requires, "--input-type=commonjs", "--no-experimental-require-module");
      },
    );
  }

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
  await check("slim has no module of its own, and takes one", () =>
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
    same(output.trim(), "alice id_token.nonce", "who, and what was refused");
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

const manifest = async () => JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
