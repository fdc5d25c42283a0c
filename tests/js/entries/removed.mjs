// Prints the first case that misses a rule. Either of each rule of the engine, with a module that can lack one (src/removed.rs):
// node removed.mjs <codes and numbers> <module>. Or of a rule whose name the caller has changed in this project's package, while
// the package of the project WHOLE has it: node removed.mjs <code> <index or edge, whose cases come first>
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const memories = [];
const NONE = 0xffff_ffff;
let removed = NONE;
/** Writes the number of the removed rule into a module. @param {WebAssembly.Memory} memory */
function lack({ buffer }) {
  const words = Buffer.from("The removed rule is ");
  const at = Buffer.from(buffer).indexOf(words);
  if (at >= 0) new DataView(buffer).setUint32(at + words.length, removed, true);
  return at >= 0;
}
// The package starts the module again after a large input, so each new instance must lack the rule too.
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(module, imports) {
    super(module, imports);
    if (!this.exports.place) return;
    const memory = /** @type {WebAssembly.Memory} */ (this.exports.memory);
    memories.push(memory);
    lack(memory);
  }
};
const { default: init } = await import("oidc-wasm");
const { cases, runCase } = await import("../suite/index.js");
const { default: vectors } = await import("../vectors.js");

const [, , name, other] = process.argv;
const context = { origin: process.env.ORIGIN, readyAtImport: false };
const files = Object.entries(vectors).filter(([, { cases }]) => cases);

/** The codes that a vector of this name expects as error or warning. */
const expected = new Map(
  files.flatMap(([file, { cases }]) =>
    cases.map((one) => {
      const codes = [one.expect?.error?.code, ...(one.fails ?? []), ...(one.warns ?? [])];
      return [
        `${file.replace(".json", "")}/${one.name}`,
        codes.flatMap((code) => [code, code?.replace(/^argument\..*/, "argument")]),
      ];
    }),
  ),
);
/** All cases, those that name the rule first. If they pass without the rule, the other cases run too. */
function inOrder(code, cases) {
  const speaks = ({ name, run }) => expected.get(name)?.includes(code) || run.toString().includes(code);
  return [...cases.filter(speaks), ...cases.filter((one) => !speaks(one))];
}

const isGood = async (one) => (await runCase(one, context)).ok;
/** A case that is late may have another reason than the missing rule. @param {{ ok: boolean, isLate?: boolean }} result */
const isBad = ({ ok, isLate }) => !ok && !isLate;

/** The first case that passes with the rule and fails without it. */
async function missing(code, remove) {
  for (const one of inOrder(code, cases)) {
    remove(false);
    if (!(await isGood(one))) continue;
    remove(true);
    if (isBad(await runCase(one, context))) return one.name;
  }
  return undefined;
}

/** The same without switching: the name is removed from this project's package, and the project WHOLE has it. */
async function missingHere(code, isOfEdge) {
  const suites = [];
  for (const folder of [
    new URL("..", import.meta.url).href,
    pathToFileURL(join(process.env.WHOLE ?? "", "js/")).href,
  ]) {
    if (isOfEdge) await import(`${folder}suite/edge/index.js`);
    const { cases, runCase, init } = await import(`${folder}suite/index.js`);
    await import(`${folder}suite/edge/index.js`);
    const byName = new Map(cases.map((one) => [one.name, one]));
    // Cases before init() must fail, unless they are about it.
    if (!["not_initialized", "argument.source"].includes(code)) await init();
    const result = async ({ name }) => [await runCase(byName.get(name), context), await init()][0];
    suites.push({ cases, result });
  }
  const [removed, whole] = suites;
  for (const one of inOrder(code, whole.cases))
    if (isBad(await removed.result(one)) && (await whole.result(one)).ok) return one.name;
}

if (other.endsWith(".wasm")) {
  await init(new WebAssembly.Module(readFileSync(other)));
  const found = [];
  for (const [code, number] of Object.entries(JSON.parse(name))) {
    const missed = await missing(code, (isRemoved) => {
      removed = isRemoved ? number : NONE;
      if (!memories.every(lack)) throw new Error("every rule of this module is always present");
    });
    found.push([code, missed]);
  }
  console.log(JSON.stringify(found));
} else console.log(JSON.stringify((await missingHere(name, other === "edge")) ?? null));
