// Measures with tinybench, in short slices. The contenders take turns. The same file runs in Node and in a page.
import { Bench } from "tinybench";
import { goalsOf } from "./goals.mjs";
import { compare } from "./statistics.mjs";

/** Milliseconds, except the rounds. `batch` is the least duration of a sample: a page's clock is coarser. `clock` replaces the wall clock. */
export const paces = {
  full: { rounds: 40, slice: 12, warmup: 600, batch: 1 },
  quick: { rounds: 7, slice: 6, warmup: 60, batch: 1 },
};

/**
 * The steps of a contender. Each step gets the result of the step before it. Either `run`, with its untimed preparation and
 * its cleanup; or the two halves of a login around the provider's part. The provider's part is not timed.
 */
export const stagesOf = (/** @type {any} */ { given, run, after, begin, between, finish }) =>
  [
    { step: given, timed: false },
    { step: run, timed: true },
    { step: after, timed: false },
    { step: begin, timed: true },
    { step: between, timed: false },
    { step: finish, timed: true },
  ].filter(({ step }) => step);

/** Runs every contender once before the measurement. Throws if their results differ. */
export async function agree(contenders) {
  const outcomes = [];
  for (const [name, contender] of Object.entries(contenders)) {
    let value;
    for (const { step } of stagesOf(contender)) value = await step(value);
    outcomes.push([name, sorted(await contender.outcome(value))]);
  }
  const [[, wanted]] = outcomes;
  const other = outcomes.find(([, outcome]) => outcome !== wanted);
  if (other) throw new Error(`not the same work: oidc-wasm came to ${wanted}, ${other[0]} to ${other[1]}`);
}

const sorted = (value) =>
  JSON.stringify(value, (_, part) =>
    part && typeof part === "object" && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort()) : part,
  );

/** One step, `count` times. A synchronous result is not awaited, because a user would not await it. */
export async function repeat(step, count, values) {
  const results = new Array(count);
  const first = step(values?.[0]);
  if (typeof first?.then === "function") {
    results[0] = await first;
    for (let at = 1; at < count; at++) results[at] = await step(values?.[at]);
  } else {
    results[0] = first;
    for (let at = 1; at < count; at++) results[at] = step(values?.[at]);
  }
  return results;
}

/** @type {() => number} */
const wallClock = () => performance.now();

/** Milliseconds of the timed part of `count` calls, by the counting clock and by the wall clock. */
async function time(stages, count, clock = wallClock) {
  let [spent, wall] = [0, 0];
  let values;
  for (const { step, timed } of stages) {
    const [since, begun] = [wallClock(), clock()];
    values = await repeat(step, count, values);
    if (!timed) continue;
    spent += clock() - begun;
    wall += wallClock() - since;
  }
  return { spent, wall };
}

/** Warms up every contender, and finds how many calls make a batch that the clock can measure. */
async function prepare(contenders, { warmup, batch }) {
  const ready = Object.entries(contenders).map(([name, contender]) => ({
    name,
    stages: stagesOf(contender),
    count: 1,
  }));
  for (const one of ready) {
    // The timed part alone counts. The provider's part would leave it a fifth, and then the host's compilers would count as its work.
    const latest = performance.now() + 10 * warmup;
    for (let spent = 0; spent < warmup && performance.now() < latest; ) spent += (await time(one.stages, 1)).wall;
    one.count = await batchOf(batch, async (count) => (await time(one.stages, count)).wall);
  }
  return ready;
}

/**
 * The number of calls that take at least this many milliseconds. The shortest of three tries counts, because other work on the machine
 * lengthens some. A batch of one call would mostly measure the batch.
 */
export async function batchOf(milliseconds, spentBy) {
  for (let count = 1; ; ) {
    const spent = Math.min(await spentBy(count), await spentBy(count), await spentBy(count));
    if (spent >= milliseconds) return count;
    const wanted = (count * 1.2 * milliseconds) / (spent || milliseconds);
    count = Math.ceil(Math.min(Math.max(wanted, count + 1), count * 10));
  }
}

/** The order rotates by one place each round, so that every contender begins sometimes. */
export const turned = (list, at) => [...list.slice(at % list.length), ...list.slice(0, at % list.length)];

/** One round: a slice for each contender. Mean milliseconds of one call by name, by the counting clock and the wall clock. */
async function round(ready, at, { slice, clock }) {
  const bench = new Bench({ time: slice, iterations: 1, warmup: false, throws: true });
  const walls = {};
  for (const { name, stages, count } of turned(ready, at)) {
    const own = [];
    walls[name] = own;
    const sample = async () => {
      const { spent, wall } = await time(stages, count, clock);
      own.push(wall / count);
      return { overriddenDuration: spent / count, overriddenIterationCost: wall };
    };
    bench.add(name, sample, { async: true });
  }
  await bench.run();
  // The mean, not the median: garbage collection is part of a contender's work.
  const byName = (value) => Object.fromEntries(ready.map(({ name }) => [name, value(name)]));
  return {
    spent: byName((name) => /** @type {any} */ (bench.getTask(name).result).latency.mean),
    wall: byName((name) => walls[name].reduce((sum, one) => sum + one, 0) / walls[name].length),
  };
}

/**
 * Measures the contenders. The first one is ours.
 * @param {{ contenders: object, goals?: object }} of
 * @param {(part: number) => void} progress
 */
export async function measure({ contenders, goals }, pace, progress = () => {}) {
  await agree(contenders);
  const ready = await prepare(contenders, pace);
  const rounds = [];
  for (let at = 0; at < pace.rounds; at++) {
    rounds.push(await round(ready, at, pace));
    progress((at + 1) / pace.rounds);
  }
  const floors = floorsOf(contenders);
  const row = compare(
    rounds.map(({ spent }) => spent),
    { goals, floors },
  );
  if (!pace.clock) return row;
  const walls = rounds.map(({ wall }) => wall);
  return { ...row, wall: compare(walls, { floors }) };
}

/** Built-in functions, on which the libraries stand. */
export const floorsOf = (contenders) => Object.keys(contenders).filter((name) => contenders[name].floor);

/**
 * Runs every wanted case and returns its row. The page, the Worker and Node call it.
 * @param {(told: { title: string, part: number }) => void} progress
 */
export async function measureAll(cases, provider, { runtime, ...pace }, progress = () => {}) {
  const rows = {};
  for (const [id, { title, includes, contenders }] of Object.entries(cases)) {
    const told = (part) => progress({ title, part });
    told(0);
    try {
      const measured = { contenders: await contenders(provider), goals: goalsOf(id, runtime) };
      rows[id] = { title, includes, ...(await measure(measured, pace, told)) };
    } catch (error) {
      throw new Error(`${id}: ${error.message}`, { cause: error });
    }
  }
  return rows;
}
