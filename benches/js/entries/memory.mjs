// A fresh process that reads one input of one size and sends the engine's memory before and after.
import { readFile } from "node:fs/promises";
import init from "#oidc-wasm";
import { growth } from "../growth/index.mjs";
import { createProvider } from "../provider.mjs";

const [, , id, size, file] = process.argv;
const module = await WebAssembly.compile(await readFile(file));
let instance;
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(source, imports) {
    super(source, imports);
    // Node has built-in modules.
    if (source === module) instance = this;
  }
};
await init(module);
const kilobytes = () => instance.exports.memory.buffer.byteLength / 1024;
const before = kilobytes();
const { "oidc-wasm": ours } = await growth[id].contenders(await createProvider(), Number(size));
await ours.outcome(await ours.run());
process.send({ input: ours.input / 1024, before, after: kilobytes() });
