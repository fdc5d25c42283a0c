/** The site in each browser engine: a login at the provider inside the browser, the inspector, the lessons, and the three languages. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { launchChromium, launchFirefox } from "../browsers.mjs";
import { launchWebKit } from "../webkit.mjs";
import { packageFiles } from "./package.mjs";
import { serveSite } from "./static.mjs";

const screenshots = new URL("../../target/screenshots/", import.meta.url);

/** A browser of puppeteer's. */
const driven = (launch) => async () => {
  const browser = await launch();
  const page = await browser.newPage();
  await page.setViewport({ width: 1000, height: 900 });
  return {
    go: (url) => page.goto(url),
    run: (script) => page.evaluate(`(() => { ${script} })()`),
    picture: async () => page.screenshot(),
    close: () => browser.close(),
  };
};

async function drivenWebKit() {
  const { send, close } = await launchWebKit();
  return {
    go: (url) => send("POST", "/url", { url }),
    run: (script) => send("POST", "/execute/sync", { script, args: [] }),
    picture: async () => Buffer.from(await send("GET", "/screenshot"), "base64"),
    close,
  };
}

const engines = { chromium: driven(launchChromium), firefox: driven(launchFirefox), webkit: drivenWebKit };

// `cargo xtask test` names Chromium's program, and with `--all` the program of each engine.
const wanted = Object.entries(engines).filter(([name]) => process.env[name.toUpperCase()]);
assert.ok(wanted.length, "CHROMIUM, FIREFOX and WEBKIT name no program");
for (const [name, launch] of wanted) {
  test(`${name}: a login, the inspector, the lessons, three languages`, async () => {
    const host = await serveSite({ packageFiles });
    const browser = await launch();
    const until = async (what, script, times = 300) => {
      for (let time = 0; time < times; time++) {
        // A page that is leaving cannot answer.
        const met = await browser.run(`return Boolean(${script})`).catch(() => false);
        if (met) return;
        await new Promise((next) => setTimeout(next, 100));
      }
      assert.fail(`${what} did not come in ${name}: ${await browser.run("return document.body.innerText")}`);
    };
    const sees = (heading) =>
      until(heading, `document.querySelector("h1")?.innerText.includes(${JSON.stringify(heading)})`);
    const press = (label) =>
      until(
        label,
        `(() => {
          const all = [...document.querySelectorAll("button:not([disabled])")];
          const one = all.find((button) => button.innerText.includes(${JSON.stringify(label)}));
          one?.click();
          return one;
        })()`,
      );
    const picture = async (screen) => {
      await mkdir(screenshots, { recursive: true });
      await writeFile(new URL(`engine-${name}-${screen}.png`, screenshots), await browser.picture());
    };
    try {
      await browser.go(host.url);
      await until("the discovery", `document.querySelector('#step-discovery[data-state="done"]')`);
      await press("Sign in at Harbour");
      await sees("Sign in");
      await press("Yuki Tanaka");
      await sees("Allow this?");
      await press("Allow");
      await sees("You are signed in");
      assert.match(await browser.run(`return document.querySelector("#status").innerText`), /13 rules passed/);
      await picture("signed-in");
      await press("Inspect this ID token");
      await until("the verdict", `document.querySelector("#said")?.innerText`);
      assert.match(
        await browser.run(`return document.querySelector("#verdict").innerText`),
        /no rule is broken[\s\S]*The signature is valid/,
      );
      await picture("inspect");

      await browser.go(`${host.url}ko/pkce.html`);
      await until("the lesson", `document.querySelector("html[data-ready]")`);
      await press("도둑이 코드를 교환");
      await until("the refusal", `document.querySelector(".log .pass")?.innerText.includes("invalid_grant")`);
      await picture("pkce-ko");
      await browser.go(`${host.url}zh/resources.html`);
      await until("the lesson", `document.querySelector("html[data-ready]")`);
      await press("取得令牌");
      await until("the tokens", `document.querySelectorAll(".log .pass").length === 4`);
      await picture("resources-zh");
      await browser.go(`${host.url}zh/types.html`);
      await until("the lesson", `document.querySelector("html[data-ready]")`);
      await press("应用接收回答");
      await until("the answer", `document.querySelector(".log .pass")`);
      await browser.go(`${host.url}refresh.html`);
      await until("the lesson", `document.querySelector("html[data-ready]") && document.querySelector(".log .pass")`);
      await press("A thief uses");
      await until("the thief", `document.querySelectorAll(".log li").length === 2`);

      await host.stop();
      await browser.go(`${host.url}ko/`);
      await until("the page without a network", `document.querySelector('#step-discovery[data-state="done"]')`);
      await picture("offline-ko");
    } finally {
      await browser.close();
      await host.close().catch(() => {});
    }
  });
}
