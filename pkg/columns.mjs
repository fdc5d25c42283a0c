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
const characters = range(32, 126)
  .map((code) => String.fromCharCode(code))
  .filter((character) => !/["\\]/.test(character));
/**
 * Characters for instructions. Brotli predicts a character by the classes of the two before it (RFC 7932 §7.1): each string has
 * characters of one class. A search found the instructions of each class, and so a smaller bundle.
 */
const CLASSES = [
  [" ", [0x41]],
  ["%", [0x20]],
  [".", [0x00]],
  ["'", [0x22]],
  [",:;", [0x29, 0x42, 0x83]],
  ["(<[{", [0x7c, 0x85, 0xad, 0xfc]],
  [")>]", [0x6c, 0x74]],
  ["AEIOU", [0x73]],
  ["aeiou", [0x10, 0x3a]],
  ["0123456789", [0x0c, 0x0e, 0x46, 0x49, 0x4d, 0x4f]],
  ["!#$&*+-/?@^_`|", [0x1b, 0x28, 0x2d, 0x6a, 0x6b, 0x71, 0x72, 0x76]],
  ["BCDFGHJKLMNPQRSTVWXYZ", [0x23, 0x45, 0x47, 0x4b, 0x84]],
  ["bcdfghjklmnpqrstvwxyz", [0x02, 0x03, 0x04, 0x05, 0x0a, 0x0b, 0x0d, 0x0f, 0x1a, 0x21, 0x24, 0x36, 0x37, 0x88]],
];
// The letters of the module's strings stand for themselves, because compression finds the same words elsewhere in the bundle.
const LETTERS = "abcdefghijklmnopqrstuvwxyz _,.-:";

/**
 * The characters of bytes. `placed` has characters, and the bytes that take them in turn. The commonest of the others take what is
 * left, by their value.
 */
function alphabetOf(bytes, placed) {
  const counts = range(0, 255).map(() => 0);
  for (const byte of bytes) counts[byte]++;
  const left = new Set(characters.slice(0, SINGLES));
  const written = [];
  const write = (byte, character) => {
    written[byte] = character;
    left.delete(character);
  };
  for (const [some, codes] of placed) for (const [place, byte] of codes.entries()) write(byte, some[place]);
  const byValue = (one, other) => one - other;
  const others = range(0, 255).filter((byte) => written[byte] === undefined);
  others.sort((one, other) => counts[other] - counts[one]);
  const common = others.splice(0, left.size).sort(byValue);
  for (const [place, character] of [...left].entries()) write(common[place], character);
  const singles = characters.slice(0, SINGLES).map((character) => written.indexOf(character));
  for (const [place, byte] of others.sort(byValue).entries())
    written[byte] = characters[SINGLES + Math.floor(place / SINGLES)] + characters[place % SINGLES];
  return { singles, written };
}

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

  const all = [...columns, [...rest]];
  const [ofInstructions, ...ofOperands] = columns;
  const alphabets = [
    alphabetOf(ofInstructions, CLASSES),
    alphabetOf(ofOperands.flat(), []),
    alphabetOf(rest, [[LETTERS, [...Buffer.from(LETTERS)]]]),
  ];
  const alphabetAt = (column) => alphabets[column === INSTRUCTION ? 0 : column < columns.length ? 1 : 2];
  const text = all.flatMap((bytes, column) => bytes.map((byte) => alphabetAt(column).written[byte])).join("");
  const singles = alphabets.flatMap(({ singles }) => singles);
  return {
    // Steps compress better than the bytes themselves, because some of them are in their order.
    steps: singles.map((byte, place) => byte - (singles[place - 1] ?? 0)),
    head,
    functions: bodies.length,
    columns: all.map(({ length }) => length),
    text,
  };
}
