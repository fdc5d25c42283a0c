// The lease that replaces `navigator.locks`, with concurrent claims. Node has a BroadcastChannel too.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { same } from "../lib.mjs";
import { project } from "../project.mjs";

/** Far longer than any number of claims needs. */
const PATIENCE = 30_000;

/** Several claim at once. Each gets the lease, one at a time. */
export async function claimAtOnce(count) {
  const file = join(project, "node_modules/oidc-wasm/dist/lease.js");
  const { lease } = await import(pathToFileURL(file).href);
  const tools = { VERSION: 1, random: () => crypto.randomUUID() };
  const turns = [];
  let busy = 0;
  const work = async (claim) => {
    turns.push(`${claim} beside ${busy++}`);
    await new Promise((done) => setTimeout(done, 20));
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
