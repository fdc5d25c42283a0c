// Serves the built page and opens it in Chromium.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import puppeteer from "puppeteer-core";

const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
const server = createServer(async ({ url }, reply) => {
  const file = url === "/" ? "/index.html" : url;
  const content = await readFile(`dist/browser${file}`).catch(() => undefined);
  reply
    .writeHead(content ? 200 : 404, { "content-type": types[extname(file)] ?? "application/octet-stream" })
    .end(content);
});
await once(server.listen(0, "127.0.0.1"), "listening");
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  // Chromium's sandbox does not run as root.
  args: [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), "--disable-gpu", "--no-first-run"],
});
try {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.log(String(error)));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const isDone = () => /signed in: |rror/.test(document.body.textContent);
  await page.waitForFunction(isDone, { timeout: 60_000 }).catch(() => {});
  console.log(await page.evaluate(() => document.body.textContent.trim()));
} finally {
  await browser.close();
  server.close();
}
