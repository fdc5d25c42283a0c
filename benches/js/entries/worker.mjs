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

const commands = {
  /** Checks that all do the same work, and tells who they are: their stages, by whether each is timed. */
  async prepare({ id }) {
    const contenders = await prepared(id);
    await agree(contenders);
    const stages = Object.entries(contenders).map(([name, one]) => [name, stagesOf(one).map(({ timed }) => timed)]);
    return { stages: Object.fromEntries(stages), floors: floorsOf(contenders) };
  },
  async run({ id, name, stage, count }) {
    const { step } = stagesOf((await prepared(id))[name])[stage];
    values = await repeat(step, Number(count), stage === "0" ? undefined : values);
  },
  /** What a request takes by itself. */
  async nothing() {},
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
