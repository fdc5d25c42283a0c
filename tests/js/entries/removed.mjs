// Prints the codes of the rules that no case covers. Run it with the engine's rules and a module that can lack one
// (src/removed.rs). Or run it with the code of a host rule that the caller has removed from the package.
import { readFileSync } from "node:fs";

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

const [, , list, module] = process.argv;
const context = { origin: process.env.ORIGIN, readyAtImport: false };
const files = Object.entries(vectors).filter(([, { cases }]) => cases);

/** The codes that a vector of this name expects as error or warning. */
const expected = new Map(
  files.flatMap(([file, { cases }]) =>
    cases.map((one) => {
      const codes = [one.expect?.error?.code, ...(one.fails ?? []), ...(one.warns ?? [])];
      return [
        `${file.replace(".json", "")}/${one.name}`,
        codes.map((code) => code?.replace(/^argument\..*/, "argument")),
      ];
    }),
  ),
);
/** All cases, those that name the rule first. If they pass without the rule, the other cases run too. */
function inOrder(code) {
  const speaks = ({ name, run }) => expected.get(name)?.includes(code) || run.toString().includes(`"${code}"`);
  return [...cases.filter(speaks), ...cases.filter((one) => !speaks(one))];
}

const isGood = async (one) => (await runCase(one, context)).ok;

/** The first case that passes with the rule and fails without it. */
async function missing(code, remove) {
  for (const one of inOrder(code)) {
    remove(false);
    if (!(await isGood(one))) continue;
    remove(true);
    if (!(await isGood(one))) return one.name;
  }
  return undefined;
}

/** The same if the rule is already removed. The normal run shows that the cases pass with the rule. */
async function missingAlready(code) {
  for (const one of inOrder(code)) {
    if (!(await isGood(one))) return one.name;
    await init();
  }
  return undefined;
}

function tell(code, name) {
  if (name) console.error(`${code}: ${name}`);
  else unmissed.push(code);
}

const unmissed = [];
if (module) {
  await init(new WebAssembly.Module(readFileSync(module)));
  for (const [code, number] of Object.entries(JSON.parse(list))) {
    const name = await missing(code, (isRemoved) => {
      removed = isRemoved ? number : NONE;
      if (!memories.every(lack)) throw new Error("every rule of this module is always present");
    });
    tell(code, name);
  }
} else tell(list, await missingAlready(list));
console.log(JSON.stringify(unmissed));
