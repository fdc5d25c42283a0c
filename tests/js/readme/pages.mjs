// Pages of the documentation in Chromium. Each signs in at a provider. The test calls every function that it exports.
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { build } from "esbuild";
import { launchChromium } from "../../browsers.mjs";
import { listening } from "../../support/listening.mjs";
import { createTestProvider } from "../../support/provider/index.js";
import { serveProviders } from "../../support/provider/serve.mjs";
import { here } from "../lib.mjs";
import { stubbed } from "./stubs.mjs";

const users = { mara: { name: "Mara Lindqvist", email: "mara@example.com" } };

/** The page's own script: loads the block, finishes a login, and reports when it is ready. */
const frame = (file, isReact) => `
import * as block from ${JSON.stringify(`./${file}`)};
${isReact ? 'import { createElement } from "react"; import { createRoot } from "react-dom/client";' : ""}
await block.auth?.handleRedirect();
${isReact ? 'const main = document.createElement("main"); document.body.append(main); createRoot(main).render(createElement(block.App));' : ""}
globalThis.block = block;
`;

/** @param {string} out the folder for bundles */
export async function openPages(out) {
  const browser = await launchChromium({});
  return {
    close: () => browser.close(),
    /** @param {string} file @param {string} own the folder of the file @param {string} code */
    async run(file, own, code) {
      const served = await serveProviders(async (origin) => {
        const op = await createTestProvider({ issuer: origin, users });
        // Pages send proofs too (RFC 9449).
        const fetch = async (input, init) => {
          const { status, headers, body } = await op.fetch(input, init);
          const allowed = {
            ...Object.fromEntries(headers),
            "access-control-allow-headers": "authorization, content-type, dpop",
          };
          return new Response(body, { status, headers: allowed });
        };
        return [{ ...op, fetch, op }];
      });
      const server = createServer(async (request, response) => {
        const { pathname } = new URL(request.url, "http://page");
        if (pathname.startsWith("/api"))
          return response.writeHead(200, { "content-type": "application/json" }).end("[]");
        if (!pathname.endsWith(".js")) {
          response.writeHead(200, { "content-type": "text/html" });
          return response.end(
            '<!doctype html><link rel="icon" href="data:,"><body><script type="module" src="/frame.js"></script>',
          );
        }
        const text = await readFile(join(out, pathname)).catch(() => undefined);
        response.writeHead(text ? 200 : 404, { "content-type": "text/javascript" }).end(text);
      });
      const { origin, close } = await listening(server);
      const [{ op }] = /** @type {any[]} */ (served.providers);
      const context = await browser.createBrowserContext();
      try {
        const isReact = code.includes('"oidc-wasm/react"');
        const tokens = /new URL\("\.\/([\w-]+)\.js"/.exec(code)?.[1];
        await rm(out, { recursive: true, force: true });
        await writeFile(join(own, "frame.js"), frame(file, isReact));
        // The examples' addresses, and their replacements in this test.
        const named = {
          "https://op.example": op.issuer,
          "https://app.example": origin,
          "https://api.example.com": `${origin}/api`,
          "https://api.another.com": `${origin}/api2`,
        };
        const placed = {
          name: "addresses",
          setup(build) {
            build.onLoad({ filter: /readme.*[\\/](block-\d+|tokens|auth)\.[jt]sx?$/ }, async ({ path }) => {
              let contents = await readFile(path, "utf8");
              for (const [from, to] of Object.entries(named)) contents = contents.replaceAll(from, to);
              return { contents, loader: /** @type {any} */ (path.endsWith("js") ? "js" : "tsx") };
            });
          },
        };
        await build({
          absWorkingDir: own,
          entryPoints: ["frame.js", ...(tokens ? [`${tokens}.js`] : [])],
          bundle: true,
          splitting: true,
          format: "esm",
          jsx: "automatic",
          tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
          define: { "process.env.NODE_ENV": '"development"' },
          nodePaths: [join(here, "../../node_modules")],
          plugins: [placed, stubbed],
          outdir: out,
          logLevel: "error",
        });
        const page = await context.newPage();
        const problems = [];
        page.on("pageerror", (error) => problems.push(/** @type {any} */ (error).stack ?? String(error)));
        page.on("error", (error) => problems.push(String(error)));
        const ready = async () => {
          for (let turn = 0; turn < 600; turn++) {
            if (problems.length) throw new Error(problems.join("\n"));
            const isReady = await page.evaluate(() => "block" in globalThis).catch(() => false);
            if (isReady) return;
            await new Promise((done) => setTimeout(done, 50));
          }
          throw new Error(`the page is not ready: ${page.url()}`);
        };
        const signedIn = () => op.requests.some(({ endpoint }) => endpoint === "token");
        await page.goto(`${origin}/`);
        await ready();
        if (!signedIn() && !isReact) {
          const isThere = await page.evaluate(() => {
            const { auth } = /** @type {any} */ (globalThis).block;
            auth?.signIn();
            delete (/** @type {any} */ (globalThis).block);
            return auth !== undefined;
          });
          if (isThere) {
            await page.waitForNavigation({ timeout: 10_000 }).catch(() => {});
            await ready();
          } else await page.reload().then(ready);
          if (isThere && !signedIn()) throw new Error("the login failed");
        }
        if (isReact) {
          await page.waitForFunction(
            () =>
              /\w/.test(document.querySelector("main")?.innerText ?? "") &&
              !/moment/.test(document.querySelector("main")?.innerText ?? ""),
            { timeout: 30_000 },
          );
          if (!signedIn()) throw new Error("the login failed");
          return;
        }
        await page
          .evaluate(async () => {
            // Calls that leave the page come last.
            const entries = Object.entries(/** @type {any} */ (globalThis).block).sort(([one]) =>
              one === "signOut" ? 1 : -1,
            );
            for (const [name, value] of entries) {
              if (typeof value !== "function") continue;
              if (/^class\b/.test(String(value)) || /^[A-Z]/.test(name)) new value();
              else if (value.length === 0) {
                // A call that leaves the page ends with it.
                const late = new Promise((_, reject) => setTimeout(reject, 30_000, new Error(`${name} does not end`)));
                await Promise.race([value(), late]);
              }
            }
          })
          .catch((error) => {
            // The call may leave the page, as a sign-out does.
            if (!/context was destroyed|Navigat|detached/.test(String(error))) throw error;
          });
        if (problems.length) throw new Error(problems.join("\n"));
      } finally {
        // A page that unloads does not respond.
        await Promise.race([context.close().catch(() => {}), new Promise((done) => setTimeout(done, 5000))]);
        await close();
        await served.close();
      }
    },
  };
}
