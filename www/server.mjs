#!/usr/bin/env node
/**
 * The demo: the site on one loopback port, a real OpenID Provider on another.
 * `node www/server.mjs [--port N] [--provider-port N]`, or `startDemo()` from a test.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { createClients, demoResources, publicClientId } from "./clients.mjs";
import { filled } from "./posted.js";
import { startProvider } from "./provider/index.mjs";
import { buildSite, languages } from "./site.mjs";

const host = "127.0.0.1";
const builtPackage = new URL("../pkg/dist/", import.meta.url);

/** Here the provider's own page posts its answer (OAuth 2.0 Form Post Response Mode). */
const formPostPath = /\/callback\.html$/;
const longestForm = 65_536;
const clientPath = /^\/clients\/(\w+)\.json$/;

const types = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
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
  const inEachLanguage = (page) => Object.values(languages).map((folder) => `${origin}/${folder}${page}`);
  const { registered, given } = await createClients({
    redirectUris: inEachLanguage("callback.html"),
    postLogoutRedirectUris: inEachLanguage("signed-out.html"),
  });
  const clients = [...registered, ...(provider.clients ?? [])];
  const op = await orAnyPort(providerPort, (port) => start({ ...provider, port, clients }));
  const resources = provider.resources ?? demoResources;
  const files = await buildSite({ packageFiles, local: { issuer: op.issuer, clientId: publicClientId, resources } });
  server.on("request", serveSite({ files, given }));

  return {
    /** The provider inside the browser. */
    url: `${origin}/`,
    /** The provider on this machine. */
    local: `${origin}/?at=machine`,
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

function serveSite({ files, given }) {
  return async (request, response) => {
    const { method, url } = request;
    const send = (status, body, headers = {}) => {
      response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", ...fixedHeaders, ...headers });
      response.end(method === "HEAD" ? undefined : body);
    };
    const { pathname } = new URL(url, "http://site");
    const path = pathname.slice(1).replace(/(^|\/)$/, "$1index.html");
    const file = files.get(path);
    const type = types[extname(path)];
    if (method === "POST" && file && formPostPath.test(pathname)) {
      const form = await readForm(request);
      if (form === undefined) return send(415, "A form is expected here.\n", { Connection: "close" });
      return send(200, filled(`${file}`, form), { "Content-Type": type, "Cache-Control": "no-store" });
    }
    if (method !== "GET" && method !== "HEAD") {
      return send(405, "Only GET is answered here.\n", { Allow: "GET, HEAD" });
    }
    const client = given.get(clientPath.exec(pathname)?.[1]);
    if (client) send(200, JSON.stringify(client), { "Content-Type": types[".json"], "Cache-Control": "no-store" });
    else if (file) send(200, file, { "Content-Type": type });
    else send(404, nothing);
  };
}

const nothing = "There is nothing at this address.\n";
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

const fixedHeaders = {
  // The page's own policy is in its text. No text can forbid frames.
  "Content-Security-Policy": "frame-ancestors 'none'",
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
