import assert from "node:assert/strict";
import { Miniflare } from "miniflare";

/** The response of a Worker. */
async function answerOf(scriptPath) {
  const worker = new Miniflare({ modules: true, scriptPath, compatibilityDate: "2026-04-01" });
  const answer = await (await worker.dispatchFetch("http://app.example/")).text();
  await worker.dispose();
  return answer;
}

assert.equal(await answerOf("out/forbidden.js"), "init.edge");
console.log(await answerOf("out/main.js"));
