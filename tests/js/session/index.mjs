// oidc-wasm/browser in real browsers, at the test provider: several tabs, short-lived tokens, rotation and faults.
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { createChecks, here, must, same } from "../lib.mjs";
import { project } from "../project.mjs";
import { claimAfterAnother, claimAlone, claimAtOnce } from "./lease.mjs";
import { scenarios } from "./scenarios.mjs";
import { bundle, startSite } from "./site.mjs";
import { browsers, tabsAt } from "./tabs.mjs";

/** SESSION_BROWSERS names the browsers. SESSION_ONLY is part of the names of the scenarios to run. */
const wanted = process.env.SESSION_BROWSERS?.split(",") ?? Object.keys(browsers);
const unknown = wanted.find((name) => !(name in browsers));
if (unknown !== undefined) throw new Error(`SESSION_BROWSERS names ${unknown}, which is no browser here`);

/** Copies the pages into the project, and bundles them. */
export async function prepare() {
  await cp(join(here, "session"), join(project, "js/session"), { recursive: true });
  await bundle();
}

const server = { title: "on a server no call does anything", body: onServer };

/** A browser, the scenarios that it can run, and the one that needs none. */
export async function openScenarios(name) {
  const browser = await browsers[name]();
  const run = (one) => (one === server ? onServer() : inOwnSite(browser, one.options, one.body));
  return {
    server,
    scenarios: scenarios.filter(({ only }) => !only || only.includes(name)),
    run,
    close: () => browser.close(),
  };
}

export async function session() {
  const { check, results } = createChecks("session");
  await prepare();
  for (const count of [1, 2, 3, 8]) await check(`a lease that ${count} claim at once`, () => claimAtOnce(count));
  await check("a lease that another has, or claims under a smaller name", claimAfterAnother);
  await check("a lease without BroadcastChannel", claimAlone);
  await check(server.title, onServer);
  const part = process.env.SESSION_ONLY ?? "";
  if (!scenarios.some(({ title }) => title.includes(part))) throw new Error(`no scenario is named ${part}`);
  /** A browser loses a click or ends a worker once in some thousand scenarios. So two may run again, and each is named. */
  let again = 2;
  const inOne = async (name) => {
    const { scenarios, run, close } = await openScenarios(name);
    const twice = async (one) => {
      try {
        await run(one);
      } catch (error) {
        if (again-- <= 0) throw error;
        console.log(`again session: ${name}: ${one.title}\n    ${error.stack}`);
        await run(one);
      }
    };
    try {
      for (const one of scenarios.filter(({ title }) => title.includes(part)))
        await check(`${name}: ${one.title}`, () => twice(one));
    } finally {
      await close();
    }
  };
  await Promise.all(wanted.map(inOne));
  return results;
}

/** Node has no window, so it is a server. No request leaves. */
async function onServer() {
  const expected = {
    signInPopup: "session.none",
    handleRedirect: null,
    getAccessToken: "session.none",
    user: null,
    profile: "session.none",
    checkSession: "unknown",
    events: [],
    state: { status: "loading" },
    alone: "useAuth needs an AuthProvider.",
  };
  const output = await must(process.execPath, ["--no-warnings", "js/session/on_server.mjs"], { cwd: project });
  // Without a result: signIn and signOut.
  same(JSON.parse(output), [expected, 0], "results, and requests");
}

async function inOwnSite(browser, options, body) {
  const site = await startSite(options);
  const tabs = tabsAt(browser, site.origin);
  /** Opens a tab at a path and waits for the app, unless the tab goes on to another site. */
  const tab = async (path = "/") => {
    const one = await tabs.open(path);
    return Object.assign(one, {
      /** The app's state, once it is known. */
      state: () => one.run(() => globalThis.app.arrived.then(() => globalThis.app.state())),
      events: () => one.run(() => globalThis.app.events.map(({ type, by }) => (by ? `${type} ${by}` : type))),
    });
  };
  try {
    await body({ site, op: site.op, tab, browser });
    // A page's last problem may be on its way.
    await new Promise((done) => setTimeout(done, 50));
    same(site.problems, [], "errors in the pages");
  } finally {
    await tabs.close();
    await site.close();
  }
}
