// Reasons why the engine does not start, and the error for each.
import { cp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { here, must, same } from "./lib.mjs";
import { installed, project } from "./project.mjs";

/** Messages of JavaScript engines that forbid compilation. */
const FORBIDDEN = {
  "init.csp": [
    "WebAssembly.compile(): Compiling or instantiating WebAssembly module violates the following Content Security policy directive because neither 'wasm-eval' nor 'unsafe-eval' is an allowed source of script",
    "call to WebAssembly.compile() blocked by CSP",
    "Refused to create a WebAssembly object because 'unsafe-eval' or 'wasm-unsafe-eval' is not an allowed source of script",
  ],
  "init.edge": [
    "WebAssembly.compile(): Wasm code generation disallowed by embedder",
    "Dynamic WASM code generation (e. g. 'WebAssembly.compile') not allowed in Edge Runtime",
  ],
  "init.failed": ["out of memory"],
};

/** @param {(name: string, body: () => unknown) => Promise<void>} check */
export async function starting(check) {
  const node = (script) =>
    must(process.execPath, ["--no-warnings", "-e", script, "--input-type=module"], { cwd: project });
  for (const [code, sentences] of Object.entries(FORBIDDEN))
    for (const sentence of sentences)
      await check(`${code}: ${sentence.slice(0, 60)}`, () =>
        node(
          `WebAssembly.compile = async () => { throw new WebAssembly.CompileError(${JSON.stringify(sentence)}); };
          const { default: init } = await import("oidc-wasm");
          const error = await init().catch((error) => error);
          if (error?.code !== ${JSON.stringify(code)} || !error.cause) throw new Error(String(error?.code));`,
        ),
      );
  await check("init.no_wasm: WebAssembly is missing", () =>
    node(
      `delete globalThis.WebAssembly;
      const { default: init } = await import("oidc-wasm");
      const error = await init().catch((error) => error);
      if (error?.code !== "init.no_wasm") throw new Error(String(error?.code));`,
    ),
  );
  await check("init.failed: the engine with more features starts at the next call", () =>
    node(
      `const { default: usual } = await import("oidc-wasm");
      await usual();
      const { default: init, RelyingParty } = await import("oidc-wasm/full");
      const { Instance } = WebAssembly;
      // What unpacks the engine has no imports.
      WebAssembly.Instance = function (module, imports) {
        if (imports) throw new RangeError("could not allocate memory");
        return new Instance(module);
      };
      const error = await init().catch((error) => error);
      if (error?.code !== "init.failed" || !error.cause) throw new Error(String(error?.code));
      WebAssembly.Instance = Instance;
      await init();
      const client = { clientId: "c", redirectUri: "https://rp.example/cb" };
      new RelyingParty({ issuer: "https://op.example" }, client);
      let refused;
      try {
        new RelyingParty({ issuer: "https://op.example" }, { ...client, profile: "fapi2" });
      } catch (error) {
        refused = error;
      }
      if (refused?.code !== "profile.client_auth") throw new Error(String(refused?.code));`,
    ),
  );
  await check("a person who left with oidc-wasm returns after oidc-wasm/full was loaded", () =>
    node(
      `const { default: init, RelyingParty } = await import("oidc-wasm");
      await init();
      const op = { issuer: "https://op.example", authorization_endpoint: "https://op.example/authorize" };
      const rp = new RelyingParty(op, { clientId: "c", redirectUri: "https://rp.example/cb" });
      const { state, transaction } = rp.authorizationRequest();
      await import("oidc-wasm/full");
      const back = (state) => rp.callback("https://rp.example/cb?error=access_denied&state=" + state, transaction);
      for (const [value, code] of [[state, "redirect.oauth_error"], ["another", "redirect.state"]]) {
        const error = await back(value).catch((error) => error);
        if (error?.code !== code) throw new Error(String(error?.code));
      }`,
    ),
  );
  await check("init.part: a file that oidc-wasm/full loads later is missing", async () => {
    const folder = join(project, "part");
    const copy = join(folder, "node_modules/oidc-wasm");
    await rm(folder, { recursive: true, force: true });
    await cp(installed, copy, { recursive: true });
    await cp(join(here, "consumers/part.mjs"), join(folder, "part.mjs"));
    const run = async () => (await must(process.execPath, ["part.mjs"], { cwd: folder })).trim();
    same(await run(), "http.status http.status 2", "with all files");
    const full = await readFile(join(copy, "dist/full.js"), "utf8");
    for (const [, file] of full.matchAll(/import\("\.\/(\w+\.js)"\)/g)) await rm(join(copy, "dist", file ?? ""));
    same(await run(), "init.part http.status 1", "no code is sent without them");
  });
}
