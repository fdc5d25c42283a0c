// A trap leaves memory half-written. That call fails with `internal`. Then a new instance of the module replaces the old one.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import binaryen from "binaryen";
import { createChecks, here, must } from "./lib.mjs";
import { project, wasmFile } from "./project.mjs";

/** Added to a call's number if the trap comes after the work. */
const AFTER = 256;
/** Exports without a call number, with the numbers that this test uses. */
const EXPORTS = { refusal: 1000, release: 1001 };

/** Every call of the default build, by its number. */
async function readCalls() {
  const text = await readFile(join(here, "../../pkg/src/generated/calls.ts"), "utf8");
  const full = JSON.parse(text.match(/FULL_CALLS: readonly number\[\] = (\[.*\]);/)[1]);
  const found = [...text.matchAll(/^export const ([A-Z_]+) = (\d+);$/gm)].filter(
    ([, name, number]) => !name.endsWith("_KIND") && !full.includes(Number(number)),
  );
  return Object.fromEntries(found.map(([, name, number]) => [name, Number(number)]));
}

const exportsOf = (module) =>
  Array.from({ length: module.getNumExports() }, (_, at) => binaryen.getExportInfo(module.getExportByIndex(at)));

/** The WebAssembly features of the shipped module. */
const FEATURES = [
  "MutableGlobals",
  "ReferenceTypes",
  "BulkMemory",
  "BulkMemoryOpt",
  "SignExt",
  "NontrappingFPToInt",
  "Multivalue",
].reduce((all, name) => all | binaryen.Features[name], 0);

function readModule(bytes) {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(FEATURES);
  return module;
}

/** The module with a global that names the call that traps, before or after its work. */
function trapping(bytes) {
  const module = readModule(bytes);
  const { i32 } = binaryen;
  module.addGlobal("trap", i32, true, module.i32.const(-1));
  module.addGlobalExport("trap", "trap");
  const trapIf = (number) => module.if(module.i32.eq(module.global.get("trap", i32), number), module.unreachable());
  for (const { name, value } of exportsOf(module)) {
    if (!["call", "structured", ...Object.keys(EXPORTS)].includes(name)) continue;
    const { params, results } = binaryen.getFunctionInfo(module.getFunction(value));
    const types = binaryen.expandType(params);
    const number = () => (EXPORTS[name] ? module.i32.const(EXPORTS[name]) : module.local.get(0, i32));
    const after = module.i32.add(number(), module.i32.const(AFTER));
    const given = types.map((type, at) => module.local.get(at, type));
    const work = module.call(value, given, results);
    const kept = types.length;
    const body =
      results === binaryen.none
        ? [trapIf(number()), work, trapIf(after)]
        : [trapIf(number()), module.local.set(kept, work), trapIf(after), module.local.get(kept, results)];
    const vars = results === binaryen.none ? [] : [results];
    module.addFunction(`trapping ${name}`, params, results, vars, module.block(null, body, results));
    module.removeExport(name);
    module.addFunctionExport(`trapping ${name}`, name);
  }
  if (!module.validate()) throw new Error("the module with traps is not valid");
  return module.emitBinary();
}

/** The module with memory that cannot grow beyond this number of pages. */
function limited(bytes, pages) {
  const module = readModule(bytes);
  const text = module.emitText();
  const limitedText = text.replace(/(\(memory \S+ \d+)\)/, `$1 ${pages})`);
  if (limitedText === text) throw new Error("the module declares no memory");
  const parsed = binaryen.parseText(limitedText);
  parsed.setFeatures(FEATURES);
  return parsed.emitBinary();
}

export async function poison() {
  const { check, results } = createChecks("poison");
  const shipped = await readFile(await wasmFile());
  const calls = await readCalls();
  await writeFile(join(project, "calls.json"), JSON.stringify({ calls, AFTER, EXPORTS }));
  await writeFile(join(project, "trapping.wasm"), trapping(shipped));
  await writeFile(join(project, "limited.wasm"), limited(shipped, 24));
  await writeFile(join(project, "shipped.wasm"), shipped);
  const run = (module, scenario) =>
    must(process.execPath, ["--no-warnings", "--expose-gc", "js/entries/poison.mjs", module, scenario], {
      cwd: project,
    });
  for (const name of [...Object.keys(calls), ...Object.keys(EXPORTS)])
    await check(`a trap in ${name}`, () => run("trapping.wasm", name));
  const scenarios = {
    "a trap while the engine recreates a relying party": "anew",
    "a trap while others wait for the network": "waiting",
    "relying parties of a lost instance are freed and collected": "collected",
    "no new instance can be made for a while": "unmade",
    "three hundred traps in a row": "often",
  };
  for (const [name, scenario] of Object.entries(scenarios)) await check(name, () => run("trapping.wasm", scenario));
  await check("memory that cannot grow", () => run("limited.wasm", "limited"));
  await check("calls at the very end of the stack", () => run("shipped.wasm", "stack"));
  return results;
}
