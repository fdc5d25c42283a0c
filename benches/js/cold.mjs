// The time of a fresh process until the first login. The run subtracts nothing and bundles nothing.
import { child } from "./child.mjs";
import { goalsOf } from "./goals.mjs";
import { turned } from "./measure.mjs";
import { compare } from "./statistics.mjs";

const names = ["oidc-wasm", "openid-client", "oauth4webapi", "oidc-client-ts"];
const rounds = { full: 25, quick: 5 };
const title = "Cold start: import to first URL";
const includes =
  "A fresh process, without the time that Node needs to start. Ours unpacks and compiles its module in that time.";

export const coldStart = {
  title,
  async measure({ node, pace, progress }) {
    const times = [];
    // The first round fills the file cache and does not count.
    for (let at = 0; at <= rounds[pace]; at++) {
      const round = Object.fromEntries(names.map((name) => [name, undefined]));
      for (const name of turned(names, at)) {
        const { milliseconds, url } = await child("cold.mjs", { args: [name], node });
        if (new URL(url).searchParams.get("code_challenge")?.length !== 43)
          throw new Error(`cold_start: ${name}: ${url}`);
        round[name] = milliseconds;
      }
      if (at > 0) times.push(round);
      progress({ title, part: at / rounds[pace] });
    }
    return { title, includes, ...compare(times, { goals: goalsOf("cold_start", "node") }) };
  },
};
