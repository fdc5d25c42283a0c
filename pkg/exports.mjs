// Every way into the package is a line of entries.json: what is imported, and its source file in src/. The files in dist/ and the
// manifest's `exports` follow from it.
import entries from "./entries.json" with { type: "json" };

export const WASM = "oidc_wasm.wasm";

/** A build of every entry. `edge` takes `x.edge.ts` where there is one beside `x.ts`. */
export const builds = [
  { folder: "edge", extension: "js", format: "esm", edge: true },
  { folder: ".", extension: "js", format: "esm", edge: false },
  { folder: ".", extension: "cjs", format: "cjs", edge: false },
];

/** Source files by the name of what they become. */
export const sources = Object.fromEntries(
  Object.values(entries).map((source) => [source.replace(/\.ts$/, "").replace(/\/index$/, ""), source]),
);

const targets = (name) => {
  const [edge, module, common] = builds.map(({ folder, extension }) => ({
    types: `./dist/${name}.d.${extension === "cjs" ? "cts" : "ts"}`,
    default: `./${["dist", folder, name].filter((part) => part !== ".").join("/")}.${extension}`,
  }));
  // Edge runtimes import the module as a module. Where Node can require an ES module, `module-sync` keeps it at one engine in a process.
  return { workerd: edge, "edge-light": edge, "module-sync": module, require: common, default: module };
};

export const exports = {
  ...Object.fromEntries(Object.keys(entries).map((subpath, at) => [subpath, targets(Object.keys(sources)[at])])),
  [`./${WASM}`]: { types: `./dist/${WASM.replace(".wasm", ".d.wasm.ts")}`, default: `./dist/${WASM}` },
  "./package.json": "./package.json",
};
