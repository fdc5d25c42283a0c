// A Worker: one request runs the cases of the server entries.
import { runAll } from "../suite/edge/index.js";

export default {
  async fetch(request) {
    const origin = new URL(request.url).searchParams.get("origin");
    return Response.json(await runAll({ origin, readyAtImport: true, many: 2_000 }));
  },
};
