// A module as text for a bundle: node pkg/inline.mjs <module> <TypeScript to write>. `src/engine/inlined.ts` reads it.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import binaryen from "binaryen";
import { buildSync } from "esbuild";
import { operands, textOf } from "./columns.mjs";

const [from, to] = process.argv.slice(2);
const source = fileURLToPath(new URL("src/engine/inlined.ts", import.meta.url));
const [{ text: code }] = buildSync({ entryPoints: [source], bundle: true, format: "esm", write: false }).outputFiles;
const reader = await import(`data:text/javascript,${encodeURIComponent(code)}`);

const module = readFileSync(from);
const wat = readFileSync(fileURLToPath(new URL("unpack.wat", import.meta.url)), "utf8");
const unpack = binaryen.parseText(wat);
unpack.setFeatures(binaryen.Features.BulkMemory | binaryen.Features.BulkMemoryOpt);
binaryen.setOptimizeLevel(2);
binaryen.setShrinkLevel(2);
unpack.optimize();
const unpacker = [...unpack.emitBinary()];

const inlined = { unpacker, size: module.length, operands, ...textOf(module) };
if (!module.equals(reader.inlined(inlined))) throw new Error("the string does not give the same module");
const type = 'import type { Inlined } from "../engine/inlined.js";';
writeFileSync(to, `${type}\n\nexport const text: Inlined = ${JSON.stringify(inlined)};\n`);
