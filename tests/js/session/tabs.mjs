// Tabs of a browser, the same for each: opened, told to run something, closed.
import { launchChromium, launchFirefox } from "../../browsers.mjs";

/**
 * @typedef {object} Tab
 * @property {(address: string) => Promise<unknown>} goto
 * @property {(work: (...given: any[]) => any, ...given: any[]) => Promise<any>} run runs a function in the page
 * @property {() => Promise<string>} url
 * @property {() => Promise<unknown>} close
 * @property {any} [page] Puppeteer's
 */

const puppeteer = (launch) => async () => {
  const browser = await launch({ protocolTimeout: 60_000 });
  /** @returns {Tab} */
  const tabOf = (page) => ({
    page,
    goto: (address) => page.goto(address),
    run: (work, ...given) => page.evaluate(work, ...given),
    url: async () => page.url(),
    close: () => page.close(),
  });
  return {
    /** What other windows the page itself has opened. */
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

export const browsers = {
  chromium: puppeteer(launchChromium),
  firefox: puppeteer(launchFirefox),
};
