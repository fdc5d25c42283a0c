// Every way into the package is a line of entries.json: what is imported, and its source in src/. The files in dist/, their types and
// the manifest's `exports` follow from it.
import { readFileSync } from "node:fs";

const entries = JSON.parse(readFileSync(new URL("entries.json", import.meta.url), "utf8"));

/** The engine, by default and of oidc-wasm/login and oidc-wasm/full. */
export const modules = ["oidc_wasm", "oidc_wasm_login", "oidc_wasm_full"];

/** Each entry is built for each: `edge` takes `x.edge.ts` where there is one beside `x.ts`. */
export const builds = {
  edge: { folder: "dist/edge", extension: "js", format: "es", edge: true },
  module: { folder: "dist", extension: "js", format: "es", edge: false },
  common: { folder: "dist", extension: "cjs", format: "cjs", edge: false },
};

/** `server.ts` and `server/index.ts` both become `server`. */
const named = (source) => source.replace(/(\/index)?\.ts$/, "");

/** The sources of the entries by the name of what they become. */
export const sources = Object.fromEntries(Object.values(entries).map((source) => [named(source), source]));

/** What each runtime takes of an entry. */
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
    // Where Node can require an ES module, `import` and `require` share one engine.
    "module-sync": target(module),
    require: target(common),
    default: target(module),
  };
}

const wasm = (name, types) => ({ types: `./dist/${types}`, default: `./dist/${name}.wasm` });

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

/** For TypeScript's resolution `node10`, which reads no `exports`. */
export const typesVersions = {
  "*": Object.fromEntries(
    Object.entries(exports).flatMap(([subpath, target]) =>
      target.default?.types && subpath !== "." ? [[subpath.slice(2), [target.default.types]]] : [],
    ),
  ),
};
