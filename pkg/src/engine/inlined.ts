import { encodeInto } from "./text.js";

/** A module as a string, as `pkg/inline.mjs` writes it. */
export interface Inlined {
  /** A small module that makes the other one: `pkg/unpack.wat`. */
  readonly unpacker: readonly number[];
  /** The bytes that take one character: of instructions, of operands and of the rest. Each as the step from the one before. */
  readonly steps: readonly number[];
  /** Bytes of the module. */
  readonly size: number;
  /** The number of its bytes before its functions, and the number of functions. */
  readonly head: number;
  readonly functions: number;
  /** The length of each column, in bytes of the text. */
  readonly columns: readonly number[];
  /** By instruction, a letter for the column of each of two operands. */
  readonly operands: string;
  readonly text: string;
}

interface Unpacker {
  memory: WebAssembly.Memory;
  unpack(length: number, singles: number, start: number, head: number, functions: number, size: number): void;
}

// Places in the unpacker's memory. It lists them too.
const OPERANDS = 1024;
const COLUMNS = 4096;
const TEXT = 8192;

/**
 * The module from a string. A common byte is one character, any other two. Instructions are separate from their
 * operands, and operands are separate by kind, because a bundle then compresses better.
 */
export function inlined(inlined: Inlined): Uint8Array<ArrayBuffer> {
  const { unpacker, steps, size, head, functions, columns, operands, text } = inlined;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(unpacker)));
  const { memory, unpack } = exports as unknown as Unpacker;
  const start = TEXT + text.length;
  memory.grow((start + size) >> 16);
  const bytes = new Uint8Array(memory.buffer);
  let single = 0;
  const singles = steps.map((step) => (single += step));
  const count = singles.length / 3;
  for (let place = 0; place < 3; place++) {
    const all = singles.splice(0, count);
    for (let byte = 0; byte < 256; byte++) if (!all.includes(byte)) all.push(byte);
    bytes.set(all, place * 256);
  }
  encodeInto(operands, bytes.subarray(OPERANDS));
  const places = new Uint32Array(memory.buffer, COLUMNS);
  let end = 0;
  for (const [column, length] of columns.entries()) {
    places[column] = end;
    end += length;
  }
  encodeInto(text, bytes.subarray(TEXT));
  unpack(text.length, count, start, head, functions, size);
  return bytes.slice(start, start + size);
}
