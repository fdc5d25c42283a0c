// `--profile <case>`: our time in one case, by function.
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { child } from "./child.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = join(root, "target/bench/profile");
const named = join(root, "target/wasm/oidc_wasm.named.wasm");
const LINES = 30;

export async function profile(id, node) {
  await mkdir(folder, { recursive: true });
  const { profile } = await child("profile.mjs", { args: [id, named], node });
  const file = join(folder, `${id}.cpuprofile`);
  await writeFile(file, JSON.stringify(profile));
  const { self, whole } = selfTimes(profile);
  console.log(`\n${id}: where our time goes, by function, without what it calls\n`);
  for (const [where, time] of self.slice(0, LINES))
    console.log(`${((100 * time) / whole).toFixed(1).padStart(5)} %  ${where}`);
  console.log(`\nThe whole of it, for Chrome's DevTools: ${file}`);
}

/** Microseconds by function, the largest first. */
export function selfTimes({ nodes, samples, timeDeltas }) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const sums = new Map();
  let whole = 0;
  for (const [at, id] of samples.entries()) {
    const name = names.get(id);
    whole += timeDeltas[at];
    sums.set(name, (sums.get(name) ?? 0) + timeDeltas[at]);
  }
  return { self: [...sums].sort((a, b) => b[1] - a[1]), whole };
}

function nameOf({ functionName, url, lineNumber }) {
  const name = functionName || "(anonymous)";
  if (functionName === "(idle)") return "(idle: waiting for WebCrypto, which works elsewhere)";
  if (url.startsWith("wasm:")) return `${demangled(name)}  wasm`;
  return url ? `${name}  ${url.startsWith("node:") ? url : basename(url)}:${lineNumber + 1}` : name;
}

/** The identifiers of a Rust symbol (RFC 2603). They are enough to find the function. */
export function demangled(symbol) {
  if (!symbol.startsWith("_R")) return symbol;
  const names = [];
  let rest = symbol.slice(2);
  while (rest) {
    const [skipped] = /^(?:C?s|B)[0-9A-Za-z]*_|^[^0-9]/.exec(rest) ?? [""];
    rest = rest.slice(skipped.length);
    const [prefix, length] = /^(\d+)_?/.exec(skipped ? "" : rest) ?? ["", 0];
    if (length) names.push(rest.slice(prefix.length, prefix.length + Number(length)));
    rest = rest.slice(prefix.length + Number(length));
  }
  return names.join("::");
}
