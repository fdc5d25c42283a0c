// Compares modules: node xtask/weigh.mjs <name=file>… The first is the base.
import { readFile } from "node:fs/promises";
import { brotliCompressSync } from "node:zlib";

const modules = process.argv.slice(2).map((word) => word.split("="));
let base;
console.log(`\n${"feature".padEnd(20)}${"raw".padStart(9)}${"brotli".padStart(9)}${"more".padStart(18)}`);
for (const [name, file] of modules) {
  const bytes = await readFile(file);
  const sizes = [bytes.length, brotliCompressSync(bytes).length];
  base ??= sizes;
  const more = sizes.map((size, at) => `${size < base[at] ? "" : "+"}${size - base[at]}`.padStart(9));
  console.log(name.padEnd(20) + sizes.map((size) => `${size}`.padStart(9)).join("") + more.join(""));
}
