// oidc-wasm/full in Node, Chromium and workerd. oidc-provider requires pushed requests, DPoP-bound tokens and nonces.
import { randomBytes } from "node:crypto";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, transform } from "esbuild";
import { startProvider } from "../../../www/provider/index.mjs";
import { createVisitor } from "../../../www/provider/visitor.mjs";
import { launchChromium } from "../../browsers.mjs";
import { listening } from "../../support/listening.mjs";
import { createChecks, here, policy, root, same } from "../lib.mjs";
import { entryOf, installed, project } from "../project.mjs";
import { bundleWorkers, startWorker } from "../runtimes/workerd.mjs";
import { certificates } from "./certificate.mjs";
import { encryptedLogins } from "./encrypted.mjs";
import { introspections } from "./introspected.mjs";
import { profileLogins } from "./profiles.mjs";

const audience = "https://api.example.com";
const clientId = "a client with a key";
const imported = (path) => import(pathToFileURL(path).href);

export async function full() {
  const { check, results } = createChecks("full");
  await check("a later import replaces the running engine, and existing clients still work", givesWay);
  await cp(join(here, "full"), join(project, "js/full"), { recursive: true });
  await profileLogins(check);
  await certificates(check);
  await encryptedLogins(check);
  await introspections(check);
  const site = await startSite();
  const real = await startProvider({
    clients: [
      {
        client_id: clientId,
        redirect_uris: [`${site.origin}/cb`],
        token_endpoint_auth_method: "none",
        dpop_bound_access_tokens: true,
      },
    ],
    features: {
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    },
  });
  const { issuer } = real;
  const person = await startPerson();
  const elsewhere = await startElsewhere();
  const api = { issuer, audience, elsewhere: elsewhere.origin };
  const settings = { issuer, clientId, redirectUri: `${site.origin}/cb`, audience, person: person.origin };
  for (const [name, run] of Object.entries({ node, chromium, workerd }))
    await check(`${name}: PAR, DPoP and nonces: login, refresh, userinfo, an API`, async () => {
      const { seen, log } = await run(settings, api, site);
      same(seen, expected, "observed steps");
      same(log, answers, "responses of the API");
      same(elsewhere.asked, 0, "requests at the target of the API's redirect");
    });
  await check("chromium: createAuth({ dpop: true })", () => app(settings, api, site, { dpop: true }));
  await check('chromium: createAuth({ dpop: "auto" })', () => app(settings, api, site, { dpop: "auto" }));
  await check("chromium: createAuth({ worker }), whose tokens are bound", () =>
    app(settings, api, site, { dpop: true, worker: true }),
  );
  for (const api of ["createGuard", "verifyAccessToken"])
    await check(`docs/dpop.md: the client, and the API by ${api}`, async () => {
      const { answer } = await documented(settings, api);
      const { toRequest, send } = await imported(join(installed, "dist/node.js"));
      const server = createServer(async (incoming, outgoing) => send(await answer(toRequest(incoming)), outgoing));
      await visited(settings, server, "Orders of mara");
    });
  await check("node: express(guard) asks for a nonce and gives the next", async () => {
    const { createPass } = await imported(join(project, "js/full/middleware.js"));
    const pass = createPass({ issuer, audience });
    const given = [];
    const server = createServer((/** @type {any} */ incoming, outgoing) =>
      pass(incoming, outgoing, () => {
        given.push(outgoing.getHeader("dpop-nonce"));
        outgoing.end(`${incoming.oidc.claims.sub} by ${incoming.method}`);
      }),
    );
    const { nonce } = await visited(settings, server, "mara by GET");
    // The nonce may change between two requests.
    const isNonce = (text) => /^[\da-f]{64}$/.test(text);
    same([given.length, [nonce, ...given].every(isNonce)], [1, true], "nonces beside the answers");
  });
  await check("node: express(createLogin) pushes the request, and its proxy sends a proof", () =>
    server({ ...settings, issuer }, api),
  );
  await Promise.all([real, site, person, elsewhere].map((one) => one.close()));
  return results;
}

const expected = {
  pushed: ["/request 400", "/request 201"],
  address: ["client_id", "request_uri"],
  exchanged: ["/jwks 200", "/token 200"],
  login: ["mara", "DPoP"],
  refreshed: ["/token 200"],
  renewed: ["mara", "DPoP"],
  email: "mara@example.com",
  userinfo: ["/me 200"],
  ordered: [200, "mara: 12 lamps"],
  isFollowed: false,
  bearer: 401,
  stolen: 401,
  unbound: ["token.oauth_error", "invalid_grant"],
};

const answers = [
  "401 use_dpop_nonce",
  "200",
  "307",
  "401 invalid_token",
  // The thief has a key, and requests a nonce.
  "401 use_dpop_nonce",
  "401 invalid_token",
];

async function givesWay() {
  const { default: initDefault, RelyingParty: Party } = await imported(await entryOf("default"));
  await initDefault();
  const before = new Party({ issuer: "https://op.example", jwks_uri: "https://op.example/jwks" }, { clientId: "app" });
  same(before.checkIdToken("").checks[0].rule, "jws.malformed", "before");
  const { default: init } = await imported(join(installed, "dist/full.js"));
  same(before.checkIdToken("").checks[0].rule, "jws.malformed", "while the other engine has not started");
  await init();
  same(before.checkIdToken("").checks[0].rule, "jws.malformed", "after");
}

// ── the same program in three runtimes ──

async function node(settings, api) {
  const { scenario } = await imported(join(project, "js/full/scenario.js"));
  const served = await serveApi(api);
  try {
    return { seen: await scenario({ ...settings, api: served.origin }), log: await logOf(served.origin) };
  } finally {
    await served.close();
  }
}

async function chromium(settings, api, site) {
  const served = await serveApi(api);
  const browser = await launchChromium({ protocolTimeout: 60_000 });
  try {
    const page = await browser.newPage();
    await page.goto(site.origin);
    await page.waitForFunction(() => globalThis.runScenario);
    const all = { ...settings, api: served.origin };
    const seen = await page.evaluate((all) => globalThis.runScenario(all), all);
    return { seen, log: await logOf(served.origin) };
  } finally {
    await browser.close();
    await served.close();
  }
}

async function workerd(settings, api) {
  const folder = await bundleWorkers("full-workers", ["js/full/client_worker.js", "js/full/api_worker.js"]);
  const served = await startWorker(folder, "api_worker.js", api);
  const client = await startWorker(folder, "client_worker.js");
  try {
    const { origin } = await served.address();
    const body = JSON.stringify({ ...settings, api: origin });
    const reply = await client.fetch("http://client.example/", { method: "POST", body });
    const text = await reply.text();
    if (!reply.ok) throw new Error(text);
    return { seen: JSON.parse(text), log: await logOf(origin) };
  } finally {
    await Promise.all([client.close(), served.close()]);
  }
}

const logOf = async (origin) => (await fetch(`${origin}/log`)).json();

/** Serves the API on a Node socket. */
async function serveApi(settings) {
  const { createApi } = await imported(join(project, "js/full/api.js"));
  const { toRequest, send } = await imported(join(installed, "dist/node.js"));
  const api = createApi(settings);
  return listening(createServer(async (incoming, outgoing) => send(await api.fetch(toRequest(incoming)), outgoing)));
}

/** A person who signs in and consents to every request. Responds with the URL of the provider's redirect. */
function startPerson() {
  return listening(
    createServer(async (incoming, outgoing) => {
      const url = new URL(`${incoming.url}`, "http://person").searchParams.get("url");
      const back = await createVisitor()
        .signIn(url)
        .catch((error) => `${error}`);
      outgoing.writeHead(200, { "access-control-allow-origin": "*" }).end(back);
    }),
  );
}

/** A server that must receive no token. */
async function startElsewhere() {
  const seen = { asked: 0 };
  const served = await listening(
    createServer((_, outgoing) => {
      seen.asked++;
      outgoing.writeHead(200, { "access-control-allow-origin": "*" }).end();
    }),
  );
  return Object.assign(seen, served);
}

// ── pages ──

/** The pages' origin: the scenario's page, and an app's page at every other path. */
async function startSite() {
  const folder = join(project, "full-pages");
  await build({
    absWorkingDir: project,
    entryPoints: ["page", "spa", "tokens"].map((name) => `js/full/${name}.js`),
    bundle: true,
    splitting: true,
    format: "esm",
    outdir: folder,
    logLevel: "error",
  });
  const site = { settings: {} };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(`${request.url}`, "http://site");
    const headers = { "content-security-policy": policy("http://127.0.0.1:*") };
    if (pathname.endsWith(".js")) {
      const text = await readFile(join(folder, pathname));
      return response.writeHead(200, { ...headers, "content-type": "text/javascript" }).end(text);
    }
    const script = pathname === "/" ? "page" : "spa";
    response.writeHead(200, { ...headers, "content-type": "text/html" });
    response.end(
      `<!doctype html><title>app</title><script type="application/json" id="settings">${JSON.stringify(site.settings)}</script><script type="module" src="/${script}.js"></script>`,
    );
  });
  return Object.assign(site, await listening(server));
}

/** An app in two tabs: signs in, calls the API and userinfo, and reloads. */
async function app({ issuer, redirectUri }, api, site, { dpop, worker = false }) {
  const served = await serveApi(api);
  const scope = "openid email read";
  const apis = { [served.origin]: { resource: audience } };
  site.settings = { issuer, clientId, redirectUri, scope, resource: audience, apis, dpop, worker };
  const browser = await launchChromium({ protocolTimeout: 60_000 });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(30_000);
    const address = `${site.origin}/orders`;
    await page.goto(address);
    const isSignedIn = () => globalThis.app?.auth.snapshot().status === "signed_in";
    const signIn = async (tab, labels) => {
      await tab.evaluate(() => void globalThis.app.auth.signIn());
      for (const label of labels) {
        const button = await tab.waitForSelector(`::-p-xpath(//button[contains(normalize-space(.), "${label}")])`, {
          visible: true,
        });
        await button.click();
      }
      await tab.waitForFunction(isSignedIn, { polling: 100 });
    };
    await signIn(page, ["Mara Lindqvist", "Allow"]);
    const ask = (tab) =>
      tab.evaluate(async (url) => {
        const answer = await globalThis.app.auth.fetch(url, { method: "POST", body: "a lamp" });
        return [answer.status, await answer.text()];
      }, `${served.origin}/orders`);
    same(await ask(page), [200, "mara: a lamp"], "the API");
    same((await page.evaluate(() => globalThis.app.auth.profile())).email, "mara@example.com", "userinfo");
    same(page.url(), address, "address");

    const other = await browser.newPage();
    await other.goto(address);
    await other.waitForFunction(isSignedIn, { polling: 100 });
    same(await ask(other), [200, "mara: a lamp"], "the API, in another tab");
    await page.reload();
    await page.waitForFunction(isSignedIn, { polling: 100 });
    same(await ask(page), [200, "mara: a lamp"], "the API, after a reload");
    const keys = await page.evaluate(() => globalThis.app.kept());
    same(keys, [[`dpop ${issuer} ${clientId}`, false]], "keys in the database");
    if (worker) {
      const sealed = page.evaluate(() => globalThis.app.auth.getAccessToken().catch(({ code }) => code));
      same(await sealed, "session.sealed", "the token");
    } else {
      const token = await page.evaluate(() => globalThis.app.auth.getAccessToken());
      const bearer = await fetch(`${served.origin}/orders`, { headers: { authorization: `Bearer ${token}` } });
      same(bearer.status, 401, "the token without its key");
    }
    // The key ends with its session, in all tabs. The next session has another key.
    const first = await page.evaluate(() => globalThis.app.publicKeys());
    // However long it takes, the login of the other tab comes just after the sign-out.
    await other.evaluate(() => {
      const time = performance.now();
      performance.now = () => time;
    });
    await page.evaluate(() => globalThis.app.auth.signOut({ local: true }));
    same(await page.evaluate(() => globalThis.app.kept()), [], "keys after signing out");
    await other.waitForFunction(() => globalThis.app.auth.snapshot().status === "signed_out", { polling: 100 });
    // The provider still knows the person. Just after a sign-out, the login demands a new one there.
    await signIn(other, ["Mara Lindqvist", "Allow"]);
    await page.waitForFunction(isSignedIn, { polling: 100 });
    same([await ask(other), await ask(page)], Array(2).fill([200, "mara: a lamp"]), "the API, with the next key");
    const second = await page.evaluate(() => globalThis.app.publicKeys());
    same([second.length, second[0] === first[0]], [1, false], "the next key");
    await other.evaluate(() => globalThis.app.auth.signOut({ local: true }));
    same(await other.evaluate(() => globalThis.app.kept()), [], "keys after signing out in the other tab");
    const log = await logOf(served.origin);
    const refused = log.filter((line) => line !== "200");
    // Each page with its own key requests a nonce once. A worker does so once for all pages.
    same(
      refused,
      [
        ...Array(worker ? 1 : 3).fill("401 use_dpop_nonce"),
        ...(worker ? [] : ["401 invalid_token"]),
        ...Array(worker ? 1 : 2).fill("401 use_dpop_nonce"),
      ],
      "refused",
    );
    same(log.filter((line) => line === "200").length, 5, "taken");
  } finally {
    await browser.close();
    await served.close();
  }
}

// ── a server with sessions ──

/** A person signs in at a server, and its proxy asks an API that accepts only proofs with its nonce. */
async function server({ issuer, redirectUri, person }, api) {
  const { createSite } = await imported(join(project, "js/full/server.js"));
  const served = await serveApi(api);
  const site = await createSite({ issuer, clientId, redirectUri, audience, api: served.origin });
  const cookies = new Map();
  const visit = async (path, init = {}) => {
    const headers = { cookie: [...cookies].map((pair) => pair.join("=")).join("; "), ...init.headers };
    const reply = await site(new Request(new URL(path, redirectUri), { ...init, headers }));
    for (const line of reply.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    return reply;
  };
  const navigation = { headers: { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" } };
  try {
    const { location } = Object.fromEntries((await visit("/", navigation)).headers);
    same([...new URL(location).searchParams.keys()], expected.address, "the address has a reference only");
    const back = await (await fetch(`${person}/?url=${encodeURIComponent(location)}`)).text();
    same((await visit(back, navigation)).status, 303, "signed in");
    same(await (await visit("/", navigation)).text(), "mara", "the page");
    const headers = { "sec-fetch-site": "same-origin" };
    const ordered = await visit("/api/orders", { method: "POST", body: "a lamp", headers });
    same([ordered.status, await ordered.text()], [200, "mara: a lamp"], "the API");
    same(await logOf(served.origin), ["401 use_dpop_nonce", "200"], "responses of the API");
  } finally {
    await served.close();
  }
}

// ── what the documentation shows ──

/** A code block with a certain name in it, at this provider and with an API at this address. */
async function documented({ issuer, redirectUri }, sign, address = "") {
  const text = await readFile(join(root, "docs/dpop.md"), "utf8");
  const found = [...text.matchAll(/^```ts\n(.*?)^```$/gms)].find(([, code]) => code.includes(sign));
  if (!found) throw new Error(`no block with ${sign}`);
  const here = found[1]
    .replaceAll('"https://op.example"', JSON.stringify(issuer))
    .replaceAll('"https://app.example/cb"', JSON.stringify(redirectUri))
    .replaceAll('"https://api.example.com/orders"', JSON.stringify(`${address}/orders`))
    .replaceAll('clientId: "app"', `clientId: ${JSON.stringify(clientId)}`);
  const folder = join(project, "js/full/documented");
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${sign}-${new URL(address || issuer).port}.js`);
  await writeFile(file, (await transform(here, { loader: "ts" })).code);
  return imported(file);
}

/** The documented client at an API: compares its result, and returns the nonce that the API sends to others. */
async function visited(settings, server, expected) {
  const served = await listening(server);
  try {
    const { begin, orders } = await documented(settings, "createDpopKey", served.origin);
    const { url, transaction } = await begin();
    const back = await (await fetch(`${settings.person}/?url=${encodeURIComponent(url)}`)).text();
    same(await orders(back, transaction), expected, "the client's result");
    const stranger = async (scheme) =>
      (await fetch(`${served.origin}/orders`, { headers: { authorization: `${scheme} a.b.c` } })).headers;
    same(/\bDPoP .*algs=/.test((await stranger("Bearer")).get("www-authenticate") ?? ""), true, "the challenge");
    return { nonce: (await stranger("DPoP")).get("dpop-nonce") };
  } finally {
    await served.close();
  }
}
