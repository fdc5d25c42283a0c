// A module as text, in columns: instructions are separate from their operands, and operands are separate by kind.
import { BR_TABLE, CODE, instructions, kinds, Reader, range, sections, value } from "./instructions.mjs";

// Columns that `unpack.wat` knows by number.
const [INSTRUCTION, LOCALS, BREAK, BYTE] = [0, 1, 2, 3];
/** The first column of indices and offsets. */
const INDEX = 5;
/** The last columns: several of each kind. The instruction that follows tells them apart. */
const FOLLOWED = 60;
/** Constants have a sign. */
const CONSTANT = FOLLOWED + 6;

/** Which of its kind an operand's column is: the next instruction tells the use of a local or a constant. */
function followed(next) {
  if (next === 0x6a || next === 0x6b) return 1;
  if (next === 0x41 || next === 0x10) return 2;
  if (next >= 0x45) return 3;
  if (next === 0x20) return 4;
  return next >= 0x28 && next < 0x36 ? 5 : 0;
}

/** The column of each kind of operand. */
const columnOf = new Map([
  ["break", BREAK],
  ["byte", BYTE],
]);
const several = ["read local", "constant"];
let free = BYTE + 1;
for (const kind of new Set([...kinds.values()].flat())) {
  const place = several.indexOf(kind);
  if (!columnOf.has(kind)) columnOf.set(kind, place < 0 ? free++ : FOLLOWED + place * 6);
}
if (free > FOLLOWED) throw new Error("more kinds of operands than columns");

/** A number without a sign, in bytes that are common: any byte but the last one is 64 or more. */
function index(bytes) {
  const number = value(bytes);
  const digits = [number % 64];
  for (let left = Math.floor(number / 64); left > 0; left = Math.floor(left / 27)) digits.unshift(64 + (--left % 27));
  return digits;
}

// Printable ASCII without the quote and the backslash: 91 bytes take one character, and the last two characters start any other byte.
const SINGLES = 91;
// The letters of the module's strings encode themselves, because compression finds the same words elsewhere in the bundle.
const LETTERS = "abcdefghijklmnopqrstuvwxyz _,.-:";
const alphabet = range(32, 126)
  .map((code) => String.fromCharCode(code))
  .filter((letter) => !/["\\]/.test(letter));
// A branch table has one more label than its count. The extra one is read as an operand.
const operandsOf = (instruction) => (instruction === BR_TABLE ? ["break"] : (kinds.get(instruction) ?? []));
/** The letter of the first column, which has no operands. */
const LETTER = 40;
const letters = (instruction) =>
  [0, 1].map((at) => String.fromCharCode(LETTER + (columnOf.get(operandsOf(instruction)[at]) ?? INSTRUCTION)));
/** The columns of two operands, for each instruction. */
export const operands = range(0, Math.max(...kinds.keys()))
  .flatMap(letters)
  .join("");

/** The text of a module, and what its reader has to know. */
export function textOf(module) {
  const columns = Array.from({ length: FOLLOWED + several.length * 6 }, () => []);
  const put = (column, bytes) => columns[column].push(...bytes);
  const section = sections(module).find(([id]) => id === CODE)[1];
  const reading = new Reader(section);
  const bodies = reading.list(() => reading.block());
  for (const body of bodies) {
    const { locals, code } = instructions(body);
    for (const number of locals) put(LOCALS, number);
    for (const [at, { bytes, operands }] of code.entries()) {
      put(INSTRUCTION, bytes);
      for (const [kind, operand] of operands) {
        const column = columnOf.get(kind);
        const bytes = column >= INDEX && column < CONSTANT ? index(operand) : operand;
        put(column < FOLLOWED ? column : column + followed(code[at + 1].number), bytes);
      }
    }
  }
  // What is no function: before the first one, and after the last one.
  const start = section.byteOffset - module.byteOffset;
  const head = start + new Reader(section).number().length;
  const rest = Buffer.concat([module.subarray(0, head), module.subarray(start + section.length)]);

  const all = [...columns, rest];
  const bytes = all.flatMap((column) => [...column]);

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
  return { singles, head, functions: bodies.length, columns: all.map(({ length }) => length), text };
}
