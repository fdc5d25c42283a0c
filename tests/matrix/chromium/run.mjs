// Serves pages with a strict policy and opens them: node run.mjs chromium|firefox
import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { build } from "esbuild";
import puppeteer from "puppeteer-core";

const [name] = process.argv.slice(2);
const common = { bundle: true, outdir: "dist", logLevel: "error" };
const modules = ["main", "javascript", "worker", "service", "background", "extension"];
await build({ ...common, entryPoints: modules.map((one) => `${one}.js`), format: "esm" });
// Firefox does not run modules as service workers.
await build({ ...common, entryPoints: ["service_worker.js"], format: "iife" });
await copyFile("manifest.json", "dist/manifest.json");

const html = (script) => `<!doctype html><title>waiting</title><script type="module" src="/${script}.js"></script>`;
for (const script of ["extension", "main"]) await writeFile(`dist/${script}.html`, html(script));

/** The pages by path, and the sources that their scripts may use beside 'self'. */
const pages = {
  "/page": ["main", "'wasm-unsafe-eval'"],
  "/worker": ["worker", "'wasm-unsafe-eval'"],
  "/service": ["service", "'wasm-unsafe-eval'"],
  "/forbidden": ["main", ""],
  "/javascript": ["javascript", ""],
};
const server = createServer(async ({ url }, reply) => {
  const [script, more] = pages[url] ?? [undefined, "'wasm-unsafe-eval'"];
  const file = script ? html(script) : await readFile(`dist${url}`, "utf8").catch(() => undefined);
  if (file === undefined) return reply.writeHead(404).end();
  reply.writeHead(200, {
    "content-type": script ? "text/html" : "text/javascript",
    "content-security-policy": `default-src 'none'; connect-src 'self'; worker-src 'self'; script-src 'self' ${more}`,
  });
  reply.end(file);
});
await once(server.listen(0, "127.0.0.1"), "listening");
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await puppeteer.launch(
  name === "firefox"
    ? { browser: "firefox", executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr" }
    : {
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        // Chromium's sandbox does not run as root.
        args: [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), "--disable-gpu", "--no-first-run"],
        enableExtensions: true,
      },
);

async function titleOf(address) {
  const page = await browser.newPage();
  const problems = [];
  page.on("console", (message) => problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(address);
  await page.waitForFunction(() => document.title !== "waiting", { timeout: 60_000 }).catch(() => {});
  const title = await page.title();
  await page.close();
  return title === "waiting" ? problems.join("\n") : title;
}

try {
  for (const path of Object.keys(pages))
    assert.equal(await titleOf(origin + path), path === "/forbidden" ? "init.csp" : "signed in: alice", path);
  if (name === "chromium") {
    const id = await browser.installExtension(`${process.cwd()}/dist`);
    for (const script of ["main", "extension"])
      assert.equal(
        await titleOf(`chrome-extension://${id}/${script}.html`),
        "signed in: alice",
        `extension, ${script}`,
      );
  }
  console.log("signed in: alice");
} finally {
  await browser.close();
  server.close();
}
