/**
 * Measures the first visit to each document, on a slow phone: `node tests/browser/measure.mjs [--record]`. It writes the table of
 * docs/demo.md.
 */
import { readFile, writeFile } from "node:fs/promises";
import { PredefinedNetworkConditions } from "puppeteer-core";
import { launchChromium } from "../browsers.mjs";
import { serveSite } from "./static.mjs";

const page = new URL("../../docs/demo.md", import.meta.url);
const names = ["index", "inspect", "provider", "pkce", "resources", "types", "refresh"];
const [begin, end] = ["<!-- figures -->\n", "<!-- end of figures -->"];

const host = await serveSite({ isCompressed: true });
const browser = await launchChromium({});
const rows = [];
for (const name of names) {
  const context = await browser.createBrowserContext();
  const tab = await context.newPage();
  await tab.setViewport({ width: 360, height: 800, isMobile: true });
  await tab.emulateCPUThrottling(4);
  await tab.emulateNetworkConditions(PredefinedNetworkConditions["Slow 4G"]);
  await tab.evaluateOnNewDocument(() => {
    const page = /** @type {any} */ (globalThis);
    page.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of /** @type {any[]} */ (list.getEntries())) page.shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await tab.goto(`${host.url}${name}.html`);
  await tab.waitForSelector(name === "index" ? '#step-discovery[data-state="done"]' : "html[data-ready]");
  rows.push(
    await tab.evaluate((name) => {
      const entries = /** @type {any[]} */ ([
        ...performance.getEntriesByType("navigation"),
        ...performance.getEntriesByType("resource"),
      ]).filter(({ name, initiatorType }) => !name.includes("/harbour/") && initiatorType !== "other");
      const [paint] = performance.getEntriesByName("first-contentful-paint");
      const bytes = entries.reduce((sum, { transferSize }) => sum + transferSize, 0);
      const shift = /** @type {any} */ (globalThis).shift;
      return [
        name,
        entries.length,
        `${Math.round(bytes / 1000)} KB`,
        `${(paint.startTime / 1000).toFixed(1)} s`,
        shift.toFixed(3),
      ];
    }, name),
  );
  await context.close();
}
await browser.close();
await host.close();

const table = ["| document | files | transferred | first paint | layout shift |", "|---|---|---|---|---|"]
  .concat(rows.map((row) => `| ${row.join(" | ")} |`))
  .join("\n");
console.log(table);
if (process.argv.includes("--record")) {
  const text = await readFile(page, "utf8");
  const [before, rest] = text.split(begin);
  await writeFile(page, `${before}${begin}\n${table}\n\n${end}${rest.split(end)[1]}`);
}
