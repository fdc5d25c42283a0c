// Writes dist/ from src/. Each build has one file for each entry, and few shared files: some runtimes need a millisecond for each module.
// It joins the declarations in the same way.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform, transformSync } from "esbuild";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { builds, modules, sources } from "./entries.mjs";
import { hidden, renamed, renamedInEdge, renamedInSession } from "./short.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const entries = Object.values(sources).map((source) => here(`src/${source}`));
const isModule = (id) => /\/src\/(module(\.edge)?|generated\/wasm_inline)\.ts$/.test(id);
/** Modules of other entries stay external, so only an import loads them. */
const others = ["login", "full"].map((name) => {
  const files = new RegExp(`/src/(module_${name}(\\.edge)?|generated/wasm_inline_${name})\\.ts$`);
  return { name: `module_${name}`, test: (id) => files.test(id) };
});
const isOwn = (id) =>
  entries.includes(id) ||
  isModule(id) ||
  others.some(({ test }) => test(id)) ||
  /\/generated\/full_rules\.ts$/.test(id);
const isShared = (id) => /\/src\/((engine|host|generated)\/)?[^/]+$/.test(id) && !isOwn(id);

/** The file that all entries share. The module has its own file, because some entries must not load it. */
const groups = [{ name: "shared", test: isShared, priority: 1 }, { name: "module", test: isModule }, ...others];

/** In edge runtimes `x.edge.ts` replaces `x.ts`. */
const edge = {
  name: "edge",
  async resolveId(source, importer) {
    if (!importer || !source.startsWith(".")) return null;
    const found = await this.resolve(source, importer, { skipSelf: true });
    const variant = found?.id.replace(/\.ts$/, ".edge.ts");
    return variant && variant !== found?.id && existsSync(variant) ? variant : null;
  },
};

const short = {
  name: "short",
  async transform(code, id) {
    const names = /\/src\/(browser\/[^/]+|token_worker\.ts)$/.test(id)
      ? renamedInSession
      : /\/src\/edge\/[^/]+$/.test(id)
        ? renamedInEdge
        : isShared(id) || /\/src\/full\/[^/]+$/.test(id)
          ? renamed
          : undefined;
    if (!names) return null;
    const { code: own, map } = await transform(code, { ...names, sourcefile: id });
    // A message to a worker names a member by a string, which keeps its name. The strings of `typeof` are no members.
    const quoted = new RegExp(`"(${Object.keys(names.mangleCache).join("|")})"`).exec(own);
    if (quoted && names !== renamed) throw new Error(`${id} has the string ${quoted[0]}, so the member keeps its name`);
    return { code: own, map, moduleType: "js" };
  },
};

/** dist/ has the module once, and every build uses it. */
const wasm = (folder) => ({
  name: "wasm",
  resolveId: (source) =>
    /\.wasm(\?module)?$/.test(source)
      ? { id: `${folder === "dist" ? "./" : "../"}${source.split("/").at(-1)}`, external: true }
      : null,
});

/** TypeScript checks the sources and writes their declarations, beside those of generated files. */
const types = here("../target/types");
for (const folder of [here("dist"), types]) await rm(folder, { recursive: true, force: true });
const tsc = [here("../node_modules/typescript/bin/tsc"), "-p", here("."), "--emitDeclarationOnly", "--outDir", types];
execFileSync(process.execPath, tsc, { stdio: "inherit" });

for (const { folder, extension, format, edge: isEdge } of Object.values(builds)) {
  const bundle = await rolldown({
    input: Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, here(`src/${source}`)])),
    external: /^[^./#]/,
    platform: "neutral",
    resolve: { alias: { "#provider": here("../tests/support/provider/index.js") } },
    tsconfig: false,
    plugins: [isEdge && edge, wasm(folder), short],
  });
  await bundle.write({
    dir: here(folder),
    format,
    exports: "named",
    entryFileNames: `[name].${extension}`,
    chunkFileNames: `[name].${extension}`,
    codeSplitting: { groups },
    sourcemap: true,
    // JSR and Deno look for types beside the imported file.
    banner: ({ isEntry, name }) =>
      isEntry && folder === "dist" && format === "es" ? `/* @ts-self-types="./${name}.d.ts" */` : "",
  });
  await bundle.close();
  // The module as a string needs no source map and no spaces from rolldown.
  for (const file of ["module", "js", ...others.map(({ name }) => name)]) {
    const name = here(`${folder}/${file}.${extension}`);
    const { code } = transformSync(await readFile(name, "utf8"), { minify: true, target: "es2022" });
    await writeFile(name, code);
    await rm(`${name}.map`);
  }
}

/** One declaration file for each entry, and a shared one, so that all entries have the same classes. */
const declared = Object.fromEntries(
  Object.entries(sources).map(([name, source]) => [`${name}.d`, join(types, source.replace(/\.ts$/, ".d.ts"))]),
);
const declarations = await rolldown({
  input: declared,
  external: /^[^./]/,
  plugins: [dts({ dtsInput: true, tsconfig: false })],
});
const isCommon = (id) => id.startsWith(types) && !/[\\/]/.test(id.slice(types.length + 1));
await declarations.write({
  dir: here("dist"),
  format: "es",
  entryFileNames: "[name].ts",
  chunkFileNames: "[name].ts",
  codeSplitting: {
    groups: [{ name: "types.d", test: (id) => isCommon(id) && !Object.values(declared).includes(id) }],
  },
});
await declarations.close();

// A renamed member must be no member of a public type.
for (const file of await readdir(here("dist"))) {
  const text = file.endsWith(".d.ts") ? await readFile(here(`dist/${file}`), "utf8") : "";
  const found = text.replace(/\/\*.*?\*\//gs, "").match(new RegExp(`\\b(${hidden.join("|")})\\??[:(]`, "g"));
  if (found) throw new Error(`${file} has internal members: ${found}`);
}

// For `require`: the same declarations with the extension of CommonJS.
for (const file of await readdir(here("dist")))
  if (file.endsWith(".d.ts")) {
    const text = await readFile(here(`dist/${file}`), "utf8");
    const common = text.replace(/(from\s+"\.\/[^"]+)\.js"/g, '$1.cjs"');
    await writeFile(here(`dist/${file.replace(/ts$/, "cts")}`), common);
  }

const wasmModule =
  "type Module = typeof globalThis extends { WebAssembly: { Module: { prototype: infer M } } } ? M : object;\ndeclare const module: Module;\n";
for (const name of modules) {
  await copyFile(here(`src/generated/${name}.wasm`), here(`dist/${name}.wasm`));
  await writeFile(here(`dist/${name}.d.wasm.ts`), `${wasmModule}export default module;\n`);
  await writeFile(here(`dist/${name}.d.cts`), `${wasmModule}export = module;\n`);
}
