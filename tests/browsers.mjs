import puppeteer from "puppeteer-core";

/** Debian's Chromium, or the one that CHROMIUM names, with nothing of its own on the network. */
export function launchChromium(options) {
  return puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      // Chromium has no sandbox as root.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
    ...options,
  });
}

/** Debian's Firefox, or the one that FIREFOX names. */
export function launchFirefox(options) {
  return puppeteer.launch({
    browser: "firefox",
    executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
    ...options,
  });
}
