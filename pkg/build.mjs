// The files of dist/, from src/: for each build one file for each entry and few that they share, because a runtime that loads modules one
// by one pays a millisecond for each. The declarations are joined in the same way.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { builds, sources } from "./entries.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const entries = Object.values(sources).map((source) => here(`src/${source}`));
const isModule = (id) => /\/src\/(module[^/]*|generated\/wasm_inline)\.ts$/.test(id);
const isShared = (id) => /\/src\/((engine|host|generated)\/)?[^/]+$/.test(id) && !entries.includes(id) && !isModule(id);

/** What all entries share, and apart from it the module, which an entry without it must not load. */
const groups = [
  { name: "shared", test: isShared, priority: 1 },
  { name: "module", test: isModule },
];

/** In edge runtimes `x.edge.ts` stands for `x.ts`. */
const edge = {
  name: "edge",
  async resolveId(source, importer) {
    if (!importer || !source.startsWith(".")) return null;
    const found = await this.resolve(source, importer, { skipSelf: true });
    const variant = found?.id.replace(/\.ts$/, ".edge.ts");
    return variant && variant !== found?.id && existsSync(variant) ? variant : null;
  },
};

/** The module stands in dist/ once, beside the files of every build. */
const wasm = (folder) => ({
  name: "wasm",
  resolveId: (source) =>
    /\.wasm(\?module)?$/.test(source)
      ? { id: `${folder === "dist" ? "./" : "../"}${source.split("/").at(-1)}`, external: true }
      : null,
});

/** TypeScript checks the sources and writes their declarations, beside those of generated files, which it only reads. */
const types = here("../target/types");
for (const folder of [here("dist"), types]) await rm(folder, { recursive: true, force: true });
const tsc = here("../node_modules/.bin/tsc") + (process.platform === "win32" ? ".cmd" : "");
execFileSync(tsc, ["-p", here("."), "--emitDeclarationOnly", "--outDir", types], { stdio: "inherit" });

for (const { folder, extension, format, edge: isEdge } of Object.values(builds)) {
  const bundle = await rolldown({
    input: Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, here(`src/${source}`)])),
    external: /^[^./]/,
    platform: "neutral",
    tsconfig: false,
    plugins: [isEdge && edge, wasm(folder)],
  });
  await bundle.write({
    dir: here(folder),
    format,
    exports: "named",
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `[name].${extension}`,
    codeSplitting: { groups },
    sourcemap: true,
  });
  await bundle.close();
}

/** One declaration for each entry, and one for what they share, so that a class is one class in all of them. */
const declarations = await rolldown({
  input: Object.fromEntries(
    Object.entries(sources).map(([name, source]) => [`${name}.d`, join(types, source.replace(/\.ts$/, ".d.ts"))]),
  ),
  external: /^[^./]/,
  plugins: [dts({ dtsInput: true, tsconfig: false })],
});
await declarations.write({ dir: here("dist"), format: "es", entryFileNames: "[name].ts", chunkFileNames: "[name].ts" });
await declarations.close();

// For `require`: the same declarations, which say that they are of CommonJS.
for (const file of await readdir(here("dist")))
  if (file.endsWith(".d.ts")) {
    const text = await readFile(here(`dist/${file}`), "utf8");
    const common = text.replace(/(from\s+"\.\/[^"]+)\.js"/g, '$1.cjs"');
    await writeFile(here(`dist/${file.replace(/ts$/, "cts")}`), common);
  }

await copyFile(here("src/generated/oidc_wasm.wasm"), here("dist/oidc_wasm.wasm"));
await writeFile(
  here("dist/oidc_wasm.d.wasm.ts"),
  "declare const module: WebAssembly.Module;\nexport default module;\n",
);
