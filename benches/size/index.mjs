// The sizes of downloads: node benches/size/index.mjs [--record]
// esbuild bundles and minifies every entry, and libraries with the same purpose. Fails if a size differs from size.json.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bundled, bytesOf, MEASURES, root, sum } from "./bundle.mjs";

process.chdir(root);
const json = (file) => JSON.parse(readFileSync(file, "utf8"));
/** Versions of a compressor differ a little. */
const TOLERANCE = 0.005;

/** The other libraries: all exports, or the part that a file uses; and whether a code exchange verifies the ID token's signature. */
const PEERS = [
  ["oauth4webapi", "on request"],
  ["oauth4webapi", "on request, as here", "a login in a page, and no more", "benches/size/oauth4webapi.js"],
  ["openid-client", "on request"],
  ["jose", "always; has no login"],
  ["jose", "always; has no login", "jwtVerify and createRemoteJWKSet", "benches/size/jose.js"],
  ["oidc-client-ts", "never"],
  ["@auth0/auth0-spa-js", "never"],
];

const entries = json("pkg/entries.json");
const fileOf = (source) => source.replace(/(\/index)?\.ts$/, ".js");

/** Bytes of the first load and of later loads. `entry` is a file, or source as a string. `without` are imports of another row. */
function bundle(entry, without = [], splitting = true) {
  // The package's own name means its files in dist/, as where it is installed.
  const installed = ({ path, importer }) =>
    without.includes(path) || path === "oidc-wasm/full"
      ? { path, external: true }
      : { path: join(dirname(importer), fileOf(entries[path.replace("oidc-wasm", ".")])) };
  return bundled(entry, {
    // wasm-bindgen imports a module that the wasm2js engine does not need.
    external: ["__wbindgen_externref_xform__", ...without],
    splitting,
    plugins: [{ name: "installed", setup: (build) => build.onResolve({ filter: /^oidc-wasm(\/|$)/ }, installed) }],
    // A `.wasm` file is a download of its own, as a Worker's bundler makes it one.
    loader: { ".wasm": "copy" },
    assetNames: "[name]",
  });
}

// ── the package, and the other libraries ──

const rows = {
  "WebAssembly module": bytesOf(readFileSync("pkg/dist/oidc_wasm.wasm")),
  "glue, minified": (await bundle('export * from "./pkg/src/generated/oidc_wasm.js";', ["*/engine/text.js"])).now,
};
/** Downloads that stand beside those of other libraries. */
const wholes = [];
const sorted = Object.entries(entries).sort();
const files = sorted.map(([subpath, source]) => [`oidc-wasm${subpath.slice(1)}`, fileOf(source)]);
// Edge runtimes have their own build. Only the main entry is measured, because it differs most.
files.splice(1, 0, ["oidc-wasm in workerd", "edge/index.js"]);
for (const [name, file] of files) {
  // The logins and guards for this adapter come from `oidc-wasm/edge`, with the engine.
  const { now, later } = await bundle(`pkg/dist/${file}`, file === "node.js" ? ["oidc-wasm"] : []);
  rows[name] = now;
  if (later.raw) rows[`${name} when first needed`] = later;
  if (file.endsWith("index.js"))
    wholes.push([name.replace("oidc-wasm", "**`oidc-wasm`**"), sum([now, later]), "always"]);
}
const all = { ...rows };
for (const [name, signature, part, file] of PEERS) {
  const { now, later } = await bundle(file ?? `export * from "${name}";`);
  const title = `${name} ${json(`node_modules/${name}/package.json`).version}${part ? `, ${part}` : ""}`;
  all[title] = sum([now, later]);
  wholes.push([title, all[title], signature]);
}
wholes.sort(([, one], [, other]) => one.brotli - other.brotli);

// ── budgets: the most brotli bytes that an entry may add to its base at first load ──

const guarded = 'export { createGuard } from "./pkg/dist/edge/edge.js";';
/** @type {[string, number, ...string[]][]} The entry, its base and the limit. Those of Workers count without the module: a compressor's choices for it hide a hundred bytes. */
const budgets = [
  ["createGuard beside oidc-wasm", 1_500, guarded, "edge/index.js"],
  ["oidc-wasm/edge beside oidc-wasm", 5_000, "edge/edge.js", "edge/index.js"],
  ["oidc-wasm/hono beside oidc-wasm/edge", 500, "edge/hono.js", "edge/edge.js"],
  ["oidc-wasm/node", 1_000, "node.js"],
  ["oidc-wasm/full beside oidc-wasm, in one file", 18_000, "full.js", "index.js"],
  ["oidc-wasm/browser beside oidc-wasm/login", 4_500, "edge/browser.js", "edge/login.js"],
  ["oidc-wasm/worker beside oidc-wasm/login", 2_000, "edge/token_worker.js", "edge/login.js"],
  ["oidc-wasm/react beside react", 400, "react.js"],
];
const OF_BASE = ["*.wasm", "*?module", "react"];
for (const [name, most, ...entries] of budgets) {
  const files = entries.map((entry) => (entry === guarded ? entry : `pkg/dist/${entry}`));
  const sizes = await Promise.all(files.map((file) => bundle(file, OF_BASE, !/one file/.test(name))));
  const bytes = sizes.map(({ now }) => now.brotli).reduce((own, base) => own - base);
  console.log(`${bytes} of ${most}`.padStart(16), "", name);
  if (bytes > most) process.exitCode = 1;
}

// ── the record ──

const record = json("size.json");
const isSame = (before, bytes) =>
  before?.raw === bytes?.raw &&
  MEASURES.every((name) => Math.abs(before[name] - bytes[name]) <= bytes[name] * TOLERANCE);
const cells = (bytes) => MEASURES.map((name) => `${bytes?.[name] ?? "–"}`.padStart(9)).join("");
let differ = false;
console.log(`\n${"bytes, minified".padEnd(60)}${MEASURES.map((name) => name.padStart(9)).join("")}`);
for (const name of new Set([...Object.keys(all), ...Object.keys(record)])) {
  const same = isSame(record[name], all[name]);
  differ ||= !same;
  console.log(name.padEnd(60) + cells(all[name]) + (same ? "" : `  was ${cells(record[name])}`));
}
if (process.argv.includes("--record")) {
  const row = (...columns) => `| ${columns.join(" | ")} |\n`;
  const table = (title, more, lines) =>
    row(title, ...MEASURES, ...more) + row("---", "--:", "--:", "--:", ...more.map(() => "---")) + lines.join("");
  const line = ([name, bytes, ...more]) =>
    row(name.replace(/^oidc-wasm\S*/, "`$&`"), ...MEASURES.map((one) => bytes[one].toLocaleString("en")), ...more);
  const tables = [
    table("bytes, minified", [], Object.entries(rows).map(line)),
    table("beside other libraries", ["signature of the ID token"], wholes.map(line)),
  ];
  const between = /(?<=<!-- size\.json -->\n).*?(?=<!-- \/size\.json -->)/s;
  const page = readFileSync("docs/size.md", "utf8").replace(between, () => `\n${tables.join("\n")}\n`);
  writeFileSync("docs/size.md", page);
  writeFileSync("size.json", `${JSON.stringify(all, null, 2)}\n`);
} else if (differ) {
  console.log("\nsizes differ from size.json: if that is meant, run `cargo xtask size --record` and commit it");
  process.exitCode = 1;
}
