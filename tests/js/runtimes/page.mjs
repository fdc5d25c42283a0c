import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { serve } from "../lib.mjs";
import { project } from "../project.mjs";

/** Bundles the suite like any web page, and serves it with a strict policy. */
async function servePage(origin, entry) {
  // Another part may serve its page to another browser at the same time.
  const folder = await mkdtemp(join(project, "page-"));
  await build({
    absWorkingDir: project,
    entryPoints: { suite: entry },
    bundle: true,
    splitting: true,
    format: "esm",
    outdir: folder,
    logLevel: "error",
  });
  await writeFile(
    join(folder, "index.html"),
    '<!doctype html><title>suite</title><script type="module" src="suite.js"></script>\n',
  );
  return serve(folder, { connect: origin });
}

/** Runs the suite in a browser, then closes the browser. `visit` opens the URL and calls `runSuite` there. */
export async function inPage(browser, { origin, entry = "js/entries/browser.js" }, visit = visitByPuppeteer) {
  try {
    const site = await servePage(origin, entry);
    try {
      return await visit(browser, site.origin, origin);
    } finally {
      await site.close();
    }
  } finally {
    await browser.close();
  }
}

async function visitByPuppeteer(browser, address, origin) {
  const page = await browser.newPage();
  await page.goto(address);
  await page.waitForFunction(() => globalThis.runSuite);
  return page.evaluate((origin) => globalThis.runSuite(origin), origin);
}
