import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { launchChromium } from "../../chromium.mjs";
import { serve } from "../lib.mjs";
import { project } from "../project.mjs";

/** The whole suite runs in one evaluation. */
export const launch = () => launchChromium({ protocolTimeout: 600_000 });

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
