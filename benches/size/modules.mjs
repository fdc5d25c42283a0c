// The size of each module beside that of the first one: node benches/size/modules.mjs <file>…
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { brotliCompressSync } from "node:zlib";

const modules = process.argv
  .slice(2)
  .map((file) => [basename(file, ".wasm").replace("weighed_", ""), readFileSync(file)]);
const rows = modules.map(([feature, bytes]) => ({
  feature,
  raw: bytes.length,
  brotli: brotliCompressSync(bytes).length,
}));
console.table(rows.map((row) => ({ ...row, more: row.brotli - rows[0].brotli })));
