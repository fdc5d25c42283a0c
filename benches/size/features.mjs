// Compares modules: node benches/size/features.mjs <file>… The first is the base.
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { brotliCompressSync } from "node:zlib";

let base;
console.log(`\n${"feature".padEnd(22)}${"raw".padStart(9)}${"brotli".padStart(9)}${"more".padStart(18)}`);
for (const file of process.argv.slice(2)) {
  const bytes = await readFile(file);
  const sizes = [bytes.length, brotliCompressSync(bytes).length];
  base ??= sizes;
  const more = sizes.map((size, at) => `${size < base[at] ? "" : "+"}${size - base[at]}`.padStart(9));
  console.log(basename(file, ".wasm").padEnd(22) + sizes.map((size) => `${size}`.padStart(9)).join("") + more.join(""));
}
