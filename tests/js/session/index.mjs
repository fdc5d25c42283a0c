// oidc-wasm/browser in real browsers, at the test provider: several tabs, short-lived tokens, rotation and faults.
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { createChecks, here } from "../lib.mjs";
import { project } from "../project.mjs";
import { claimAtOnce } from "./lease.mjs";
import { scenarios } from "./scenarios.mjs";
import { bundle, startSite } from "./site.mjs";
import { browsers } from "./tabs.mjs";

/** SESSION_BROWSERS names the browsers. SESSION_ONLY is part of the names of the scenarios to run. */
const wanted = process.env.SESSION_BROWSERS?.split(",") ?? Object.keys(browsers);

export async function session() {
  const { check, results } = createChecks("session");
  await cp(join(here, "session"), join(project, "js/session"), { recursive: true });
  await bundle();
  for (const count of [1, 2, 3, 8]) await check(`a lease that ${count} claim at once`, () => claimAtOnce(count));
  for (const name of wanted) {
    const browser = await browsers[name]();
    try {
      for (const { title, options, only, body } of scenarios) {
        if (only && !only.includes(name)) continue;
        if (!title.includes(process.env.SESSION_ONLY ?? "")) continue;
        await check(`${name}: ${title}`, () => inOwnSite(browser, options, body));
      }
    } finally {
      await browser.close();
    }
  }
  return results;
}

async function inOwnSite(browser, options, body) {
  const site = await startSite(options);
  const opened = new Set();
  /** Opens a tab at a path and waits for the app, unless the tab goes on to another site. */
  const tab = async (path = "/") => {
    const one = await browser.open();
    opened.add(one);
    await one.goto(`${site.origin}${path}`);
    return Object.assign(one, {
      /** The app's state, once it is known. */
      state: () => one.run(() => globalThis.app.arrived.then(() => globalThis.app.state())),
      events: () => one.run(() => globalThis.app.events.map(({ type, by }) => (by ? `${type} ${by}` : type))),
      end: async () => {
        opened.delete(one);
        await one.close();
      },
    });
  };
  try {
    await body({ site, op: site.op, tab, browser });
    for (const one of opened) {
      const problems = await one.run(() => globalThis.app?.problems ?? []);
      if (problems.length) throw new Error(`errors in the page: ${problems.join(", ")}`);
    }
  } finally {
    for (const one of opened) await one.close().catch(() => {});
    await site.close();
  }
}
