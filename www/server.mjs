#!/usr/bin/env node
/**
 * The demo: this site on one loopback port, a real OpenID Provider on another.
 * `node www/server.mjs [--port N] [--provider-port N]`, or `startDemo()` from a test.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { createClients, publicClientId } from "./clients.mjs";
import { demoResources, startProvider } from "./provider/index.mjs";

const host = "127.0.0.1";
const builtPackage = new URL("../pkg/dist/", import.meta.url);

/** The page answers at each of these addresses, and its script reads the address. */
const pagePaths = new Set(["/", "/callback", "/signed-out"]);
/** Here the provider's own page posts its answer (OAuth 2.0 Form Post Response Mode). */
const formPostPath = "/callback";
const longestForm = 65_536;
const clientPath = /^\/clients\/(\w+)\.json$/;

const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/**
 * @param {object} [options]
 * @param {number} [options.port] the site's port, if it is free; 0 takes any
 * @param {number} [options.providerPort] the provider's, likewise
 * @param {URL} [options.packageFiles] the directory of the built package
 * @param {{ clients?: object[], resources?: Record<string, string> }} [options.provider] more options for `start`
 * @param {(options: object) => Promise<{ issuer: string, close: () => Promise<unknown> }>} [options.start] starts the provider
 */
export async function startDemo({
  port = 0,
  providerPort = 0,
  packageFiles = builtPackage,
  provider = {},
  start = startProvider,
} = {}) {
  if (!existsSync(new URL("index.js", packageFiles))) {
    throw new Error("The package is not built yet. Build it with: cargo xtask build");
  }
  const server = createServer();
  await orAnyPort(port, (port) => listen(server, port));
  const origin = `http://${host}:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
  const { registered, given } = await createClients(origin);
  const clients = [...registered, ...(provider.clients ?? [])];
  const op = await orAnyPort(providerPort, (port) => start({ ...provider, port, clients }));
  const resources = provider.resources ?? demoResources;
  server.on("request", createSite({ issuer: op.issuer, resources, given, packageFiles }));

  return {
    url: `${origin}/`,
    issuer: op.issuer,
    provider: op,
    clients,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await Promise.all([closed, op.close()]);
    },
  };
}

function createSite({ issuer, resources, given, packageFiles }) {
  const roots = [
    ["/oidc-wasm/", packageFiles],
    ["/", new URL("site/", import.meta.url)],
  ];
  const settings = { issuer, client_id: publicClientId, resources: JSON.stringify(resources) };

  /** @param {string} form what the provider's page posted: the page's script takes it from there, and it is kept nowhere else */
  async function drawPage(form = "") {
    const text = await readFile(new URL("site/index.html", import.meta.url), "utf8");
    const values = { ...settings, form };
    const page = text.replace(/\{(\w+)\}/g, (_all, name) => escaped(values[name]));
    return /** @type {const} */ ([
      page,
      { "Content-Type": types[".html"], "Content-Security-Policy": contentSecurityPolicy(issuer, page) },
    ]);
  }

  return async (request, response) => {
    const { method, url } = request;
    const send = (status, body, headers = {}) => {
      response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", ...fixedHeaders, ...headers });
      response.end(method === "HEAD" ? undefined : body);
    };
    try {
      const { pathname } = new URL(url, "http://site");
      if (method === "POST" && pathname === formPostPath) {
        const form = await readForm(request);
        if (form === undefined) return send(415, "A form is expected here.\n", { Connection: "close" });
        const [page, headers] = await drawPage(form);
        return send(200, page, { ...headers, "Cache-Control": "no-store" });
      }
      if (method !== "GET" && method !== "HEAD") {
        return send(405, "Only GET is answered here.\n", { Allow: "GET, HEAD" });
      }
      if (pagePaths.has(pathname)) {
        send(200, ...(await drawPage()));
      } else if (given.has(clientPath.exec(pathname)?.[1])) {
        const client = given.get(clientPath.exec(pathname)[1]);
        send(200, JSON.stringify(client), { "Content-Type": types[".json"], "Cache-Control": "no-store" });
      } else {
        const [prefix, root] = roots.find(([prefix]) => pathname.startsWith(prefix));
        const file = new URL(`./${pathname.slice(prefix.length)}`, root);
        if (!file.href.startsWith(root.href) || !types[extname(file.pathname)] || file.pathname.endsWith(".html"))
          return send(404, nothing);
        send(200, await readFile(file), { "Content-Type": types[extname(file.pathname)] });
      }
    } catch (error) {
      if (error instanceof URIError || notThere.has(error.code)) return send(404, nothing);
      console.error(error);
      send(500, "This server has failed.\n");
    }
  };
}

const nothing = "There is nothing at this address.\n";
/** Error codes of a file system for an address without a file. */
const notThere = new Set(["ENOENT", "ENOTDIR", "EISDIR", "ERR_INVALID_URL", "ERR_INVALID_FILE_URL_PATH"]);

/** The body of a posted form; undefined for anything else. */
async function readForm(request) {
  const { "content-type": type = "", "content-length": announced } = request.headers;
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type) || Number(announced) > longestForm) return undefined;
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > longestForm) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text) => text.replace(/[&<>"]/g, (character) => entities[character]);

/** The one inline script allowed is the page's import map, which gives the package its name. */
function contentSecurityPolicy(issuer, page) {
  const [, importMap] = /<script type="importmap">([\s\S]*?)<\/script>/.exec(page);
  const hash = createHash("sha256").update(importMap).digest("base64");
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash}' 'wasm-unsafe-eval'`,
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self' ${issuer}`,
    `form-action 'self' ${issuer}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
}

const fixedHeaders = {
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cache-Control": "no-cache",
  // The callback's address holds a code, so the browser must not send it as a referrer.
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
};

function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve(undefined);
    });
  });
}

/** Listens on the requested port, or on a free one if it is in use. */
async function orAnyPort(wanted, start) {
  try {
    return await start(wanted);
  } catch (error) {
    if (wanted === 0 || !["EADDRINUSE", "EACCES"].includes(error.code)) throw error;
    return start(0);
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "5280" },
      "provider-port": { type: "string", default: "5281" },
      package: { type: "string" },
      open: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    console.log("node www/server.mjs [--port N] [--provider-port N] [--package DIRECTORY] [--open]");
    return;
  }
  const demo = await startDemo({
    port: portOf(values.port),
    providerPort: portOf(values["provider-port"]),
    packageFiles: values.package ? pathToFileURL(`${values.package}/`) : undefined,
  });
  console.log(`The demo is at      ${demo.url}`);
  console.log(`Its provider is at  ${demo.issuer}/`);
  console.log("To stop it, press Ctrl-C.");
  if (values.open) open(demo.url);
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, async () => {
      await demo.close();
      console.log("\nThe demo has stopped.");
    });
  }
}

/** Opens an address in a browser, if there is a screen. */
function open(address) {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  const openers = { darwin: ["open"], win32: ["cmd", "/C", "start", ""] };
  const [program, ...words] = openers[process.platform] ?? (DISPLAY || WAYLAND_DISPLAY ? ["xdg-open"] : []);
  if (!program) return;
  // Without such a program, a person opens it by hand.
  spawn(program, [...words, address], { stdio: "ignore" }).once("error", () => {});
}

function portOf(text) {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new Error(`A port is a number from 0 to 65535, not "${text}".`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
