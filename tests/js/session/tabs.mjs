// Tabs of a browser with the same functions in each browser: open, run a function, close.
import { launchChromium, launchFirefox } from "../../browsers.mjs";
import { launchWebKit } from "../../webkit.mjs";

/**
 * @typedef {object} Tab
 * @property {(address: string) => Promise<unknown>} goto
 * @property {(work: (...given: any[]) => any, ...given: any[]) => Promise<any>} run runs a function in the page
 * @property {(work: (...given: any[]) => any, ...given: any[]) => Promise<any>} pressed runs it like a person's click
 * @property {() => Promise<unknown>} back presses the browser's Back button
 * @property {() => Promise<unknown>} forward
 * @property {() => Promise<string>} url
 * @property {() => Promise<unknown>} close
 * @property {any} [page] Puppeteer's
 */

/** Tabs of one site, which all close together. @param {any} browser */
export function tabsAt(browser, origin) {
  const opened = new Set();
  return {
    opened,
    /** Opens a tab at a path. */
    async open(path) {
      const one = await browser.open();
      opened.add(one);
      await one.goto(`${origin}${path}`);
      const end = async () => {
        opened.delete(one);
        await one.close();
      };
      return Object.assign(one, { end });
    },
    async close() {
      for (const one of opened) await one.close().catch(() => {});
    },
  };
}

const puppeteer = (launch) => async () => {
  const browser = await launch({ protocolTimeout: 60_000 });
  /** @returns {Tab} */
  const tabOf = (page) => {
    // Puppeteer's own functions wait for an event that a kept page does not have. Firefox forgets the call while a page loads.
    const moved = (by) =>
      page.evaluate(async (by) => {
        if (document.readyState !== "complete") await new Promise((done) => addEventListener("load", done));
        history.go(by);
      }, by);
    return {
      page,
      goto: (address) => page.goto(address),
      run: (work, ...given) => page.evaluate(work, ...given),
      // Puppeteer runs every function as a user gesture.
      pressed: (work, ...given) => page.evaluate(work, ...given),
      back: () => moved(-1),
      forward: () => moved(1),
      url: async () => page.url(),
      close: () => page.close(),
    };
  };
  return {
    /** The windows that the page itself has opened. */
    async others() {
      return (await browser.pages()).map(tabOf);
    },
    async open() {
      const page = await browser.newPage();
      page.setDefaultTimeout(30_000);
      return tabOf(page);
    },
    close: () => browser.close(),
  };
};

/** WebDriver has one current window. So each command switches to its window first, and no other command runs in between. */
async function webkit() {
  const { send, close } = await launchWebKit();
  let last = Promise.resolve();
  /** @type {<T>(work: () => Promise<T>) => Promise<T>} */
  const inTurn = (work) => {
    const turn = last.then(work);
    last = turn.then(
      () => {},
      () => {},
    );
    return turn;
  };
  await send("POST", "/timeouts", { pageLoad: 30_000 });
  const first = await send("GET", "/window");

  /** @returns {Tab} */
  const tabOf = (handle) => {
    const command = (method, path, body) =>
      inTurn(async () => {
        await send("POST", "/window", { handle });
        return send(method, path, body);
      });
    const script = (script, ...args) => command("POST", "/execute/sync", { script, args });
    let count = 0;
    const press = () =>
      inTurn(async () => {
        await send("POST", "/window", { handle });
        const button = await send("POST", "/element", { using: "css selector", value: "#press" });
        await send("POST", `/element/${Object.values(button)[0]}/click`, {});
      });
    /** A script that waits would block every tab. So it stores its result, and the test polls for it. */
    const ran = async (isPressed, work, given) => {
      const id = `ran${++count}`;
      await script(
        `const [id, given, isPressed] = arguments;
           window[id] = {};
           const run = async () => (${work})(...JSON.parse(given));
           const start = () => run().then(
             (value) => { window[id] = { done: JSON.stringify([value]) }; },
             (error) => { window[id] = { error: String(error) }; },
           );
           if (!isPressed) return void start();
           const button = document.createElement("button");
           button.id = button.textContent = "press";
           button.onclick = () => { button.remove(); start(); };
           document.body.append(button);`,
        id,
        JSON.stringify(given),
        isPressed,
      );
      if (isPressed) await press();
      for (const end = Date.now() + 60_000; Date.now() < end; ) {
        const { done, error, isGone } = await script(
          "const ran = window[arguments[0]]; return ran ?? { isGone: true };",
          id,
        );
        if (error) throw new Error(error);
        // The page went to another address, so its script is gone.
        if (isGone) return undefined;
        if (done) return JSON.parse(done)[0] ?? undefined;
        await new Promise((next) => setTimeout(next, 20));
      }
      throw new Error("the page does not answer");
    };
    return {
      /** The driver may respond before the page has run its module. */
      async goto(address) {
        await command("POST", "/url", { url: address });
        const isThere = "return location.href !== 'about:blank' && document.readyState === 'complete'";
        for (const end = Date.now() + 30_000; Date.now() < end && !(await script(isThere)); )
          await new Promise((next) => setTimeout(next, 20));
      },
      run: (work, ...given) => ran(false, work, given),
      pressed: (work, ...given) => ran(true, work, given),
      back: () => command("POST", "/back", {}),
      forward: () => command("POST", "/forward", {}),
      url: () => command("GET", "/url"),
      close: () => command("DELETE", "/window"),
    };
  };
  return {
    /** Back shows the page as it was. Chromium and Firefox keep no page that another one sends messages to. */
    keepsPages: true,
    others: () => inTurn(async () => (await send("GET", "/window/handles")).map(tabOf)),
    open: () =>
      inTurn(async () => {
        await send("POST", "/window", { handle: first });
        // A tab in the background is hidden, and its frames too.
        return tabOf((await send("POST", "/window/new", { type: "window" })).handle);
      }),
    close,
  };
}

export const browsers = {
  chromium: puppeteer((options) =>
    launchChromium({
      ...options,
      // worker.js collects what nothing holds.
      flags: ["--js-flags=--expose-gc"],
      // Puppeteer turns the blocker of popups off.
      ignoreDefaultArgs: ["--disable-popup-blocking"],
    }),
  ),
  firefox: puppeteer(launchFirefox),
  webkit,
};
