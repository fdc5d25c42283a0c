// The size of each module, and of a bundle with it: node benches/size/modules.mjs <file>…
// A module's features are in its file's name. If oidc-wasm/full alone has one of them, the bundle is that of oidc-wasm/full, without the
// scripts and the sentences of the features that the module lacks. Otherwise it is that of oidc-wasm.
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { renamed } from "../../pkg/short.mjs";
import { bundled, bytesOf, root } from "./bundle.mjs";

/** @type {[string, string[], RegExp][]} The scripts in pkg/src/full and the codes that only one feature has. */
const FEATURES = [
  ["authorization-details", [], /authorization_details/],
  ["ciba", ["backchannel_authentication"], /^ciba/],
  ["device", ["device"], /^device/],
  ["dpop", ["key_pair", "proven", "resource"], /^dpop/],
  ["extension-grants", [], /^token.issued_token_type/],
  ["fapi", [], /^profile/],
  ["jar", ["request_object"], /^request.signed/],
  ["jarm", ["signed_response"], /^jarm/],
  ["jwe", ["decryption", "machine"], /^jwe/],
  ["jwt-introspection", [], /^introspection/],
  ["mtls", ["certificate"], /^mtls|certificate/],
  ["par", ["authorize"], /^par/],
  ["registration", ["client_metadata", "registration"], /^registration/],
  ["resource-metadata", ["protected_resource"], /^resource/],
  ["step-up", ["step_up"], /^step_up/],
];

/** The same exports without any code. */
const emptied = (text) =>
  text
    .replace(/^export (?:async )?(?:function|const|class) (\w+)/gm, "\0$1\n")
    .replace(/^[^\0].*$/gm, "")
    .replace(/^\0(.*)/gm, "export const $1 = undefined;");

const calls = await readFile(join(root, "pkg/src/generated/calls.ts"), "utf8");
const constants = [...calls.matchAll(/^export const (\w+) = (\d+);$/gm)];
const numbers = Object.fromEntries(constants.map((found) => found.slice(1)));

const { mangleProps, mangleCache, tsconfigRaw } = renamed;
const rows = [];
for (const file of process.argv.slice(2)) {
  const features = basename(file, ".wasm").replace("weighed_", "").split(",");
  const missing = FEATURES.filter(([name]) => !features.includes(name) && !features.includes("full"));
  const emptyScripts = missing.flatMap(([, names]) => names);
  execFileSync("node", [join(root, "pkg/inline.mjs"), file, `${file}.ts`]);
  async function load({ path }) {
    const name = basename(path, ".ts");
    let source = await readFile(name.startsWith("wasm_inline") ? `${file}.ts` : path, "utf8");
    source = source.replace(/\bEngine\.(\w+)/g, (constant, name) => numbers[name] ?? constant);
    if (!source.includes("Engine.")) source = source.replace(/^import \* as Engine .*/m, "");
    if (/src[\\/]full[\\/]/.test(path) && emptyScripts.includes(name)) source = emptied(source);
    const kept = (line, rule) => (missing.some(([, , own]) => own.test(rule)) ? "" : line);
    if (name.endsWith("_rules")) source = source.replace(/^ {2}"(.*)\n/gm, kept);
    return { contents: source, loader: "ts", resolveDir: join(path, "..") };
  }
  const entry = missing.length < FEATURES.length ? "pkg/src/full.ts" : "pkg/src/index.ts";
  const plugins = [{ name: "sources", setup: (build) => build.onLoad({ filter: /pkg.src.*\.ts$/ }, load) }];
  const options = { plugins, mangleProps, mangleCache, tsconfigRaw };
  const [{ now }, whole] = [await bundled(entry, options), await bundled(entry, { ...options, splitting: false })];
  const module = bytesOf(await readFile(file)).brotli;
  rows.push({ features: `${features}`, module, "first load": now.brotli, "one file": whole.now.brotli });
}
const more = (row) => Object.entries(row).map(([name, is]) => [`more, ${name}`, is - rows[0][name] || 0]);
console.table(rows.map((row) => ({ ...row, ...Object.fromEntries(more(row).slice(1)) })));
