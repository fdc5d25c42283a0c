// Reads a WebAssembly module: its sections, and the instructions of its functions (Core Specification 2.0 §5).

export const [FUNCTION, GLOBAL, EXPORT, START, ELEMENT, CODE] = [3, 6, 7, 8, 9, 10];
export const [END, CALL, BR_TABLE, LOCAL_GET, LOCAL_TEE, F64_CONST] = [0x0b, 0x10, 0x0e, 0x20, 0x22, 0x44];
/** The first byte of an instruction that has two. */
export const PREFIX = 0xfc;

export const range = (first, last) => Array.from({ length: last - first + 1 }, (_, place) => first + place);

/** The kinds of an instruction's operands (§5.4). An instruction with a prefix has the number after PREFIX + 1. */
export const kinds = new Map();
const define = (instructions, ...names) => {
  for (const instruction of instructions) kinds.set(instruction, names);
};
const behind = (codes) => codes.map((code) => PREFIX + 1 + code);
define([...range(0x00, 0x01), 0x05, END, 0x0f, 0x1a, 0x1b, ...range(0x45, 0xc4), 0xd1, BR_TABLE, F64_CONST]);
define(range(0x02, 0x04), "block");
define([0x0c, 0x0d], "break");
define([CALL], "function");
define([0x11], "type", "table");
define([LOCAL_GET], "read local");
define([0x21], "local");
define([LOCAL_TEE], "kept local");
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

export const value = (bytes) => bytes.reduceRight((value, byte) => value * 128 + (byte & 127), 0);

export class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }
  take(length) {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
  /** The bytes of a number (LEB128). */
  number() {
    const start = this.at;
    while (this.bytes[this.at++] > 127);
    return this.bytes.subarray(start, this.at);
  }
  value() {
    return value(this.number());
  }
  /** What stands behind its length. */
  block() {
    return this.take(this.value());
  }
  list(read) {
    return range(1, this.value()).map(() => read(this));
  }
}

/** The number and the content of each section. */
export function sections(module) {
  const reader = new Reader(module, 8);
  const found = [];
  while (reader.at < module.length) found.push([reader.take(1)[0], reader.block()]);
  return found;
}

/**
 * An instruction: the number, its bytes, and the kind and the bytes of each operand. A branch table's labels are operands
 * of the kind "break", and a float's eight bytes of the kind "byte".
 */
function instruction(reader) {
  const bytes = reader.take(reader.bytes[reader.at] === PREFIX ? 2 : 1);
  const number = bytes[0] + (bytes.length > 1 ? 1 + bytes[1] : 0);
  if (!kinds.has(number)) throw new Error(`the module has an instruction ${number}`);
  const operands = kinds.get(number).map((kind) => [kind, reader.number()]);
  if (number === F64_CONST) operands.push(["byte", reader.take(8)]);
  if (number === BR_TABLE) {
    operands.push(["break", reader.number()]);
    for (let left = value(operands[0][1]) + 1; left > 0; left--) operands.push(["break", reader.number()]);
  }
  return { number, bytes, operands };
}

/** A constant expression, with its end (§5.4.9). */
export function expression(reader) {
  const code = [];
  do code.push(instruction(reader));
  while (code.at(-1).number !== END);
  return code;
}

/** A function's locals and instructions. */
export function instructions(body) {
  const reader = new Reader(body);
  const locals = [reader.number()];
  for (let left = value(locals[0]) * 2; left > 0; left--) locals.push(reader.number());
  const code = [];
  while (reader.at < body.length) code.push(instruction(reader));
  return { locals, code };
}
