// npm run reference: the API reference of the npm package (from its types) and of the crate, in target/reference. Needs
// `cargo xtask pack` first.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));
const out = `${root}target/reference`;
const dist = `${root}target/npm/package/dist`;
const npm = process.platform === "win32" ? "npm.cmd" : "npm";
const run = (program, args, cwd = root) => execFileSync(program, args, { cwd, stdio: "inherit" });

if (!existsSync(`${dist}/index.d.ts`)) throw new Error("there is no package: cargo xtask pack makes it");
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
run(npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], here);

// TypeDoc reads the shipped declarations, under their import names.
const { entryPoints, readme, ...options } = JSON.parse(readFileSync(`${here}typedoc.json`, "utf8"));
const paths = { "oidc-wasm": [`${dist}/index.d.ts`] };
for (const name of entryPoints) paths[`oidc-wasm/${name}`] = [`${dist}/${name}.d.ts`];
const compilerOptions = {
  target: "es2022",
  module: "esnext",
  moduleResolution: "bundler",
  lib: ["es2022", "dom", "dom.iterable", "esnext.disposable"],
  skipLibCheck: true,
  typeRoots: [`${root}node_modules/@types`],
  types: ["react", "node"],
  paths: { ...paths, react: [`${root}node_modules/@types/react`], hono: [`${root}node_modules/hono`] },
};
const config = `${out}/tsconfig.json`;
writeFileSync(config, JSON.stringify({ compilerOptions, files: entryPoints.map((name) => `${dist}/${name}.d.ts`) }));
const settings = `${out}/typedoc.json`;
const given = {
  ...options,
  readme: `${here}${readme}`,
  entryPoints: entryPoints.map((name) => `${dist}/${name}.d.ts`),
  out: `${out}/npm`,
  tsconfig: config,
};
writeFileSync(settings, JSON.stringify(given));
run(process.execPath, [`${here}node_modules/typedoc/bin/typedoc`, "--options", settings], here);
run(process.env.CARGO ?? "cargo", ["doc", "--no-deps", "--package", "oidc-wasm", "--quiet"]);
console.log(`${out}/npm/index.html\n${root}target/doc/oidc_wasm/index.html`);
