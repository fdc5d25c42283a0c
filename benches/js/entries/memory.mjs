// A fresh process that takes one input of one size, and tells how large the engine's memory is before and after.
import { readFile } from "node:fs/promises";
import init from "#oidc-wasm";
import { growth } from "../growth/index.mjs";
import { createProvider } from "../provider.mjs";

const [, , id, size, file] = process.argv;
const module = await WebAssembly.compile(await readFile(file));
// Node has modules of its own: the engine's instance is the one of this module.
const { instantiate } = WebAssembly;
let instance;
WebAssembly.instantiate = async (source, imports) => {
  const made = await instantiate(source, imports);
  if (source === module) instance = made;
  return made;
};
await init(module);
const kilobytes = () => instance.exports.memory.buffer.byteLength / 1024;
const before = kilobytes();
const { "oidc-wasm": ours } = await growth[id].contenders(await createProvider(), Number(size));
await ours.outcome(await ours.run());
process.send({ input: ours.input / 1024, before, after: kilobytes() });
