// Puts similar functions of a module beside one another, because it then compresses better, and drops its custom sections:
// node pkg/order.mjs <module> <module to write>. It saves one percent of the engine.
import { readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import { textOf } from "./columns.mjs";
import {
  CODE,
  ELEMENT,
  EXPORT,
  expression,
  FUNCTION,
  GLOBAL,
  instructions,
  LOCAL_GET,
  LOCAL_TEE,
  Reader,
  START,
  sections,
} from "./instructions.mjs";

const [from, to] = process.argv.slice(2);
const module = readFileSync(from);
// No code has the callbacks that this sentence of wasm-bindgen is about.
const unused = "closure invoked recursively or after being dropped";
const place = module.indexOf(unused);
if (place >= 0) module.fill(0, place, place + unused.length);
const all = sections(module).filter(([id]) => id !== 0);
if (all.some(([id]) => id === START)) throw new Error("the module has a start function, which keeps its old number");
const listed = (section, read) => new Reader(all.find(([id]) => id === section)[1]).list(read);

const isFunction = ({ kind }) => kind === "function";
const imported = WebAssembly.Module.imports(new WebAssembly.Module(module)).filter(isFunction).length;
const types = listed(FUNCTION, (reader) => reader.number());
const bodies = listed(CODE, (reader) => reader.block());
const functions = bodies.map(instructions);

/** Pairs of instructions. Operands belong to them, but the number of a local means little in another function. */
function pairs({ code }) {
  const words = code.map(({ number, bytes, operands }) =>
    number >= LOCAL_GET && number <= LOCAL_TEE
      ? `${number}`
      : `${[...bytes, ...operands.flatMap(([, it]) => [...it])]}`,
  );
  return new Set(words.slice(1).map((word, before) => `${words[before]} ${word}`));
}

const found = functions.map(pairs);
const holders = new Map();
for (const pair of found.flatMap((one) => [...one])) holders.set(pair, (holders.get(pair) ?? 0) + 1);
/** A pair that few functions have tells more. */
const weight = (all) => [...all].reduce((sum, pair) => sum + 1 / Math.log2(1 + holders.get(pair)), 0);
const weights = found.map(weight);

/** Jaccard's index: the common part of two functions. */
function similarity(one, other) {
  const common = weight([...found[one]].filter((pair) => found[other].has(pair)));
  return common / (1 + weights[one] + weights[other] - common);
}

const similarities = found.map((_, one) => found.map((_, other) => (other < one ? similarity(one, other) : 0)));

/** From this function on, the next one is always the most similar. */
function chain(first) {
  const order = [];
  const left = new Set(bodies.keys());
  for (let next = first; next !== undefined; ) {
    const last = next;
    order.push(last);
    left.delete(last);
    next = undefined;
    let best = -1;
    for (const one of left) {
      const close = similarities[Math.max(last, one)][Math.min(last, one)];
      if (close > best) [best, next] = [close, one];
    }
  }
  return order;
}

// ── the module again, with the functions' new numbers ──

function number(value) {
  return value < 128 ? [value] : [(value & 127) | 128, ...number(value >>> 7)];
}
const list = (items) => [...number(items.length), ...items.flat()];
const block = (bytes) => [...number(bytes.length), ...bytes];

/** The module with its functions in this order. */
function ordered(order) {
  const places = [];
  for (const [place, one] of order.entries()) places[one] = place;
  const renumbered = (one) => number(one < imported ? one : imported + places[one - imported]);

  /** Code with the new numbers. */
  function rewritten(code) {
    const operand = ([kind, bytes]) => (kind === "function" ? renumbered(new Reader(bytes).value()) : [...bytes]);
    return code.flatMap(({ bytes, operands }) => [...bytes, ...operands.flatMap(operand)]);
  }

  const written = {
    [FUNCTION]: () => list(order.map((one) => [...types[one]])),
    [GLOBAL]: () =>
      list(
        listed(GLOBAL, (reader) => {
          const [type, isMutable] = [reader.number(), reader.number()];
          return [...type, ...isMutable, ...rewritten(expression(reader))];
        }),
      ),
    [EXPORT]: () =>
      list(
        listed(EXPORT, (reader) => {
          const name = block(reader.block());
          const [kind] = reader.take(1);
          return [...name, kind, ...(kind === 0 ? renumbered(reader.value()) : reader.number())];
        }),
      ),
    [ELEMENT]: () =>
      list(
        listed(ELEMENT, (reader) => {
          // An active segment of the first table (§5.5.12): where it starts, and its functions.
          const kind = reader.value();
          if (kind !== 0) throw new Error(`the module has elements of kind ${kind}`);
          return [kind, ...rewritten(expression(reader)), ...list(reader.list(() => renumbered(reader.value())))];
        }),
      ),
    [CODE]: () =>
      list(
        order.map((one) => {
          const { locals, code } = functions[one];
          return block([...locals.flatMap((it) => [...it]), ...rewritten(code)]);
        }),
      ),
  };
  const contents = all.map(([id, content]) => [id, ...block(written[id]?.() ?? [...content])]);
  return Buffer.from([...module.subarray(0, 8), ...contents.flat()]);
}

// The first function decides over a hundred bytes, in the file and in a bundle. So several are tried.
const size = (content) => brotliCompressSync(content).length;
const starts = [...bodies.keys()].sort((one, other) => bodies[one].length - bodies[other].length).slice(0, 16);
const tried = starts.map((start) => {
  const bytes = ordered(chain(start));
  return { bytes, size: size(bytes) + size(textOf(bytes).text) };
});
const { bytes } = tried.reduce((best, one) => (one.size < best.size ? one : best));
if (!WebAssembly.validate(bytes)) throw new Error("the ordered functions are no valid module");
writeFileSync(to, bytes);
