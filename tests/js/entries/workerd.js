// A Worker: one request runs the suite. Module scope has neither randomness nor a clock, so nothing runs there.
import { runAll } from "../suite/index.js";

export default {
  async fetch(request) {
    const origin = new URL(request.url).searchParams.get("origin");
    return Response.json(await runAll({ origin, readyAtImport: true }));
  },
};
