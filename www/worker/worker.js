/**
 * The site's service worker. It answers as the provider below `harbour/`, takes the answer that a provider posts, and serves the site
 * when there is no network.
 */
import { filled } from "../posted.js";
import { createHarbour } from "./harbour.js";
import { keep, recall } from "./memory.js";

// `www/site.mjs` fills these in.
const { version, files, languages } = /** @type {any} */ (globalThis).SITE;
const worker = /** @type {any} */ (globalThis);
const root = new URL("./", worker.location.href).href;
const issuer = `${root}harbour`;

worker.addEventListener("install", (event) => {
  worker.skipWaiting();
  event.waitUntil(caches.open(version).then((cache) => cache.addAll(files.map((file) => new URL(file, root)))));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([worker.clients.claim(), forgetOthers()]));
});

/** Caches of earlier versions of this site, and of no other site of the same host. */
async function forgetOthers() {
  const names = await caches.keys();
  const [prefix] = version.split("#");
  await Promise.all(
    names.filter((name) => name.startsWith(`${prefix}#`) && name !== version).map((name) => caches.delete(name)),
  );
}

// A page that was loaded past the worker asks for it.
worker.addEventListener("message", (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener("fetch", (event) => {
  const { url, method, mode } = event.request;
  if (!url.startsWith(root)) return;
  const { pathname } = new URL(url);
  if (url.startsWith(issuer) && !/harbour\/(style\.css|icon\.svg)$/.test(pathname))
    event.respondWith(provided(event.request));
  else if (method === "POST" && mode === "navigate" && pathname.endsWith("/callback.html"))
    event.respondWith(posted(event.request));
  else if (method === "GET") event.respondWith(fetched(event.request));
});

let provider;
let last = Promise.resolve();

/** Answers as the provider, one request after another. Each is remembered before its answer leaves. */
function provided(request) {
  const reply = last.then(async () => {
    provider ??= recall().then((memory) => createHarbour({ issuer, site: addresses(), memory }));
    const { answer, memory } = await provider;
    const { pathname } = new URL(request.url);
    const reply = await answer(request, pathname.slice(new URL(issuer).pathname.length));
    await keep(memory);
    return reply;
  });
  last = reply.catch(() => {});
  return reply;
}

/** What the demo registers: its callback and its end of a sign-out, in each language. */
const addresses = () => ({
  redirectUris: languages.map((place) => `${root}${place}callback.html`),
  postLogoutRedirectUris: languages.map((place) => `${root}${place}signed-out.html`),
});

/** OAuth 2.0 Form Post Response Mode: the page takes the form from its own text, and it is kept nowhere else. */
async function posted(request) {
  const form = await request.text();
  const page = await fetched(new Request(request.url));
  return new Response(filled(await page.text(), form), {
    headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
  });
}

/** From the network, so that nothing is stale; without one from the cache. */
async function fetched(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const { href, search } = new URL(request.url);
    const address = href.slice(0, href.length - search.length).replace(/\/$/, "/index.html");
    const known = await (await caches.open(version)).match(address, { ignoreSearch: true });
    if (known) return known;
    throw error;
  }
}
