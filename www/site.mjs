#!/usr/bin/env node
/**
 * Builds the site: static files for any host, at any path. `node www/site.mjs [DIRECTORY] [--package DIRECTORY]` writes them;
 * `buildSite()` gives them to the demo's server and to tests.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { readCode } from "./code.mjs";
import { readProviders, readRelaxations, readRules, readShown, shownFiles } from "./documented.mjs";
import { html as escaped } from "./provider/html.mjs";

const here = fileURLToPath(new URL("./", import.meta.url));
const builtPackage = new URL("../pkg/dist/", import.meta.url);

/** The languages, and the folder of each. */
export const languages = { en: "", ko: "ko/", zh: "zh/" };

/** Where the documents may connect to. */
const nowhere = "'none'";
const own = "'self'";
/** Any provider of the visitor's. http is for a provider on this machine. */
const anywhere = "'self' https: http://127.0.0.1:* http://localhost:*";

/** Each document: its name, its script in `site/`, and where it may connect to. */
export const documents = [
  { name: "index", script: "app", connect: own },
  { name: "callback", script: "app", connect: own },
  { name: "signed-out", script: "app", connect: own },
  { name: "inspect", script: "inspect", connect: nowhere },
  { name: "provider", script: "provider", connect: anywhere },
  { name: "pkce", script: "pkce", connect: nowhere },
  { name: "resources", script: "resources", connect: nowhere },
  { name: "types", script: "types", connect: nowhere },
  { name: "refresh", script: "refresh", connect: nowhere },
];

const scripts = [...new Set(documents.map(({ script }) => script))];

/**
 * The files by path.
 * @param {object} [options]
 * @param {URL} [options.packageFiles] the directory of the built package
 * @param {{ issuer: string, clientId: string, resources: Record<string, string> }} [options.local] a provider on this machine
 * @returns {Promise<Map<string, string | Uint8Array>>}
 */
export async function buildSite({ packageFiles = builtPackage, local } = {}) {
  const read = (path) => readFile(join(here, path));
  const { bundles, imports } = await bundle(packageFiles);
  const files = new Map(bundles);
  files.set("style.css", await read("site/style.css"));
  files.set("icon.svg", await read("site/icon.svg"));
  files.set("harbour/style.css", await read("provider/style.css"));
  files.set("harbour/icon.svg", await read("provider/icon.svg"));
  const layout = `${await read("site/layout.html")}`;
  const sequence = `${await read("site/sequence.html")}`.trimEnd();
  for (const [lang, folder] of Object.entries(languages)) {
    const { default: strings } = await import(`./site/strings/${lang}.js`);
    for (const { name, script, connect } of documents) {
      const values = {
        lang,
        name,
        script,
        root: folder ? "../" : "./",
        policy: policy(connect, local?.issuer),
        local: local ? JSON.stringify(local) : "",
        preloads: [`strings/${lang}.js`, ...imports(`${script}.js`)],
        main: `${await read(`site/pages/${name}.html`)}`.replace("{{sequence}}", () => sequence),
      };
      files.set(`${folder}${name}.html`, draw(layout, strings, values));
    }
  }
  for (const file of await shownFiles()) files.set(`source/${file}.html`, listing(file, await readShown(file)));
  files.set("worker.js", await worker(files));
  return files;
}

/** The scripts, and what each imports, for the document to load at once. */
async function bundle(packageFiles) {
  const { outputFiles, metafile } = await build({
    ...shared,
    absWorkingDir: here,
    entryPoints: [
      ...scripts.map((name) => `site/${name}.js`),
      ...Object.keys(languages).map((lang) => `site/strings/${lang}.js`),
    ],
    outbase: "site",
    outdir: "assets",
    entryNames: "[dir]/[name]",
    chunkNames: "part-[hash]",
    splitting: true,
    format: "esm",
    plugins: [packaged(packageFiles), documented],
  });
  const scheme = await build({
    ...shared,
    absWorkingDir: here,
    entryPoints: ["site/scheme.js"],
    outdir: "assets",
    format: "iife",
  });
  const named = (files) =>
    files.map(({ path, contents }) => /** @type {const} */ ([slashed(relative(here, path)), contents]));
  const direct = (name) =>
    (metafile.outputs[`assets/${name}`]?.imports ?? [])
      .filter(({ kind, external }) => kind === "import-statement" && !external)
      .map(({ path }) => path.replace("assets/", ""));
  const imports = (name, seen = new Set()) => {
    for (const one of direct(name)) if (!seen.has(one)) imports(one, seen.add(one));
    return seen;
  };
  return { bundles: [...named(outputFiles), ...named(scheme.outputFiles)], imports };
}

const slashed = (path) => path.replaceAll("\\", "/");

/** @type {import("esbuild").BuildOptions & { write: false, metafile: true }} */
const shared = {
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  target: "es2022",
  logLevel: "error",
  legalComments: "none",
};

/** The package by its name, as it is published. @returns {import("esbuild").Plugin} */
const packaged = (packageFiles) => ({
  name: "package",
  setup(build) {
    build.onResolve({ filter: /^oidc-wasm(\/|$)/ }, ({ path }) => ({
      path: fileURLToPath(new URL(`${path.split("/")[1] ?? "index"}.js`, packageFiles)),
    }));
  },
});

const readers = { rules: readRules, relaxations: readRelaxations, providers: readProviders, code: readCode };

/** The modules `docs:rules` and so on have what the documentation says. @type {import("esbuild").Plugin} */
const documented = {
  name: "documentation",
  setup(build) {
    build.onResolve({ filter: /^docs:/ }, ({ path }) => ({ path: path.slice(5), namespace: "docs" }));
    build.onResolve({ filter: /^support:jws$/ }, () => ({ path: join(here, "../tests/support/provider/jws.js") }));
    build.onLoad({ filter: /./, namespace: "docs" }, async ({ path }) => ({
      contents: JSON.stringify(await readers[path]()),
      loader: "json",
    }));
  },
};

/** A source file or a page of the documentation, with a number for each line. @param {string} file @param {string} text */
function listing(file, text) {
  const up = "../".repeat(file.split("/").length);
  const lines = text.trimEnd().split("\n");
  return String(escaped`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; base-uri 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${file} · oidc-wasm</title>
<link rel="icon" href="${up}icon.svg">
<link rel="stylesheet" href="${up}style.css">
<script src="${up}assets/scheme.js"></script>
</head>
<body>
<main class="listing">
<h1>${file}</h1>
<pre tabindex="0"><code>${lines.map((line, index) => escaped`<span class="line" id="L${index + 1}">${line}\n</span>`)}</code></pre>
</main>
</body>
</html>
`);
}

/** The service worker knows every file, and its version is their hash. */
async function worker(files) {
  const hash = createHash("sha256");
  for (const [path, content] of files) hash.update(path).update(content);
  const site = {
    version: `oidc-wasm#${hash.digest("base64url").slice(0, 16)}`,
    // The listings are many, and are not needed offline.
    files: [...files.keys()].filter((file) => !file.startsWith("source/")),
    languages: Object.values(languages),
  };
  const { outputFiles } = await build({
    ...shared,
    absWorkingDir: here,
    entryPoints: ["worker/worker.js"],
    outfile: "worker.js",
    format: "iife",
    banner: { js: `globalThis.SITE=${JSON.stringify(site)};` },
  });
  return outputFiles[0].contents;
}

/** By a meta element: a static host sends no header of ours. */
function policy(connect, issuer) {
  const isolated = connect === nowhere;
  const toLocal = issuer && !isolated ? ` ${issuer}` : "";
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${connect}${toLocal}`,
    ...(isolated ? [] : ["worker-src 'self'"]),
    `form-action ${isolated ? "'none'" : `'self'${toLocal}`}`,
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    `trusted-types ${isolated ? "'none'" : "worker"}`,
  ].join("; ");
}

/** Fills in `{{value}}` and `{{text.key}}`, where `` ` `` marks code and `**` what is strong. */
function draw(layout, strings, values) {
  const { lang, name, root } = values;
  const others = Object.entries(languages).map(([other, folder]) => {
    const address = `${root}${folder}${name === "index" ? "" : `${name}.html`}`;
    const current = other === lang ? escaped` aria-current="true"` : "";
    return escaped`<a href="${address}" hreflang="${other}" lang="${other}"${current}>${languageNames[other]}</a>`;
  });
  const preloads = values.preloads.map((path) => escaped`<link rel="modulepreload" href="${root}assets/${path}">\n`);
  const own = {
    ...values,
    preloads: preloads.join(""),
    languages: others.join("\n"),
    title: strings.pages[name].title,
  };
  const value = (key) => {
    const found = own[key] ?? key.split(".").reduce((at, part) => at?.[part], strings);
    if (typeof found !== "string") throw new Error(`site/strings/${lang}.js has no ${key}`);
    return found;
  };
  const markup = (text) =>
    String(escaped`${text}`)
      .replace(/\*\*(.+?)\*\*/g, "<strong>$1</strong>")
      .replace(/`([^`]+)`/g, "<code>$1</code>");
  const isMarkup = new Set(["preloads", "languages", "main"]);
  const pass = (text) =>
    text.replace(/\{\{([\w.]+)\}\}/g, (_all, key) => (isMarkup.has(key) ? value(key) : markup(value(key))));
  // Twice: the layout holds the page.
  return pass(pass(layout)).replace(`data-page="${name}"`, `data-page="${name}" aria-current="page"`);
}

const languageNames = { en: "English", ko: "한국어", zh: "中文" };

/** Writes the files into a directory, in place of what was there. */
export async function writeSite(directory, options) {
  const files = await buildSite(options);
  await rm(directory, { recursive: true, force: true });
  for (const [path, content] of files) {
    const file = join(directory, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  return files;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({ options: { package: { type: "string" } }, allowPositionals: true });
  const directory = positionals[0] ?? fileURLToPath(new URL("../target/site", import.meta.url));
  const files = await writeSite(directory, {
    packageFiles: values.package ? pathToFileURL(`${values.package}/`) : undefined,
  });
  console.log(`${files.size} files in ${directory}`);
}
