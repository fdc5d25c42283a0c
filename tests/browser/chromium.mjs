/** A real Chromium. It records requests, console messages, and the findings of axe-core. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach } from "node:test";
import { fileURLToPath } from "node:url";
import { launchChromium } from "../browsers.mjs";

const screenshots = fileURLToPath(new URL("../../target/screenshots/", import.meta.url));
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Debian's Chromium without windows, if it is installed: each tab costs it half of the processor time. */
const shell = "/usr/bin/chromium-headless-shell";

/** The modes of each screen: both colour schemes, and a small phone. LOOKS selects some of them. */
const modes = [
  { name: "light", width: 1200, scheme: "light" },
  { name: "dark", width: 1200, scheme: "dark" },
  { name: "narrow", width: 360, scheme: "light" },
];
const names = process.env.LOOKS?.split(" ") ?? modes.map(({ name }) => name);
const looks = names.map((name) => modes.find((mode) => mode.name === name) ?? assert.fail(`LOOKS has ${name}`));

export async function openChromium() {
  const profile = await mkdtemp(join(tmpdir(), "oidc-wasm-chromium-"));
  await mkdir(screenshots, { recursive: true });
  /** @type {import("puppeteer-core").LaunchOptions} */
  const windowless = existsSync(shell) ? { executablePath: shell, headless: "shell" } : {};
  const browser = await launchChromium({ userDataDir: profile, ...windowless });

  return {
    /** A new visitor without cookies and storage. */
    async visitor() {
      const context = await browser.createBrowserContext();
      return { tab: () => openTab(context), close: () => context.close() };
    },
    async close() {
      await browser.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 20 });
    },
  };
}

/**
 * For each test of a file: a new visitor with a tab, in one Chromium and at one site. `take` receives them.
 *
 * @param {() => Promise<{ close(): Promise<unknown> }>} start starts the site
 * @param {(given: { site?: any, visitor?: any, tab?: any }) => void} take
 */
export function forEachVisitor(start, take) {
  let chromium;
  let site;
  let visitor;
  before(async () => {
    chromium = await openChromium();
    site = await start();
    take({ site });
  });
  after(async () => {
    await chromium?.close();
    await site?.close();
  });
  beforeEach(async () => {
    visitor = await chromium.visitor();
    take({ visitor, tab: await visitor.tab() });
  });
  afterEach(() => visitor?.close());
}

async function openTab(context) {
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.setViewport({ width: 1200, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);

  const requests = [];
  const complaints = [];
  page.on("request", (request) =>
    requests.push({
      method: request.method(),
      url: request.url(),
      headers: request.headers(),
      body: new URLSearchParams(request.postData()),
    }),
  );
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type()))
      complaints.push(`${message.text()} (${message.location().url ?? ""})`);
  });

  const tab = {
    page,
    requests,
    /** Requests whose path has this end. */
    requestsTo: (end) => requests.filter(({ url }) => new URL(url).pathname.endsWith(end)),
    text: (selector) => page.$eval(selector, (element) => element.innerText),

    /** Waits for a heading. */
    sees: (heading) =>
      arrives(
        `the heading "${heading}"`,
        page.waitForFunction((wanted) => document.querySelector("h1")?.innerText === wanted, { polling: 50 }, heading),
      ),

    /** Waits until the page shows a step of the login. */
    reaches: (step) => arrives(`the step ${step}`, page.waitForSelector(`#step-${step}[data-state="done"]`)),

    async press(label) {
      const button = await page.waitForSelector(
        `::-p-xpath(//*[self::button or self::a or self::summary][not(@disabled)][contains(normalize-space(.), "${label}")])`,
        { visible: true },
      );
      await button.click();
    },

    /** Signs in at the provider's pages, from the button with this label up to this heading. */
    async signIn({ from = "Sign in at Harbour", person = "Mara Lindqvist", to = "You are signed in" } = {}) {
      await tab.press(from);
      await tab.sees("Sign in");
      await tab.press(person);
      await tab.sees("Allow this?");
      await tab.press("Allow");
      await tab.sees(to);
    },

    /** Checks the screen in every mode, with all details open and closed. */
    async inspect(name) {
      for (const { name: look, width, scheme } of looks) {
        await page.setViewport({ width, height: 900 });
        await page.emulateMediaFeatures([
          { name: "prefers-color-scheme", value: scheme },
          { name: "prefers-reduced-motion", value: "reduce" },
        ]);
        await page.screenshot({ path: join(screenshots, `${name}-${look}.png`), fullPage: true });
        await openFolds(true);
        assert.deepEqual(await violations(), [], `axe-core on ${name}, ${look}`);
        const wide = await page.$$eval("html, main, .status, .panel, .sides > section, .message", (boxes) =>
          boxes
            .filter((box) => box.scrollWidth > box.clientWidth)
            .map((box) => box.id || box.className || box.localName),
        );
        assert.deepEqual(wide, [], `${name}, ${look}: nothing sticks out of its box`);
        await openFolds(false);
      }
      await page.setViewport({ width: 1200, height: 900 });
    },

    /** Ends the recording: no request left the machine, and the console has only the expected messages. */
    finish(...expected) {
      const outside = requests.filter(({ url }) => !/^(http:\/\/127\.0\.0\.1[:/]|data:|about:)/.test(url));
      assert.deepEqual(outside, [], "no request leaves loopback");
      const unexpected = complaints.filter((complaint) => !expected.some((pattern) => pattern.test(complaint)));
      assert.deepEqual(unexpected, [], "the browser's console is quiet");
    },
  };

  /** Waits. On failure, the error shows the page's content instead. */
  async function arrives(what, coming) {
    try {
      await coming;
    } catch (error) {
      const shown = await tab.text("body");
      assert.fail(`${what} did not come (${error.message}) at ${page.url()}\n${complaints.join("\n")}\n${shown}`);
    }
  }

  /** Opens all folded parts, and closes them afterwards. */
  const openFolds = (open) =>
    page.$$eval(
      "details",
      (folds, open) => {
        for (const fold of folds) {
          if (open) fold.dataset.was = String(fold.open);
          fold.open = open || fold.dataset.was === "true";
        }
      },
      open,
    );

  async function violations() {
    await page.evaluate(axe);
    return page.evaluate(async () => {
      const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
      return violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`)}`,
      );
    });
  }

  return tab;
}
