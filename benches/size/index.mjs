// The sizes of downloads and their parts: node benches/size/index.mjs [--record] [--files]
// esbuild bundles and minifies every entry, and libraries with the same purpose. Fails if a size differs from size.json.
import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const json = async (file) => JSON.parse(await readFile(join(root, file), "utf8"));
const flags = process.argv.slice(2);
const MEASURES = ["raw", "gzip", "brotli"];
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

function bytesOf(content) {
  const { BROTLI_PARAM_QUALITY: quality, BROTLI_PARAM_LGWIN: window, BROTLI_PARAM_SIZE_HINT: hint } = constants;
  const params = { [quality]: 11, [window]: 22, [hint]: content.length };
  const gzip = gzipSync(content, { level: 9 }).length;
  return { raw: content.length, gzip, brotli: brotliCompressSync(content, { params }).length };
}
const sum = (all) =>
  Object.fromEntries(MEASURES.map((name) => [name, all.reduce((total, bytes) => total + bytes[name], 0)]));

const entries = await json("pkg/entries.json");
const fileOf = (source) => source.replace(/(\/index)?\.ts$/, ".js");

/** The package's own name means its files in dist/, as where it is installed. */
const installed = (external, folder) => ({
  name: "installed",
  setup: (build) =>
    build.onResolve({ filter: /^oidc-wasm(\/|$)/ }, ({ path }) => {
      const source = entries[path.replace("oidc-wasm", ".")];
      return external.includes(path)
        ? { path, external: true }
        : { path: join(root, "pkg/dist", folder, fileOf(source)) };
    }),
});

/** Bytes of the first load, of later loads, and of each source file. `entry` is a file, or source as a string. */
async function bundle(entry, without = [], folder = "") {
  const isFile = /\.[jt]s$/.test(entry);
  // wasm-bindgen imports a module that the wasm2js engine does not need.
  // Parts that only another entry loads have their own row.
  const external = ["__wbindgen_externref_xform__", "oidc-wasm/full", ...without];
  const { outputFiles, metafile } = await build({
    ...(isFile ? { entryPoints: [entry] } : { stdin: { contents: entry, resolveDir: root } }),
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    logLevel: "warning",
    write: false,
    external,
    // Unjoined sources find one another by themselves.
    plugins: entry.startsWith("pkg/src/") ? [] : [installed(external, folder)],
    alias: { "#provider": "./tests/support/provider/index.js" },
    splitting: true,
    // A `.wasm` file is a download of its own, as a Worker's bundler makes it one.
    loader: { ".wasm": "copy" },
    assetNames: "[name]",
    outdir: "out",
    metafile: true,
  });
  const outputs = Object.entries(metafile.outputs);
  // A part that loads later has an entry point too.
  const now = [outputs.find(([, { entryPoint }]) => entryPoint === (isFile ? entry : "<stdin>"))[0]];
  for (const file of now) {
    const loads = metafile.outputs[file].imports.filter((one) => one.kind === "import-statement" && !one.external);
    // Removes a bundler's query from the file name.
    for (const path of loads.map((one) => one.path.split("?")[0])) if (!now.includes(path)) now.push(path);
  }
  const sized = outputs.map(([name]) => {
    const { contents } = outputFiles.find(({ path }) => basename(path) === basename(name));
    return { isNow: now.includes(name), ...bytesOf(contents) };
  });
  const files = outputs.flatMap(([, { inputs }]) => Object.entries(inputs));
  return {
    now: sum(sized.filter(({ isNow }) => isNow)),
    later: sum(sized.filter(({ isNow }) => !isNow)),
    files: files.map(([file, it]) => [it.bytesInOutput, file]).sort(([one], [other]) => other - one),
  };
}

// ── the package ──

const rows = { "WebAssembly module": bytesOf(await readFile(join(root, "pkg/dist/oidc_wasm.wasm"))) };
const glue = 'export * from "./pkg/src/generated/oidc_wasm.js";';
rows["glue, minified"] = (await bundle(glue, ["*/engine/text.js"])).now;
/** A download that stands beside those of other libraries. */
const wholes = [];
for (const [subpath, source] of Object.entries(entries).sort()) {
  const name = `oidc-wasm${subpath.slice(1)}`;
  // Edge runtimes have their own build. Only the main entry is measured, because it differs most.
  const builds = subpath === "." ? { [name]: "", [`${name} in workerd`]: "edge/" } : { [name]: "" };
  for (const [title, folder] of Object.entries(builds)) {
    const { now, later } = await bundle(`pkg/dist/${folder}${fileOf(source)}`);
    rows[title] = now;
    if (later.raw) rows[`${title} when first needed`] = later;
    if (subpath === ".") wholes.push([`**\`${name}\`**${title.slice(name.length)}`, sum([now, later]), "always"]);
  }
  if (!flags.includes("--files")) continue;
  console.log(`\n${name}, minified bytes by file`);
  // Bundles the unjoined sources, because joined files have no sizes of their own.
  const { files } = await bundle(`pkg/src/${source}`);
  for (const [bytes, path] of files.slice(0, 12)) console.log(`${bytes}`.padStart(9), "", path);
}

// ── other libraries ──

const peers = {};
for (const [name, signature, part, file] of PEERS) {
  const { version } = await json(`node_modules/${name}/package.json`);
  const { now, later } = await bundle(file ?? `export * from "${name}";`);
  const title = `${name} ${version}${part ? `, ${part}` : ""}`;
  peers[title] = sum([now, later]);
  wholes.push([title, peers[title], signature]);
}
wholes.sort(([, one], [, other]) => one.brotli - other.brotli);

// ── budgets: the most brotli bytes that an entry may add to its base at first load ──

/** The script of a Worker, without its module: a compressor's choices for the module would hide a hundred bytes. */
const script = async (entry) => (await bundle(entry, ["*.wasm", "*?module"], "edge")).now.brotli;
const [engine, edge, hono] = await Promise.all(
  ["index", "edge", "hono"].map((name) => script(`pkg/dist/edge/${name}.js`)),
);
const guard = await script('export { createGuard } from "./pkg/dist/edge/edge.js";');
const budgets = [
  ["createGuard beside oidc-wasm", guard - engine, 1_500],
  ["oidc-wasm/edge beside oidc-wasm", edge - engine, 5_000],
  ["oidc-wasm/hono beside oidc-wasm/edge", hono - edge, 500],
  ["oidc-wasm/node", rows["oidc-wasm/node"].brotli, 1_000],
  ["oidc-wasm/full beside oidc-wasm", rows["oidc-wasm/full"].brotli - rows["oidc-wasm"].brotli, 18_000],
  ["oidc-wasm/react beside react", (await bundle("pkg/dist/react.js", ["react"])).now.brotli, 400],
];
for (const [name, bytes, most] of budgets) {
  if (flags.includes("--files") || bytes > most) console.log(`${bytes} of ${most}`.padStart(16), "", name);
  if (bytes > most) process.exitCode = 1;
}

// ── the record ──

const all = { ...rows, ...peers };
const record = await json("size.json").catch(() => ({}));
const isSame = (before, bytes) =>
  before?.raw === bytes?.raw &&
  MEASURES.every((name) => Math.abs(before[name] - bytes[name]) <= bytes[name] * TOLERANCE);
console.log(`\n${"bytes, minified".padEnd(60)}${MEASURES.map((name) => name.padStart(9)).join("")}`);
for (const [name, bytes] of Object.entries(all)) {
  const cells = (it) => MEASURES.map((measure) => `${it[measure]}`.padStart(9)).join("");
  const before = record[name] ? `  was ${cells(record[name])}` : "  not recorded";
  console.log(name.padEnd(60) + cells(bytes) + (isSame(record[name], bytes) ? "" : before));
}
if (flags.includes("--record")) {
  const row = (...columns) => `| ${columns.join(" | ")} |\n`;
  const cells = (bytes) => MEASURES.map((name) => bytes[name].toLocaleString("en"));
  const tables = [
    row("bytes, minified", ...MEASURES),
    "|---|--:|--:|--:|\n",
    ...Object.entries(rows).map(([name, bytes]) => row(name.replace(/^oidc-wasm\S*/, "`$&`"), ...cells(bytes))),
    "\n",
    row("beside other libraries", ...MEASURES, "signature of the ID token"),
    "|---|--:|--:|--:|---|\n",
    ...wholes.map(([name, bytes, signature]) => row(name, ...cells(bytes), signature)),
  ];
  const page = await readFile(join(root, "docs/size.md"), "utf8");
  const between = /(?<=<!-- size\.json -->\n).*?(?=<!-- \/size\.json -->)/s;
  await writeFile(
    join(root, "docs/size.md"),
    page.replace(between, () => `\n${tables.join("")}\n`),
  );
  await writeFile(join(root, "size.json"), `${JSON.stringify(all, null, 2)}\n`);
} else if (
  [...Object.keys(all), ...Object.keys(record)].some((name) => !all[name] || !isSame(record[name], all[name]))
) {
  console.log("\nsizes differ from size.json: if that is meant, run `cargo xtask size --record` and commit it");
  process.exitCode = 1;
}
