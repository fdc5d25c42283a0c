/** A module as a string, in the form of `pkg/inline.mjs`. */
export interface Inlined {
  /** The most common bytes. */
  readonly singles: readonly number[];
  /** The size of the module in bytes. */
  readonly size: number;
  /** The number of bytes before its functions, and the number of functions. */
  readonly head: number;
  readonly functions: number;
  /** The start of each column in the decoded bytes. */
  readonly columns: readonly number[];
  /** For each instruction, a letter for the column of each operand. */
  readonly operands: Readonly<Record<number, string>>;
  readonly text: string;
}

// The columns that the code reads by name. The letters of `operands` name the others.
export const INSTRUCTION = 0;
export const LOCALS = 1;
export const BREAK = 2;
export const BYTE = 3;
/** The first letter, for the first column. */
export const LETTER = 40;
/** The last columns. Each kind has several, chosen by the next instruction. */
export const FOLLOWED = 60;

// Instructions of WebAssembly that `operands` alone does not describe.
export const END = 0x0b;
export const BR_TABLE = 0x0e;
export const F64_CONST = 0x44;
export const PREFIX = 0xfc;

/** The column of an operand among those of its kind. The next instruction shows the use of a local or a constant. */
export function followed(next: number): number {
  if (next === 0x6a || next === 0x6b) return 1;
  if (next === 0x41 || next === 0x10) return 2;
  if (next >= 0x45) return 3;
  if (next === 0x20) return 4;
  return next >= 0x28 && next < 0x36 ? 5 : 0;
}

/**
 * The module from a string. A common byte is one character, any other two. Instructions are separate from their
 * operands, and operands are separate by kind, because a bundle then compresses better.
 */
export function inlined({ singles, size, head, functions, columns, operands, text }: Inlined): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  const others = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !singles.includes(byte));
  const all = new Uint8Array([...singles, ...others]);
  const SINGLES = singles.length;
  for (let at = 0, from = 0, before = 0; from < text.length; ) {
    const code = text.charCodeAt(from++);
    // A character's position in printable ASCII without the quote and the backslash.
    const place = before + code - 32 - (code > 34 ? 1 : 0) - (code > 92 ? 1 : 0);
    const isFirst = before === 0 && place >= SINGLES;
    before = isFirst ? (place - SINGLES + 1) * SINGLES : 0;
    if (!isFirst) bytes[at++] = all[place] as number;
  }

  const module = new Uint8Array(size);
  const next = new Uint32Array(columns);
  const rest = bytes.subarray(columns.at(-1));
  // The columns of an instruction's two operands. 0 means no operand.
  const of = new Uint8Array(1024);
  for (const instruction in operands)
    for (const at of [0, 1]) of[+instruction * 2 + at] = (operands[instruction]?.charCodeAt(at) || LETTER) - LETTER;
  let to = head;
  const byte = (column: number) => {
    const at = next[column] as number;
    const value = bytes[at] as number;
    next[column] = at + 1;
    module[to++] = value;
    return value;
  };
  /** Copies a number with its bytes (LEB128). Returns its last byte. */
  const number = (column: number) => {
    let part = byte(column);
    while (part > 127) part = byte(column);
    return part;
  };
  const operand = (column: number) => {
    if (column) number(column < FOLLOWED ? column : column + followed(bytes[next[INSTRUCTION] as number] as number));
  };
  module.set(rest.subarray(0, head));
  for (let count = functions; count > 0; count--) {
    const start = to;
    for (let kinds = number(LOCALS) * 2; kinds > 0; kinds--) number(LOCALS);
    for (let depth = 1; depth > 0; ) {
      let instruction = byte(INSTRUCTION);
      // Blocks, loops and conditions.
      if (instruction > 1 && instruction < 5) depth++;
      if (instruction === END) depth--;
      if (instruction === PREFIX) instruction += byte(INSTRUCTION) + 1;
      if (instruction === BR_TABLE) for (let labels = number(BREAK); labels > 0; labels--) number(BREAK);
      if (instruction === F64_CONST) for (let left = 8; left > 0; left--) byte(BYTE);
      operand(of[instruction * 2] as number);
      operand(of[instruction * 2 + 1] as number);
    }
    // The length goes before the content.
    let length = to - start;
    const digits = [];
    for (; length > 127; length >>>= 7) digits.push((length & 127) | 128);
    digits.push(length);
    module.copyWithin(start + digits.length, start, to);
    module.set(digits, start);
    to += digits.length;
  }
  module.set(rest.subarray(head, head + size - to), to);
  return module;
}
