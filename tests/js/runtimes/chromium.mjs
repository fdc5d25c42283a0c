import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import puppeteer from "puppeteer-core";
import { serve } from "../lib.mjs";
import { project } from "../project.mjs";

export function launch() {
  return puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
    protocolTimeout: 600_000,
  });
}

/** Bundles the suite as any web page would be bundled, and runs it in a page with a strict policy. */
export async function chromium({ origin }) {
  const folder = join(project, "chromium");
  await build({
    absWorkingDir: project,
    entryPoints: ["entries/browser.js"],
    bundle: true,
    format: "esm",
    outfile: join(folder, "suite.js"),
    logLevel: "error",
  });
  await writeFile(
    join(folder, "index.html"),
    '<!doctype html><title>suite</title><script type="module" src="suite.js"></script>\n',
  );
  const site = await serve(folder, { connect: origin });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(site.origin);
    await page.waitForFunction("globalThis.runSuite");
    return await page.evaluate((address) => globalThis.runSuite(address), origin);
  } finally {
    await browser.close();
    await site.close();
  }
}
