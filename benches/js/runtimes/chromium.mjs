import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { launchChromium } from "../../../tests/browsers.mjs";
import { listening } from "../../../tests/support/listening.mjs";

const entry = fileURLToPath(new URL("../entries/browser.mjs", import.meta.url));

/** The headers that give a page its finer clock. */
const isolated = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

/** Every case in one page, bundled as usual. */
export async function chromium({ only, pace, progress }) {
  const bundled = await build({ entryPoints: [entry], bundle: true, format: "esm", write: false, logLevel: "error" });
  const files = {
    "/": ["text/html", '<!doctype html><title>bench</title><script type="module" src="bench.js"></script>\n'],
    "/bench.js": ["text/javascript", bundled.outputFiles[0].contents],
  };
  const server = createServer(({ url }, response) => {
    const [type, body] = files[url] ?? ["text/plain", ""];
    response.writeHead(body ? 200 : 404, { "content-type": type, ...isolated }).end(body);
  });
  const { origin, close } = await listening(server);
  // The whole run is one evaluation.
  const browser = await launchChromium({ protocolTimeout: 900_000 });
  try {
    const page = await browser.newPage();
    await page.exposeFunction("tellProgress", progress);
    await page.goto(`${origin}/`);
    await page.waitForFunction("globalThis.runCases && crossOriginIsolated");
    const rows = await page.evaluate((asked) => globalThis.runCases(asked), { only, pace });
    return { version: (await browser.version()).replace(/^.*\//, ""), rows };
  } finally {
    await browser.close();
    await close();
  }
}
