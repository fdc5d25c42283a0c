// Checks the benchmark's arithmetic, and that the repository's figures come from the recorded run. It measures nothing.
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { judge } from "../../benches/js/growth/verdict.mjs";
import { agree, batchOf, repeat, turned } from "../../benches/js/measure.mjs";
import { rewritten } from "../../benches/js/page.mjs";
import { picture } from "../../benches/js/picture.mjs";
import { demangled, selfTimes } from "../../benches/js/profile.mjs";
import { compare, exponent, summary } from "../../benches/js/statistics.mjs";
import { createChecks, root } from "./lib.mjs";

const near = (value, wanted) => ok(Math.abs(value - wanted) < 1e-9, `${value} is not ${wanted}`);
const read = (file) => readFile(join(root, file), "utf8");
const contender = (value) => ({ run: () => value, outcome: (result) => result });

export async function bench() {
  const { check, results } = createChecks("bench");

  await check("median and quartiles, in any order", () => {
    deepEqual(summary([5, 1, 3, 2, 4]), { median: 3, low: 2, high: 4 });
    deepEqual(summary([4, 1]), { median: 2.5, low: 1.75, high: 3.25 });
    deepEqual(summary([7]), { median: 7, low: 7, high: 7 });
  });
  await check("the ratio is taken in each round, not of the medians", () => {
    const rounds = [
      { ours: 1, peer: 4 },
      { ours: 10, peer: 20 },
      { ours: 2, peer: 6 },
    ];
    const { microseconds, peers } = compare(rounds, { goals: { peer: { faster: 3 } }, floors: [] });
    equal(microseconds.median, 2000);
    equal(peers[0].faster.median, 3);
    equal(peers[0].goal.met, true);
  });
  await check("a goal as a multiple of the peer's time", () => {
    const met = (peer) => compare([{ ours: 114, peer }], { goals: { peer: { within: 1.15 } } }).peers[0].goal.met;
    deepEqual([met(100), met(99)], [true, false]);
  });
  await check("growth: the exponent, and both verdicts", () => {
    near(exponent([1, 2, 4, 8].map((size) => [size, 3 * size ** 2])), 2);
    const points = (ours, peer, memory = (_size) => 64) =>
      [1, 10, 100].map((size) => ({
        size,
        ...compare([{ ours: ours(size), peer: peer(size) }]),
        memory: { input: size, before: 64, after: memory(size) },
      }));
    const verdicts = ({ linear, holds, memory }) => [linear.met, holds.met, memory.met];
    const line = (size) => 5 + size;
    deepEqual(verdicts(judge({ points: points(line, line) })), [true, true, true]);
    deepEqual(verdicts(judge({ points: points((size) => size ** 1.5, line) })), [false, false, true]);
    const flat = () => 5;
    deepEqual(verdicts(judge({ points: points((size) => size, flat) })), [true, false, true]);
    deepEqual(verdicts(judge({ points: points(line, line, (size) => 64 * size ** 2) })), [true, true, false]);
  });
  await check("every contender does the same work before the measurement", async () => {
    await agree({ ours: contender({ a: 1, b: 2 }), peer: contender({ b: 2, a: 1 }) });
    await rejects(agree({ ours: contender("a"), peer: contender("b") }), /not the same work/);
  });
  await check("steps, batches and turns", async () => {
    deepEqual(await repeat((value) => value + 1, 3, [1, 2, 3]), [2, 3, 4]);
    deepEqual(await repeat(async (value) => value + 1, 3, [1, 2, 3]), [2, 3, 4]);
    equal(await batchOf(10, async (count) => count * 2), 6);
    let tries = 0;
    const interrupted = async (count) => count * 2 + (tries++ % 3 ? 0 : 90);
    equal(await batchOf(10, interrupted), 6, "one of three tries takes longer");
    deepEqual(turned(["a", "b", "c"], 4), ["b", "c", "a"]);
  });
  await check("a profile's own times", () => {
    const frame = (functionName, url = "") => ({ functionName, url, lineNumber: 0 });
    const nodes = [
      { id: 1, callFrame: frame("parse", "wasm://wasm/1") },
      { id: 2, callFrame: frame("", "file:///pkg/a.js") },
    ];
    const { self, whole } = selfTimes({ nodes, samples: [1, 2, 1], timeDeltas: [5, 4, 3] });
    deepEqual(self, [
      ["parse  wasm", 8],
      ["(anonymous)  a.js:1", 4],
    ]);
    equal(whole, 12);
    const symbol = "_RNvMs2_NtNtCsiKEuqON8Y9v_9oidc_wasm4wire4jsonNtB5_6Reader6string";
    deepEqual([symbol, "__rust_alloc"].map(demangled), ["oidc_wasm::wire::json::Reader::string", "__rust_alloc"]);
  });
  await check("the picture and docs/speed.md show the recorded run", async () => {
    const recorded = JSON.parse(await read("benches/results/speed.json"));
    const svg = picture(recorded);
    equal(await read("docs/pictures/speed.svg"), svg, "speed.svg does not match speed.json");
    ok(!/NaN|undefined|Infinity/.test(svg), "the picture has an invalid number");
    const page = await read("docs/speed.md");
    equal(page, rewritten(page, recorded), "docs/speed.md does not match speed.json");
  });
  await check("docs/size.md shows the recorded sizes", async () => {
    const recorded = JSON.parse(await read("size.json"));
    const [, tables] = /<!-- size\.json -->(.*)<!-- \/size\.json -->/s.exec(await read("docs/size.md"));
    const names = new Set();
    for (const [, title, ...bytes] of tables.matchAll(/^\| (.*?) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|/gm)) {
      const name = title.replace(/[*`]/g, "");
      names.add(name);
      const numbers = bytes.map((text) => Number(text.replaceAll(",", "")));
      deepEqual(numbers, Object.values(recorded[name] ?? {}), name);
    }
    deepEqual([...names].sort(), Object.keys(recorded).sort());
  });
  return results;
}
