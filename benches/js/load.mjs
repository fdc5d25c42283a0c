// A guard under load beside jose's, in Node and in workerd: node benches/js/load.mjs [--check] [--quick]. It uses the tarball of `cargo xtask pack`.
import { readFile } from "node:fs/promises";
import { Agent, createServer, request } from "node:http";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { compact, createKey } from "../../tests/support/provider/jws.js";

const { values: options } = parseArgs({ options: { check: { type: "boolean" }, quick: { type: "boolean" } } });
const root = fileURLToPath(new URL("../../", import.meta.url));
const staged = join(root, "target/npm/package/dist");
const issuer = "https://op.example";
const CONNECTIONS = 32;
const requests = options.quick ? 2_000 : 10_000;
const rounds = options.quick ? 5 : 25;
/** Tokens in turn. The guard remembers 1,000, so it has forgotten each of them before it comes again. */
const TOKENS = 2_500;
const SLICE = 250;

async function createSigner(alg) {
  const { jwk, privateKey } = await createKey(alg, alg);
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: issuer,
    sub: "248289761001",
    aud: "https://api.example.com",
    client_id: "app",
    scope: "read write",
  };
  const sign = (jti) =>
    compact({ alg, kid: alg, typ: "at+jwt" }, { ...claims, jti, iat: now, exp: now + 3600 }, privateKey);
  return { jwks: { keys: [{ ...jwk, alg }] }, sign };
}

/** The handler as one file, with this runtime's engine. */
async function bundled(outfile, conditions, wasm) {
  const alias = {
    name: "alias",
    setup(build) {
      build.onResolve({ filter: /^oidc-wasm/ }, ({ path }) => ({
        path: join(
          staged,
          wasm ? "edge" : "",
          path === "oidc-wasm" ? "index.js" : `${path.slice("oidc-wasm/".length)}.js`,
        ),
      }));
      build.onResolve({ filter: /\.wasm\?module$/ }, () => ({ path: "./oidc_wasm.wasm", external: true }));
    },
  };
  const entry = join(root, "benches/js/load/handler.mjs");
  await build({
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    conditions,
    plugins: [alias],
    outfile,
    logLevel: "error",
  });
}

const places = {
  async Node() {
    const file = join(root, "target/load/node.mjs");
    await bundled(file, ["node"], false);
    const { handle } = await import(pathToFileURL(file).href);
    const { send, toRequest } = await import(pathToFileURL(join(staged, "node.js")).href);
    const server = createServer(async (incoming, outgoing) => send(await handle(toRequest(incoming)), outgoing));
    await new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(undefined)));
    const { port } = /** @type {any} */ (server.address());
    // Processor time in milliseconds, with the threads of WebCrypto: other work on the machine counts less.
    const clock = () => process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000;
    return { address: `http://127.0.0.1:${port}`, clock, close: () => server.close() };
  },
  async workerd() {
    const file = join(root, "target/load/worker.js");
    await bundled(file, ["workerd"], true);
    const modules = [
      { type: "ESModule", path: "worker.js", contents: await readFile(file, "utf8") },
      { type: "CompiledWasm", path: "oidc_wasm.wasm", contents: await readFile(join(staged, "oidc_wasm.wasm")) },
    ];
    const worker = new Miniflare(/** @type {any} */ ({ modules, compatibilityDate: "2026-04-01" }));
    return { address: (await worker.ready).origin, clock: () => performance.now(), close: () => worker.dispose() };
  },
};

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

/** One request. Resolves to the status and the body. */
function ask(address, { headers = {}, body = undefined } = {}) {
  return new Promise((resolve, reject) => {
    const asked = request(address, { agent, method: body ? "POST" : "GET", headers }, async (reply) => {
      let text = "";
      for await (const chunk of reply) text += chunk;
      resolve({ status: reply.statusCode, text });
    });
    asked.once("error", reject).end(body);
  });
}

/** Sends all tokens over several connections: requests per second, and the 99th percentile of their times. */
async function loaded(address, tokens) {
  const times = [];
  let next = 0;
  const since = performance.now();
  const connection = async () => {
    while (next < tokens.length) {
      const started = performance.now();
      const { status } = await ask(address, { headers: { authorization: `Bearer ${tokens[next++]}` } });
      if (status !== 200) throw new Error(`${address}: ${status}`);
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  const perSecond = (tokens.length / (performance.now() - since)) * 1000;
  times.sort((one, other) => one - other);
  return { perSecond, p99: times[Math.floor(times.length * 0.99)] };
}

/** Microseconds of one call of a guard, without a server. */
async function called({ address, clock }, who, tokens, times = 1) {
  const timed = async (count) => {
    const started = clock();
    const { text } = await ask(`${address}/calls/${who}`, { body: JSON.stringify({ tokens, times: count }) });
    if (Number(text) !== tokens.length * count) throw new Error(`${who}: ${text} of ${tokens.length * count} passed`);
    return clock() - started;
  };
  const nothing = await timed(0);
  return (((await timed(times)) - nothing) / (tokens.length * times)) * 1000;
}

/** Both guards in turn, each time in the other order: the times of each. */
async function inTurn(call) {
  const times = { ours: [], jose: [] };
  for (let round = 0; round < rounds; round++)
    for (const who of round % 2 ? ["ours", "jose"] : ["jose", "ours"]) times[who].push(await call(who, round));
  return times;
}

const median = (values) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];
let missed = 0;
/** The goal is for the median of the rounds' ratios: other work on the machine slows both sides of a round. */
function report(what, { ours, jose }, least) {
  const ratio = median(jose.map((time, round) => time / ours[round]));
  const isMissed = ratio < least;
  if (isMissed) missed++;
  const times = `ours ${median(ours).toFixed(1)} us a call, jose ${median(jose).toFixed(1)} us`;
  console.log(`  ${what}: ${times}; ${ratio.toFixed(2)} times as fast; required ${least}${isMissed ? ", MISSED" : ""}`);
}

for (const alg of ["RS256", "ES256"]) {
  const { jwks, sign } = await createSigner(alg);
  let made = 0;
  const fresh = (count) => Promise.all(Array.from({ length: count }, () => sign(`${made++}`)));
  const pool = await fresh(TOKENS);
  for (const [name, start] of Object.entries(places)) {
    const place = await start();
    const { address, close } = place;
    await ask(`${address}/setup`, { body: JSON.stringify({ issuer, jwks }) });
    console.log(`${name}, ${alg}`);
    const [one] = await fresh(1);
    // Both verify as often before the first round. The repeated token comes last: jose verifies it each time, and ours once.
    for (const who of ["ours", "jose", "ours", "jose"]) await called(place, who, pool);
    const slice = (round) => pool.slice((round * SLICE) % TOKENS, ((round * SLICE) % TOKENS) + SLICE);
    const news = await inTurn((who, round) => called(place, who, slice(round)));
    const repeated = await inTurn((who) => called(place, who, [one], who === "ours" ? 4_000 : 400));
    report("one token", repeated, 20);
    report("each token new", news, 1);
    for (const [what, tokens] of Object.entries({ "one token": Array(requests).fill(one), "each new": undefined }))
      for (const who of ["ours", "jose"]) {
        const { perSecond, p99 } = await loaded(`${address}/${who}`, tokens ?? (await fresh(requests / 4)));
        console.log(`  ${who}, ${what}: ${Math.round(perSecond)} requests a second, p99 ${p99.toFixed(1)} ms`);
      }
    await close();
  }
}
agent.destroy();
if (options.check && missed) process.exitCode = 1;
