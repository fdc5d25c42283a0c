import { defineConfig } from "@playwright/test";

export default defineConfig({
  testMatch: "*.spec.js",
  reporter: "line",
  use: {
    baseURL: "http://localhost:31917",
    // Chromium's sandbox does not run as root.
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    },
  },
  webServer: { command: "node serve.mjs", url: "http://localhost:31917" },
});
