// What a page downloads: bytes of the first load, and of parts that load later.
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "esbuild";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const MEASURES = ["raw", "gzip", "brotli"];

export const bytesOf = (content) => ({
  raw: content.length,
  gzip: gzipSync(content, { level: 9 }).length,
  brotli: brotliCompressSync(content).length,
});
export const sum = (all) =>
  Object.fromEntries(MEASURES.map((name) => [name, all.reduce((total, bytes) => total + bytes[name], 0)]));

/** `entry` is a file, or source as a string. */
export async function bundled(entry, options) {
  const isFile = /\.[jt]s$/.test(entry);
  const { outputFiles, metafile } = await build({
    ...(isFile ? { entryPoints: [entry] } : { stdin: { contents: entry, resolveDir: root } }),
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    logLevel: "warning",
    write: false,
    splitting: true,
    outdir: "out",
    metafile: true,
    ...options,
  });
  const outputs = Object.entries(metafile.outputs);
  // A part that loads later has an entry point too.
  const now = [outputs.find(([, { entryPoint }]) => entryPoint === (isFile ? entry : "<stdin>"))[0]];
  for (const file of now) {
    const loads = metafile.outputs[file].imports.filter((one) => one.kind === "import-statement" && !one.external);
    // Removes a bundler's query from the file name.
    for (const path of loads.map((one) => one.path.split("?")[0])) if (!now.includes(path)) now.push(path);
  }
  const sized = (isNow) =>
    outputs.flatMap(([name]) => {
      const { contents } = outputFiles.find(({ path }) => basename(path) === basename(name));
      return now.includes(name) === isNow ? [bytesOf(contents)] : [];
    });
  return { now: sum(sized(true)), later: sum(sized(false)) };
}
