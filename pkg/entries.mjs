// Each line of entries.json is an entry: its import name, and its source in src/. The files in dist/, their types and
// the manifest's `exports` follow from it.
import { readFileSync } from "node:fs";

const entries = JSON.parse(readFileSync(new URL("entries.json", import.meta.url), "utf8"));

/** The engines: the default one, and those of oidc-wasm/login and oidc-wasm/full. */
export const modules = ["oidc_wasm", "oidc_wasm_login", "oidc_wasm_full"];

/** @type {Record<string, { folder: string, extension: string, format: "es" | "cjs", edge: boolean }>} The builds of each entry. `edge` uses `x.edge.ts` if it exists beside `x.ts`. */
export const builds = {
  edge: { folder: "dist/edge", extension: "js", format: "es", edge: true },
  module: { folder: "dist", extension: "js", format: "es", edge: false },
  common: { folder: "dist", extension: "cjs", format: "cjs", edge: false },
};

/** `server.ts` and `server/index.ts` both become `server`. */
const named = (source) => source.replace(/(\/index)?\.ts$/, "");

/** The sources of the entries, by their output names. */
export const sources = Object.fromEntries(Object.values(entries).map((source) => [named(source), source]));

/** The files of an entry for each runtime. */
function targets(source) {
  const name = named(source);
  const target = ({ folder, extension }) => ({
    types: `./dist/${name}.d.${extension === "cjs" ? "cts" : "ts"}`,
    default: `./${folder}/${name}.${extension}`,
  });
  const { edge, module, common } = builds;
  return {
    workerd: target(edge),
    "edge-light": target(edge),
    // If Node can require an ES module, `import` and `require` share one engine.
    "module-sync": target(module),
    require: target(common),
    default: target(module),
  };
}

const wasm = (name, types) => ({ types: `./dist/${types}`, default: `./dist/${name}.wasm` });

/** @type {Record<string, any>} */
export const exports = {
  ...Object.fromEntries(Object.entries(entries).map(([subpath, source]) => [subpath, targets(source)])),
  ...Object.fromEntries(
    modules.map((name) => [
      `./${name}.wasm`,
      { require: wasm(name, `${name}.d.cts`), default: wasm(name, `${name}.d.wasm.ts`) },
    ]),
  ),
  "./package.json": "./package.json",
};

/** For TypeScript's resolution `node10`, which ignores `exports`. */
export const typesVersions = {
  "*": Object.fromEntries(
    Object.entries(exports).flatMap(([subpath, target]) =>
      target.default?.types && subpath !== "." ? [[subpath.slice(2), [target.default.types]]] : [],
    ),
  ),
};
