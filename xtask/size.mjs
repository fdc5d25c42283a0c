// The sizes of downloads and their parts: node xtask/size.mjs <kind of build> [--record] [--files]
// esbuild bundles and minifies every entry, and libraries with the same purpose. Fails if a size differs from size.json.
import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const RECORD = join(root, "size.json");
const PAGE = join(root, "docs/size.md");
const BETWEEN = /(?<=<!-- size\.json -->\n).*?(?=<!-- \/size\.json -->)/s;
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

const [kind, ...flags] = process.argv.slice(2);
const json = async (file) => JSON.parse(await readFile(join(root, file), "utf8"));
const options = { bundle: true, minify: true, format: "esm", target: "es2022", logLevel: "warning", write: false };

function bytesOf(content) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22 };
  const size = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  return {
    brotli: brotliCompressSync(content, { params: { ...params, ...size } }).length,
    gzip: gzipSync(content, { level: 9 }).length,
    raw: content.length,
  };
}

/** The sum of two downloads. */
const sum = (all) =>
  all.reduce(
    (one, other) => ({ brotli: one.brotli + other.brotli, gzip: one.gzip + other.gzip, raw: one.raw + other.raw }),
    { brotli: 0, gzip: 0, raw: 0 },
  );

/** Bytes of the first load, of later loads, and of each source file. */
async function bundle(entry, without = []) {
  const { outputFiles, metafile } = await build({
    ...options,
    absWorkingDir: root,
    // A file of the repository, or source as a string.
    ...(entry.endsWith(".js") || entry.endsWith(".ts")
      ? { entryPoints: [entry] }
      : { stdin: { contents: entry, resolveDir: root } }),
    // wasm-bindgen imports a module that the wasm2js engine does not need.
    // Parts that only another entry loads have their own row.
    external: ["__wbindgen_externref_xform__", "oidc-wasm/full", ...without],
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
  const isStart = ({ entryPoint }) => entryPoint === entry || entryPoint === "<stdin>";
  const now = [outputs.find(([, output]) => isStart(output))[0]];
  for (const file of now) {
    const loads = metafile.outputs[file].imports.filter((one) => one.kind === "import-statement" && !one.external);
    // Removes a bundler's query from the file name.
    for (const path of loads.map((one) => one.path.split("?")[0])) if (!now.includes(path)) now.push(path);
  }
  const at = (name) => outputFiles.find(({ path }) => basename(path) === basename(name)).contents;
  const sized = outputs.map(([name]) => [now.includes(name), bytesOf(at(name))]);
  const files = outputs.flatMap(([, { inputs }]) =>
    Object.entries(inputs).map(([file, it]) => [file, it.bytesInOutput]),
  );
  return {
    now: sum(sized.filter(([isNow]) => isNow).map(([, bytes]) => bytes)),
    later: sum(sized.filter(([isNow]) => !isNow).map(([, bytes]) => bytes)),
    files: files.sort(([, one], [, other]) => other - one),
  };
}

// ── the package ──

const glue = await build({ ...options, bundle: false, entryPoints: [join(root, "pkg/src/generated/oidc_wasm.js")] });
const rows = {
  "WebAssembly module": bytesOf(await readFile(join(root, "pkg/dist/oidc_wasm.wasm"))),
  "glue, minified": bytesOf(glue.outputFiles[0].contents),
};
const wholes = [];
const entries = Object.entries(await json("pkg/entries.json")).flatMap(([subpath, source]) => {
  const name = `oidc-wasm${subpath.slice(1)}`;
  const file = `${source.replace(/(\/index)?\.ts$/, "")}.js`;
  const entry = { name, file: `pkg/dist/${file}`, source: `pkg/src/${source}` };
  // Edge runtimes have their own build. Only the main entry is measured, because it differs most.
  return subpath === "." ? [entry, { ...entry, name: `${name} in workerd`, file: `pkg/dist/edge/${file}` }] : [entry];
});
for (const { name, file, source } of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
  const { now, later } = await bundle(file);
  rows[name] = now;
  if (later.raw) rows[`${name} when first needed`] = later;
  if (!name.includes("/")) wholes.push({ name, bytes: sum([now, later]), signature: "always", isOwn: true });
  if (!flags.includes("--files")) continue;
  console.log(`\n${name}, minified bytes by file`);
  // Bundles the unjoined sources too, because joined files have no sizes of their own.
  for (const [path, bytes] of (await bundle(source)).files.slice(0, 12)) console.log(`${bytes}`.padStart(9), "", path);
}

// ── other libraries ──

const peers = {};
for (const [name, signature, part, file] of PEERS) {
  const { version } = await json(`node_modules/${name}/package.json`);
  const { now, later } = await bundle(file ?? `export * from "${name}";`);
  const title = `${name} ${version}${part ? `, ${part}` : ""}`;
  peers[title] = sum([now, later]);
  wholes.push({ name: title, bytes: peers[title], signature, isOwn: false });
}
wholes.sort((one, other) => one.bytes.brotli - other.bytes.brotli);

// ── budgets: the most brotli bytes that an entry may add to its base at first load ──

const honoAlone = (await bundle("pkg/dist/hono.js")).now.brotli - (await bundle("pkg/src/edge.ts")).now.brotli;
const budgets = [
  ["oidc-wasm/hono beside oidc-wasm/edge", Math.max(0, honoAlone), 500],
  ["oidc-wasm/react beside react", (await bundle("pkg/dist/react.js", ["react"])).now.brotli, 400],
];
for (const [name, bytes, most] of budgets) {
  if (flags.includes("--files") || bytes > most) console.log(`${bytes} of ${most}`.padStart(16), "", name);
  if (bytes > most) process.exitCode = 1;
}

// ── the record ──

const record = await json("size.json").catch(() => ({}));
const MEASURES = ["raw", "gzip", "brotli"];
const isSame = (one, other) =>
  !!one &&
  one.raw === other.raw &&
  MEASURES.every((name) => Math.abs(one[name] - other[name]) <= other[name] * TOLERANCE);
const cells = (bytes, write) => MEASURES.map((name) => write(bytes[name]));

function print(title, lines) {
  const width = Math.max(title.length, ...lines.map(([name]) => name.length));
  console.log(`\n${title.padEnd(width)}${MEASURES.map((name) => name.padStart(9)).join("")}`);
  for (const [name, bytes, before, remark = ""] of lines) {
    const change = isSame(before, bytes) ? "" : before ? `  was ${cells(before, String).join(" ")}` : "  not recorded";
    console.log(name.padEnd(width) + cells(bytes, (it) => `${it}`.padStart(9)).join("") + remark + change);
  }
}

/** Formats import specifiers as code. */
const code = (name) => name.replace(/^oidc-wasm\S*/, "`$&`");
const row = (...columns) => `| ${columns.join(" | ")} |\n`;
const grouped = (bytes) => cells(bytes, (it) => it.toLocaleString("en"));
const tables = (own, peers) => {
  const head = ["\n", row("bytes, minified", ...MEASURES), "|---|--:|--:|--:|\n"];
  const beside = wholes
    .map((it) => ({ ...it, bytes: it.isOwn ? it.bytes : peers[it.name] }))
    .map(({ name, bytes, signature, isOwn }) => row(isOwn ? `**${code(name)}**` : name, ...grouped(bytes), signature));
  const title = [
    "\n",
    row("beside other libraries", ...MEASURES, "signature of the ID token"),
    "|---|--:|--:|--:|---|\n",
  ];
  return [
    ...head,
    ...Object.entries(own).map(([name, it]) => row(code(name), ...grouped(it))),
    ...title,
    ...beside,
    "\n",
  ].join("");
};

if (flags.includes("--record")) {
  await writeFile(RECORD, `${JSON.stringify(Object.assign(record, { [kind]: rows, peers }), null, 2)}\n`);
  // Only the smaller build is published.
  const text = await readFile(PAGE, "utf8");
  if (kind === "build-std")
    await writeFile(
      PAGE,
      text.replace(BETWEEN, () => tables(rows, peers)),
    );
}
const known = record[kind] ?? {};
print(
  `Bytes (${kind} build)`,
  Object.entries(rows).map(([name, bytes]) => [name, bytes, known[name]]),
);
print(
  "Beside other libraries; signatures of ID tokens",
  wholes.map(({ name, bytes, signature, isOwn }) => [
    name,
    bytes,
    isOwn ? bytes : record.peers?.[name],
    `  ${signature}`,
  ]),
);
const differs = (one, other) =>
  Object.keys({ ...one, ...other }).some((name) => !one[name] || !other[name] || !isSame(one[name], other[name]));
if (differs(known, rows) || differs(record.peers ?? {}, peers)) {
  console.log("\nsizes differ from size.json: if that is meant, run `cargo xtask size --record` and commit it");
  process.exitCode = 1;
}
