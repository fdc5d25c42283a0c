// A Worker that does as it is asked: its clock stands still while it computes, so that it is timed from outside.
import { cases } from "../cases/index.mjs";
import { agree, floorsOf, repeat, stagesOf } from "../measure.mjs";
import { createProvider } from "../provider.mjs";

let provider;
const ready = {};
/** What one stage left to the next. */
let values;

async function prepared(id) {
  provider ??= await createProvider();
  ready[id] ??= await cases[id].contenders(provider);
  return ready[id];
}

/**
 * Nothing that does I/O outlives the request that made it. What a step is given is made in its own request, and what it
 * leaves open ends with that.
 */
const stagesHere = ({ given, after, ...contender }) => stagesOf(contender);

const givenTo = ({ given }, count) => given && repeat(given, Number(count));

const commands = {
  /** Checks that all do the same work, and tells who they are: their stages, by whether each is timed. */
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
  /** What a request takes by itself, and what a first step is given. */
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
