// An empty project with the packed package installed, and the suite beside it, laid out as in tests/. There `import
// "oidc-wasm"` finds only the tarball's files.
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { must, readVectors, root, ruleCodes, same } from "./lib.mjs";

/** Two runs at once need one folder each: JS_TESTS_DIR names another. */
export const project = join(process.env.JS_TESTS_DIR ?? join(root, "target/js"), "project");
export const installed = join(project, "node_modules/oidc-wasm");

/** In the project, `oidc-wasm` is the entry of this name. */
export async function createProject(tarball, entry = ".") {
  await rm(project, { recursive: true, force: true });
  await mkdir(project, { recursive: true });
  await writeFile(join(project, "package.json"), '{ "name": "consumer", "private": true, "type": "module" }\n');
  await must("npm", ["install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts", tarball], { cwd: project });
  // A peer dependency. It has no dependencies.
  await cp(join(root, "node_modules/hono"), join(project, "node_modules/hono"), { recursive: true });
  if (entry !== ".") {
    const file = join(installed, "package.json");
    const manifest = JSON.parse(await readFile(file, "utf8"));
    manifest.exports["."] = manifest.exports[`./${entry}`];
    manifest.exports["./oidc_wasm.wasm"] = manifest.exports[`./oidc_wasm_${entry}.wasm`];
    await writeFile(file, JSON.stringify(manifest));
  }
  for (const folder of ["js/suite", "js/entries", "support"])
    await cp(join(root, "tests", folder), join(project, folder), { recursive: true });
  await writeFile(join(project, "js/vectors.js"), `export default ${JSON.stringify(await readVectors())};\n`);
  await writeFile(
    join(project, "js/build.js"),
    `export const isFull = ${entry === "full"};\nexport const isLogin = ${entry === "login"};\n`,
  );
  await writeFile(join(project, "js/rules.js"), `export default ${JSON.stringify(await ruleCodes())};\n`);
}

const exported = async () => JSON.parse(await readFile(join(installed, "package.json"), "utf8")).exports;

/** The file that `exports["."]` names for a condition. */
export const entryOf = async (condition) => join(installed, (await exported())["."][condition].default);

/** The module itself, a possible argument of init(). */
export const wasmFile = async () => join(installed, (await exported())["./oidc_wasm.wasm"].default.default);

/** The installed package, ready to use, and `refused(code, call)`: it returns the error with this code, or the check fails. */
export async function load() {
  const oidc = await import(pathToFileURL(await entryOf("default")).href);
  await oidc.default();
  const refused = async (code, call, what = "code") => {
    let value;
    try {
      value = await call();
    } catch (error) {
      if (!(error instanceof oidc.OidcError)) throw error;
      same(error.code, code, what);
      return error;
    }
    throw new Error(`${what}: expected ${code}, was accepted: ${JSON.stringify(value)?.slice(0, 300)}`);
  };
  return { ...oidc, refused };
}
