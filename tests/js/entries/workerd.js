// A Worker: one request runs the suite. Nothing may run at module scope there, where there is neither randomness nor a clock.
import { runAll } from "../suite/index.js";

export default {
  async fetch(request) {
    const origin = new URL(request.url).searchParams.get("origin");
    return Response.json(await runAll({ origin, readyAtImport: true }));
  },
};
