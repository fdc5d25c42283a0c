import puppeteer from "puppeteer-core";

/** Milliseconds until a browser must have started. A busy machine is slow. */
const timeout = 120_000;

/**
 * Debian's Chromium, or the one that CHROMIUM names, without its own network requests.
 * @param {import("puppeteer-core").LaunchOptions & { flags?: string[] }} [options] `flags` are more arguments
 */
export function launchChromium({ flags = [], ...options } = {}) {
  return puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      // Chromium's sandbox does not run as root.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // A process in reserve takes time, and the next page often needs none.
      "--disable-features=SpareRendererForSitePerProcess",
      ...flags,
    ],
    timeout,
    ...options,
  });
}

/** Debian's Firefox, or the one that FIREFOX names. */
export function launchFirefox(options) {
  return puppeteer.launch({
    browser: "firefox",
    executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
    timeout,
    ...options,
  });
}
