// Builds the published npm package: node pkg/pack.mjs <folder> <version>. Stages it in <folder>/package and packs it there.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, posix, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { exports, modules, typesVersions } from "./entries.mjs";

const [folder = "target/npm", version] = process.argv.slice(2);
const out = resolve(folder);
const stage = join(out, "package");
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const root = (path) => here(`../${path}`);
const text = (path) => readFileSync(path, "utf8");
const json = (path) => JSON.parse(text(path));
const write = (name, content) => writeFileSync(join(stage, name), content);
const below = (at) => readdirSync(at, { recursive: true, encoding: "utf8" }).map((file) => file.replaceAll("\\", "/"));

const manifest = json(here("package.json"));
if (version && version !== manifest.version)
  throw new Error(`pkg/package.json says version ${manifest.version}, Cargo.toml says ${version}`);
/** The repository's address. Publishing requires it. */
const { address } = json(here("repository.json"));

rmSync(stage, { recursive: true, force: true });
mkdirSync(stage, { recursive: true });
const fromRoot = ["README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE-MIT", "LICENSE-APACHE", "docs"];
for (const name of fromRoot) cpSync(root(name), join(stage, name), { recursive: true });
cpSync(here("dist"), join(stage, "dist"), { recursive: true });

// ── links of README and documentation: readers see them outside the repository ──

const carried = new Set();
/** A link of `page` to a file outside the package. */
function placed(page, link, image, label, path, hash = "") {
  const target = posix.normalize(posix.join(posix.dirname(page), path));
  if (!existsSync(root(target))) throw new Error(`${page} links to ${path}, which is not there`);
  const isOwn = page !== "README.md" && target.startsWith("docs/");
  if (address && !isOwn)
    return `${image}${label}${address}/${image ? "raw" : "blob"}/v${manifest.version}/${target}${hash})`;
  carried.add(target);
  return link;
}
const readable = [
  "README.md",
  ...below(join(stage, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
];
for (const page of readable)
  write(
    page,
    text(join(stage, page)).replace(/(!?)(\[[^\]]*\]\()([\w./-]+)(#[^)]*)?\)/g, (link, ...parts) =>
      placed(page, link, ...parts.slice(0, 4)),
    ),
  );
const ignored = /(^|\/)(node_modules|dist|\.wrangler)(\/|$)/;
for (const path of carried)
  if (!existsSync(join(stage, path)))
    cpSync(root(path), join(stage, path), {
      recursive: true,
      filter: (file) => !ignored.test(file.slice(root(path).length)),
    });

// ── digests and materials ──

/** The SHA-256 of each module, by its file. */
const digests = modules
  .map((name) => `dist/${name}.wasm`)
  .map((file) => [
    file,
    createHash("sha256")
      .update(readFileSync(here(file)))
      .digest("hex"),
  ]);
const verify = join(stage, "docs/verify.md");
const lines = digests.map(([file, digest]) => `${digest}  ${file}`);
writeFileSync(verify, text(verify).replace("<!-- sha256 -->", lines.join("\n")));

/** The sources of the modules, as CycloneDX. Without a date, so the same sources give the same file. */
function materials() {
  const tree = [
    "tree",
    "--locked",
    "--package=oidc-wasm",
    "--features=wasm,full",
    "--target=wasm32-unknown-unknown",
    "--edges=normal",
  ];
  const lines = execFileSync(process.env.CARGO ?? "cargo", [...tree, "--prefix=none", "--format={p}|{l}"], {
    cwd: root("."),
    encoding: "utf8",
  }).split("\n");
  const crates = lines.map((line) => /^(\S+) v(\S+)(?: \(proc-macro\))?\|(.*)$/.exec(line)).filter((crate) => crate);
  const named = new Map(
    crates.map(([, name, number, licence]) => [`pkg:cargo/${name}@${number}`, { name, number, licence }]),
  );
  return [...named]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([purl, { name, number, licence }]) => ({
      type: "library",
      "bom-ref": purl,
      name,
      version: number,
      purl,
      licenses: [{ expression: licence.replaceAll("/", " OR ").replace(/ +/g, " ") }],
    }));
}
const purl = `pkg:npm/${manifest.name}@${manifest.version}`;
const component = {
  type: "library",
  "bom-ref": purl,
  name: manifest.name,
  version: manifest.version,
  purl,
  licenses: [{ expression: manifest.license }],
};
const compiled = digests.map(([name, content]) => ({ type: "file", name, hashes: [{ alg: "SHA-256", content }] }));
const components = [...compiled, ...materials()];
write(
  "sbom.cdx.json",
  `${JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.6", version: 1, metadata: { component }, components }, null, 2)}\n`,
);

// ── the manifests ──

/** Files that a bundler must keep: those that choose the engine's module, those that load them, and those that add rules. */
const isNeeded = (file) =>
  /\/(module|module_login|module_full|login|full|slim|js)\.c?js$/.test(file) ||
  (/\.c?js$/.test(file) && /^(import |require\()"\.\/module\./m.test(text(join(stage, file))));
const sideEffects = below(join(stage, "dist"))
  .map((file) => `./dist/${file}`)
  .filter(isNeeded)
  .sort();
const { require, default: module } = exports["."];
const where = address && {
  repository: { type: "git", url: `git+${address}.git`, directory: "pkg" },
  homepage: `${address}#readme`,
  bugs: `${address}/issues`,
};
const { files: _, ...known } = manifest;
const files = readdirSync(stage).sort();
const whole = {
  ...known,
  ...where,
  main: require.default,
  module: module.default,
  types: module.types,
  exports,
  typesVersions,
  files,
  sideEffects,
};
write("package.json", `${JSON.stringify(whole, null, 2)}\n`);
const scripts = Object.entries(exports).filter(([, target]) => target.default?.default?.endsWith(".js"));
const jsr = {
  name: `@${manifest.name}/${manifest.name}`,
  version: manifest.version,
  license: manifest.license,
  exports: Object.fromEntries(scripts.map(([subpath, target]) => [subpath, target.default.default])),
};
write("jsr.json", `${JSON.stringify(jsr, null, 2)}\n`);
whole.files.push("jsr.json");
write("package.json", `${JSON.stringify(whole, null, 2)}\n`);

for (const [file] of JSON.stringify([exports, whole.main]).matchAll(/\.\/[^"]+\.(c?[jt]s|wasm)(?=")/g))
  if (!Object.hasOwn(exports, file) && !existsSync(join(stage, file)))
    throw new Error(`package.json promises ${file}, which is not built`);

// ── the tarball ──

const pack = ["pack", "--json", "--ignore-scripts", "--loglevel=silent", "--pack-destination", out, stage];
// On Windows, npm is a script, which only a shell starts.
const isWindows = process.platform === "win32";
const npm = execFileSync("npm", isWindows ? pack.map((word) => `"${word}"`) : pack, {
  encoding: "utf8",
  shell: isWindows,
});
const [{ filename, files: packed }] = JSON.parse(npm);
for (const path of below(stage))
  if (statSync(join(stage, path)).isFile() && !packed.some((one) => one.path === path))
    throw new Error(`\`files\` in package.json leaves out ${path}`);
console.log(join(out, filename));
