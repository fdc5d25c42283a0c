// The lease that replaces `navigator.locks`, with concurrent claims. Node has a BroadcastChannel too.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { same } from "../lib.mjs";
import { project } from "../project.mjs";
import { signal } from "../suite/fake.js";

/** Far longer than any number of claims needs. */
const PATIENCE = 30_000;

const load = () => import(pathToFileURL(join(project, "node_modules/oidc-wasm/dist/lease.js")).href);
/** Until every message that is on its way has arrived. */
async function delivered() {
  for (let turn = 0; turn < 5; turn++) await new Promise((next) => setImmediate(next));
}

/** The milliseconds that a claim waits for an objection, and a rejected claim for its next turn. */
const [QUIET, AGAIN] = [500, 700];

/** Runs `body` while a claim waits for `before`. On a busy machine, its timer may come before the messages that it waits for. */
async function inTurns(before, body) {
  const { setTimeout } = globalThis;
  const waits = (work, milliseconds) =>
    [QUIET, AGAIN].includes(milliseconds) ? before(milliseconds).then(work) : setTimeout(work, milliseconds);
  globalThis.setTimeout = /** @type {any} */ (waits);
  try {
    await body();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** A claim waits for the one that has the lease, and for a smaller name. It ignores messages of another version. */
export async function claimAfterAnother() {
  const { lease } = await load();
  const named = (name) => ({ VERSION: 1, random: () => name });
  for (const [v, waits] of [
    [1, true],
    [2, false],
  ]) {
    const name = `a rival of version ${v}`;
    const rival = new BroadcastChannel(`${name} lease`);
    const answered = signal();
    let isAnswered = false;
    rival.onmessage = ({ data }) => {
      if (data.type !== "claim" || isAnswered) return;
      isAnswered = true;
      rival.postMessage({ v, type: "claim", from: "a" });
      answered.give();
    };
    await inTurns(
      () => answered.then(delivered),
      async () => same(await lease(named("b"), name, async (waited) => waited), waits, name),
    );
    rival.close();
  }
  await claimBeside();
  await claimLate();
  const order = [];
  let release = () => {};
  const held = new Promise((done) => {
    release = () => done(undefined);
  });
  let begin = () => {};
  const begun = new Promise((done) => {
    begin = () => done(undefined);
  });
  const first = lease(named("b"), "a long turn", async () => {
    begin();
    await held;
    order.push("first");
  });
  await begun;
  const second = lease(named("a"), "a long turn", async () => order.push("second"));
  // Longer than a claim waits.
  await pause(1_500);
  same(order, [], "the second does not begin");
  release();
  await Promise.all([first, second]);
  same(order, ["first", "second"], "one after the other");
}

/** A claim objects to a larger name, but not while it waits for its next turn: its page may be slow. */
async function claimBeside() {
  const { lease } = await load();
  const rival = new BroadcastChannel("beside lease");
  const answered = signal();
  const objections = [];
  let claims = 0;
  rival.onmessage = ({ data: { type, to } }) => {
    if (type === "object") objections.push(to);
    if (type !== "claim" || claims++) return;
    rival.postMessage({ v: 1, type: "claim", from: "c" });
    rival.postMessage({ v: 1, type: "object", from: "a", to: "b" });
    answered.give();
  };
  await inTurns(
    async (milliseconds) => {
      await answered;
      // After the end of the first claim, and before the next one.
      if (milliseconds === AGAIN) rival.postMessage({ v: 1, type: "claim", from: "d" });
      await delivered();
    },
    () => lease({ VERSION: 1, random: () => "b" }, "beside", async () => {}),
  );
  rival.close();
  same([objections, claims], [["c"], 2], "objections, and claims");
}

/** In a page that stood still, the timer of a claim comes before an objection. */
async function claimLate() {
  const { lease } = await load();
  const rival = new BroadcastChannel("late lease");
  const { setTimeout } = globalThis;
  let isAnswered = false;
  globalThis.setTimeout = /** @type {any} */ (
    (work, milliseconds) =>
      setTimeout(() => {
        if (!isAnswered) rival.postMessage({ v: 1, type: "object", from: "a", to: "b" });
        isAnswered = true;
        work();
      }, milliseconds)
  );
  try {
    same(await lease({ VERSION: 1, random: () => "b" }, "late", async (waited) => waited), true, "the claim waits");
  } finally {
    globalThis.setTimeout = setTimeout;
    rival.close();
  }
}

/** Several claim at once. Each gets the lease, one at a time. */
export async function claimAtOnce(count) {
  const { lease } = await load();
  const tools = { VERSION: 1, random: () => crypto.randomUUID() };
  const turns = [];
  let busy = 0;
  const work = async (claim) => {
    turns.push(`${claim} beside ${busy++}`);
    await pause(20);
    busy--;
  };
  let timer;
  const late = new Promise((done) => {
    timer = setTimeout(done, PATIENCE);
  });
  const claims = Array.from({ length: count }, (_, claim) => claim);
  await Promise.race([late, Promise.all(claims.map((claim) => lease(tools, `${count} claims`, () => work(claim))))]);
  clearTimeout(timer);
  const expected = claims.map((claim) => `${claim} beside 0`);
  same(turns.sort(), expected.sort(), "turns");
}

/** A browser that denies access to storage may deny BroadcastChannel too. Then calls of one page run one after the other. */
export async function claimAlone() {
  const { lease } = await load();
  const tools = { VERSION: 1, random: () => crypto.randomUUID() };
  const { BroadcastChannel } = globalThis;
  globalThis.BroadcastChannel = /** @type {any} */ (
    class {
      constructor() {
        throw new DOMException("", "SecurityError");
      }
    }
  );
  const order = [];
  const work = (name) => async () => {
    order.push(`${name} begins`);
    await pause(20);
    order.push(`${name} ends`);
    if (name === "one") throw new Error(name);
    return name;
  };
  try {
    const calls = ["one", "two"].map((name) => lease(tools, "alone", work(name)));
    const ends = await Promise.allSettled(calls);
    same(
      ends.map((end) => (end.status === "fulfilled" ? end.value : end.reason.message)),
      ["one", "two"],
      "results",
    );
  } finally {
    globalThis.BroadcastChannel = BroadcastChannel;
  }
  same(order, ["one begins", "one ends", "two begins", "two ends"], "one after the other");
}
