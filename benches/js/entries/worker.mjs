// A Worker that runs steps on request. Its clock stops while it computes, so the run measures the time from outside.
import { cases } from "../cases/index.mjs";
import { agree, floorsOf, repeat, stagesOf } from "../measure.mjs";
import { createProvider } from "../provider.mjs";

let provider;
const ready = {};
/** The results of one stage, for the next one. */
let values;

async function prepared(id) {
  provider ??= await createProvider();
  ready[id] ??= await cases[id].contenders(provider);
  return ready[id];
}

/**
 * An object with I/O cannot outlive the request that created it. So a step's input is made in its own request, and what it
 * leaves open ends with it.
 */
const stagesHere = ({ given, after, ...contender }) => stagesOf(contender);

const givenTo = ({ given }, count) => given && repeat(given, Number(count));

const commands = {
  /** Checks that all do the same work, and returns the contenders with their stages, timed or not. */
  async prepare({ id }) {
    const contenders = await prepared(id);
    await agree(contenders);
    const stages = Object.entries(contenders).map(([name, one]) => [name, stagesHere(one).map(({ timed }) => timed)]);
    return { stages: Object.fromEntries(stages), floors: floorsOf(contenders) };
  },
  async run({ id, name, stage, count }) {
    const contender = (await prepared(id))[name];
    if (stage === "0") values = await givenTo(contender, count);
    values = await repeat(stagesHere(contender)[stage].step, Number(count), values);
  },
  /** The time of an empty request, and the input of a first step. */
  async nothing({ id, name, stage, count }) {
    if (stage === "0") await givenTo((await prepared(id))[name], count);
  },
};

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    try {
      const result = await commands[pathname.slice(1)](Object.fromEntries(searchParams));
      return new Response(JSON.stringify(result));
    } catch (error) {
      return new Response(error.stack, { status: 500 });
    }
  },
};
