// A module as text for a bundle: node pkg/inline.mjs <module> <TypeScript to write>. `src/engine/inlined.ts` reads it.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import binaryen from "binaryen";
import { buildSync } from "esbuild";

const [from, to] = process.argv.slice(2);
const source = fileURLToPath(new URL("src/engine/inlined.ts", import.meta.url));
const [{ text: code }] = buildSync({ entryPoints: [source], bundle: true, format: "esm", write: false }).outputFiles;
const reader = await import(`data:text/javascript,${encodeURIComponent(code)}`);

// Columns that `unpack.wat` knows by number.
const [INSTRUCTION, LOCALS, BREAK, BYTE] = [0, 1, 2, 3];
/** The last columns: several of each kind. The instruction that follows tells them apart. */
const FOLLOWED = 60;
const [END, BR_TABLE, F64_CONST, PREFIX] = [0x0b, 0x0e, 0x44, 0xfc];

/** Which of its kind an operand's column is: the next instruction tells the use of a local or a constant. */
function followed(next) {
  if (next === 0x6a || next === 0x6b) return 1;
  if (next === 0x41 || next === 0x10) return 2;
  if (next >= 0x45) return 3;
  if (next === 0x20) return 4;
  return next >= 0x28 && next < 0x36 ? 5 : 0;
}

/** The kinds of operands by instruction (WebAssembly Core Specification 2.0 §5.4), and the column of each kind. */
const kinds = new Map();
const columnOf = new Map();
const define = (instructions, ...names) => {
  for (const instruction of instructions) kinds.set(instruction, names);
};
const range = (first, last) => Array.from({ length: last - first + 1 }, (_, place) => first + place);
const behind = (codes) => codes.map((code) => PREFIX + 1 + code);
define([...range(0x00, 0x01), 0x05, END, 0x0f, 0x1a, 0x1b, ...range(0x45, 0xc4), 0xd1, BR_TABLE, F64_CONST]);
define(range(0x02, 0x04), "block");
define([0x0c, 0x0d], "break");
define([0x10], "function");
define([0x11], "type", "table");
define([0x20], "read local");
define([0x21], "local");
define([0x22], "kept local");
define([0x23, 0x24], "global");
define([0x25, 0x26], "table");
for (const access of range(0x28, 0x3e)) define([access], `alignment ${access}`, access < 0x36 ? "load" : "store");
define([0x3f, 0x40], "memory");
define([0x41, 0x42], "constant");
define([0xd0], "type");
define([0xd2], "function");
define(behind(range(0, 7)));
define(behind([10]), "memory", "memory");
define(behind([11]), "memory");
define(behind([15, 16, 17]), "table");

const named = { break: BREAK };
const several = ["constant", "read local"];
let free = BYTE + 1;
for (const kind of new Set([...kinds.values()].flat())) {
  const place = several.indexOf(kind);
  columnOf.set(kind, place < 0 ? (named[kind] ?? free++) : FOLLOWED + place * 6);
}
if (free > FOLLOWED) throw new Error("more kinds of operands than columns");

const module = readFileSync(from);
const columns = Array.from({ length: FOLLOWED + several.length * 6 }, () => []);
let at = 8;
/** A number (LEB128): its bytes and its value. */
function number() {
  const start = at;
  while (module[at++] > 127);
  return module.subarray(start, at);
}
const value = (bytes) => bytes.reduceRight((value, byte) => value * 128 + (byte & 127), 0);

// The code section has number 10.
let rest;
let head;
let functions;
while (rest === undefined) {
  const section = module[at++];
  const end = value(number()) + at;
  if (section !== 10) {
    at = end;
    continue;
  }
  functions = value(number());
  head = at;
  for (let count = functions; count > 0; count--) body(value(number()) + at);
  if (at !== end) throw new Error("the functions do not fill their section");
  rest = Buffer.concat([module.subarray(0, head), module.subarray(end)]);
}

/** Puts a function that ends here into columns. */
function body(end) {
  const put = (column, bytes) => columns[column].push(...bytes);
  const groups = number();
  put(LOCALS, groups);
  for (let left = value(groups) * 2; left > 0; left--) put(LOCALS, number());
  while (at < end) {
    put(INSTRUCTION, [module[at]]);
    let instruction = module[at++];
    if (instruction === PREFIX) {
      put(INSTRUCTION, [module[at]]);
      instruction += module[at++] + 1;
    }
    if (!kinds.has(instruction)) throw new Error(`the module has an instruction ${instruction}`);
    if (instruction === F64_CONST) {
      put(BYTE, module.subarray(at, at + 8));
      at += 8;
    }
    if (instruction === BR_TABLE) {
      const labels = number();
      put(BREAK, labels);
      for (let left = value(labels) + 1; left > 0; left--) put(BREAK, number());
    }
    for (const kind of kinds.get(instruction)) {
      const operand = number();
      // If an instruction has several operands, no column depends on the next instruction.
      const column = columnOf.get(kind);
      put(column < FOLLOWED ? column : column + followed(module[at]), operand);
    }
  }
}

const starts = [];
const bytes = [];
for (const column of [...columns, rest]) {
  starts.push(bytes.length);
  for (const byte of column) bytes.push(byte);
}

// Printable ASCII without the quote and the backslash: 91 bytes take one character, and the last two characters start any other byte.
const SINGLES = 91;
// The letters of the module's strings encode themselves, because compression finds the same words elsewhere in the bundle.
const LETTERS = "abcdefghijklmnopqrstuvwxyz _,.-:";
const alphabet = range(32, 126)
  .map((code) => String.fromCharCode(code))
  .filter((letter) => !/["\\]/.test(letter));
const counts = range(0, 255).map(() => 0);
for (const byte of bytes) counts[byte]++;
for (const letter of LETTERS) counts[letter.charCodeAt(0)] = bytes.length;
const ranked = range(0, 255).sort((left, right) => counts[right] - counts[left]);
const common = ranked.slice(0, SINGLES);
const others = ranked.slice(SINGLES).sort((left, right) => left - right);
const places = alphabet.slice(0, SINGLES);
const itself = new Set(common.map((byte) => String.fromCharCode(byte)).filter((letter) => places.includes(letter)));
const symbols = common.filter((byte) => !itself.has(String.fromCharCode(byte))).sort((left, right) => left - right);
const singles = places.map((letter) => (itself.has(letter) ? letter.charCodeAt(0) : symbols.shift()));
const written = [];
for (const [place, byte] of singles.entries()) written[byte] = alphabet[place];
for (const [place, byte] of others.entries())
  written[byte] = alphabet[SINGLES + Math.floor(place / SINGLES)] + alphabet[place % SINGLES];
const text = bytes.map((byte) => written[byte]).join("");

const operands = Object.fromEntries(
  [...kinds].flatMap(([instruction, names]) =>
    names.length
      ? [[instruction, names.map((kind) => String.fromCharCode(columnOf.get(kind) + reader.LETTER)).join("")]]
      : [],
  ),
);
// A branch table has one more label than its count. The extra one is read as an operand.
operands[BR_TABLE] = String.fromCharCode(BREAK + reader.LETTER);

const wat = readFileSync(fileURLToPath(new URL("unpack.wat", import.meta.url)), "utf8");
const unpack = binaryen.parseText(wat);
unpack.setFeatures(binaryen.Features.BulkMemory | binaryen.Features.BulkMemoryOpt);
binaryen.setOptimizeLevel(2);
binaryen.setShrinkLevel(2);
unpack.optimize();
const unpacker = [...unpack.emitBinary()];

const inlined = { unpacker, singles, size: module.length, head, functions, columns: starts, operands, text };
if (!module.equals(reader.inlined(inlined))) throw new Error("the string does not give the same module");
const type = 'import type { Inlined } from "../engine/inlined.js";';
writeFileSync(to, `${type}\n\nexport const text: Inlined = ${JSON.stringify(inlined)};\n`);
