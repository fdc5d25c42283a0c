// The npm package as it is published: node pkg/pack.mjs <folder> <version>. Stages it in <folder>/package and packs it there.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { exports } from "./entries.mjs";

const [folder = "target/npm", version] = process.argv.slice(2);
const out = resolve(folder);
const stage = join(out, "package");
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

rmSync(stage, { recursive: true, force: true });
mkdirSync(stage, { recursive: true });
for (const name of ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"])
  cpSync(here(`../${name}`), join(stage, name));
cpSync(here("dist"), join(stage, "dist"), { recursive: true });

/** What a bundler may not drop: the files that say which module the engine is, and the files that load them. */
const isNeeded = (file) =>
  /\/(module|js)\.c?js$/.test(file) ||
  (/\.c?js$/.test(file) && /^(import |require\()"\.\/module\./m.test(readFileSync(join(stage, file), "utf8")));
const sideEffects = readdirSync(join(stage, "dist"), { recursive: true, encoding: "utf8" })
  .map((file) => `./dist/${file.replaceAll("\\", "/")}`)
  .filter(isNeeded)
  .sort();

const { files, ...manifest } = JSON.parse(readFileSync(here("package.json"), "utf8"));
if (version && version !== manifest.version)
  throw new Error(`pkg/package.json says version ${manifest.version}, Cargo.toml ${version}`);
const {
  require,
  default: { types, default: module },
} = exports["."];
const whole = { ...manifest, main: require.default, module, types, exports, files, sideEffects };
writeFileSync(join(stage, "package.json"), `${JSON.stringify(whole, null, 2)}\n`);

for (const file of JSON.stringify([whole.exports, whole.main]).match(/\.\/[^"]+/g))
  if (file !== "./package.json" && !Object.hasOwn(exports, file) && !existsSync(join(stage, file)))
    throw new Error(`package.json promises ${file}, which is not built`);

const npm = process.platform === "win32" ? "npm.cmd" : "npm";
const said = execFileSync(
  npm,
  ["pack", "--json", "--ignore-scripts", "--loglevel=silent", "--pack-destination", out, stage],
  { encoding: "utf8" },
);
const [{ filename, files: packed }] = JSON.parse(said);
for (const file of readdirSync(stage, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())) {
  const path = join(file.parentPath, file.name)
    .slice(stage.length + 1)
    .replaceAll("\\", "/");
  if (!packed.some((one) => one.path === path)) throw new Error(`\`files\` in package.json leaves out ${path}`);
}
console.log(join(out, filename));
