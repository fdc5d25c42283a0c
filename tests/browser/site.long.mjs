/** The site as static files: it works from any folder of any host, alone, offline, and in three languages. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";
import { test } from "node:test";
import { documents, languages } from "../../www/site.mjs";
import { createTestProvider } from "../support/provider/index.js";
import { serveProviders } from "../support/provider/serve.mjs";
import { forEachVisitor } from "./chromium.mjs";
import { packageFiles } from "./package.mjs";
import { serveSite } from "./static.mjs";

const site = new URL("../../www/site/", import.meta.url);

let host;
let tab;
forEachVisitor(
  () => serveSite({ packageFiles }),
  (given) => ({ site: host = host, tab = tab } = given),
);

const open = async (path) => {
  await tab.page.goto(`${host.url}${path}`);
  await tab.page.waitForSelector("html[data-ready]");
};

test("the whole login at the provider inside the browser, and every request stays at the site", async () => {
  await tab.page.goto(host.url);
  await tab.reaches("discovery");
  await tab.signIn();
  assert.match(await tab.text("#status"), /Mara Lindqvist[\s\S]*13 rules passed/);
  await tab.press("Refresh the tokens");
  await tab.reaches("refresh");
  await tab.press("Sign out at Harbour");
  await tab.sees("Sign out?");
  await tab.press("Sign out");
  await tab.sees("You are signed out");
  assert.deepEqual(
    tab.requests.filter(({ url }) => !url.startsWith(host.url)),
    [],
  );
  assert.equal(host.requests.filter((path) => path.includes("/harbour/") && !/\.(css|svg)$/.test(path)).length, 0);
  tab.finish();
});

test("a form that the provider posts, each way to authenticate, and a token for each service", async () => {
  for (const [mode, method] of [
    ["form_post", "client_secret_basic"],
    ["query", "private_key_jwt"],
  ]) {
    await tab.page.goto(host.url);
    await tab.reaches("discovery");
    await tab.press("Ask for something else");
    for (const [name, value] of [
      ["responseMode", mode],
      ["method", method],
      ["scope", "read"],
      ["resource", "https://api.example.com"],
    ])
      await tab.page.click(`#ask input[name="${name}"][value="${value}"]`);
    await tab.press("Sign in with this");
    if (mode === "form_post") {
      await tab.sees("Sign in");
      await tab.press("Yuki Tanaka");
    }
    await tab.sees("Allow this?");
    await tab.press("Allow");
    await tab.sees("You are signed in");
    assert.match(await tab.text("#step-resources"), /Each is as the table says/);
  }
  tab.finish();
});

test("consent refused at the provider inside the browser", async () => {
  await tab.page.goto(host.url);
  await tab.press("Sign in at Harbour");
  await tab.sees("Sign in");
  await tab.press("Tomás Okafor");
  await tab.sees("Allow this?");
  await tab.press("Refuse");
  await tab.sees("You refused, and nothing was shared");
  tab.finish();
});

test("without a network the site works as before", async () => {
  await tab.page.goto(host.url);
  await tab.reaches("discovery");
  await tab.page.waitForFunction(async () => (await caches.keys()).length > 0);
  await host.stop();
  try {
    await tab.page.reload();
    await tab.reaches("discovery");
    await tab.signIn();
    for (const { name } of documents.filter(({ name }) => !["index", "callback", "signed-out"].includes(name))) {
      await open(`ko/${name}.html`);
      assert.equal(await tab.page.$eval("html", ({ lang }) => lang), "ko");
    }
  } finally {
    await host.start();
  }
  tab.finish(/ERR_CONNECTION_REFUSED/);
});

test("every document in every language, in both colour schemes and on a small phone", async () => {
  for (const [lang, folder] of Object.entries(languages)) {
    for (const { name } of documents) {
      const isWatching = ["index", "callback", "signed-out"].includes(name);
      if (isWatching && name !== "index") continue;
      if (isWatching) {
        await tab.page.goto(`${host.url}${folder}`);
        await tab.reaches("discovery");
      } else await open(`${folder}${name}.html`);
      await tab.inspect(`site-${name}-${lang}`);
    }
  }
  tab.finish();
});

test("the languages lead to each other, and the colours stay as chosen", async () => {
  await open("inspect.html");
  await tab.press("한국어");
  await tab.page.waitForSelector('html[lang="ko"][data-ready]');
  assert.equal(tab.page.url(), `${host.url}ko/inspect.html`);
  await tab.page.select("#scheme", "dark");
  const background = () => tab.page.$eval("body", (body) => getComputedStyle(body).backgroundColor);
  assert.equal(await background(), "rgb(16, 24, 27)");
  await tab.press("中文");
  await tab.page.waitForSelector('html[lang="zh"][data-ready]');
  assert.equal(await background(), "rgb(16, 24, 27)");
  assert.equal(await tab.page.$eval("#scheme", ({ value }) => value), "dark");
  tab.finish();
});

test("a login in Korean and in Chinese, also on the provider's own pages", async () => {
  const signsIn = async (folder, start, ...rest) => {
    await tab.page.goto(`${host.url}${folder}`);
    await tab.reaches("discovery");
    await tab.press(start);
    for (const [heading, label] of rest) {
      await tab.sees(heading);
      if (label) await tab.press(label);
    }
    assert.equal(tab.page.url(), `${host.url}${folder}`);
    assert.match(await tab.text("#status"), /Tomás Okafor/);
  };
  const pages = [["로그인", "Tomás Okafor"], ["허용할까요?", "허용"], ["로그인했습니다"]];
  await signsIn("ko/", "Harbour에서 로그인", ...pages);
  // The provider knows the person, and what was allowed.
  await signsIn("zh/", "在 Harbour 登录", ["你已登录"]);
  tab.finish();
});

test("any provider: its metadata is judged, a login works, and the token goes to the inspector", async () => {
  const op = await serveProviders(async (issuer) => [await createTestProvider({ issuer })]);
  try {
    await open("provider.html");
    await tab.page.type("#issuer", op.origin);
    await tab.page.type("#client", "app");
    await tab.press("Read its metadata");
    await tab.page.waitForSelector("#outcome:not([hidden])");
    const judged = await tab.text("#outcome");
    assert.match(judged, /None\. The strict defaults accept this provider/);
    assert.match(judged, /not offered\s+Sign in on a device/);
    assert.match(judged, /Signature algorithms .*RS256/);
    assert.match(judged, new RegExp(`RelyingParty.discover\\("${op.origin}"`));
    await tab.inspect("site-any-judged");
    await tab.press("Inspect a token with its keys");
    await tab.page.waitForFunction(() => document.querySelector("#said")?.textContent?.includes("are here"));
    const claims = { iss: op.origin, sub: "alice", aud: "app", iat: 1, exp: 2 ** 31 };
    await tab.page.type("#message", await op.providers[0].sign(claims));
    await tab.page.waitForSelector("#judged .fact.valid");
    await tab.page.goBack();
    await tab.page.waitForSelector("html[data-ready]");
    await tab.page.$eval("#issuer", (field, origin) => Object.assign(field, { value: origin }), op.origin);
    await tab.page.$eval("#client", (field) => Object.assign(field, { value: "app" }));
    await tab.press("Read its metadata");
    await tab.page.waitForSelector("#outcome:not([hidden])");
    await tab.press("Log in there");
    await tab.page.waitForFunction(
      () => document.querySelector("#outcome-heading")?.textContent === "You are signed in",
    );
    assert.equal(tab.page.url(), `${host.url}provider.html`, "no code stays in the address");
    await tab.press("Inspect this ID token");
    await tab.page.waitForFunction(() => document.querySelector("#said")?.textContent);
    assert.match(await tab.text("#verdict"), /no rule is broken[\s\S]*The signature is valid/);
    tab.finish();
  } finally {
    await op.close();
  }
});

test("any provider: what a provider needs is found by trying", async () => {
  const faults = {
    "discovery.issuer": /expectedIssuer[\s\S]*Ask the provider whether both are its own/,
    "discovery.content_type": /content-type/,
  };
  for (const [fault, found] of Object.entries(faults)) {
    const op = await serveProviders(async (issuer) => [await createTestProvider({ issuer })]);
    try {
      op.providers[0].break(fault);
      await open("provider.html");
      await tab.page.type("#issuer", op.origin);
      await tab.press("Read its metadata");
      await tab.page.waitForSelector("#outcome:not([hidden])");
      assert.match(await tab.text("#outcome"), found, fault);
    } finally {
      await op.close();
    }
  }
  const silent = createServer((_request, response) => response.end("{}")).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (silent.address());
  await open("provider.html");
  await tab.page.type("#issuer", `http://127.0.0.1:${port}`);
  await tab.press("Read its metadata");
  await tab.page.waitForSelector("#outcome:not([hidden])");
  assert.match(await tab.text("#outcome"), /http\.failed[\s\S]*CORS/);
  silent.close();
  tab.finish(/CORS|ERR_FAILED|favicon/);
});

test("PKCE: the application gets tokens, and a thief gets none", async () => {
  await open("pkce.html");
  const entries = () =>
    tab.page.$$eval(".log li", (items) => items.map(({ className, innerText }) => [className, innerText]));
  const after = async (label, count) => {
    await tab.press(label);
    await tab.page.waitForFunction((count) => document.querySelectorAll(".log li").length === count, {}, count);
    return (await entries())[0];
  };
  assert.match((await after("The application exchanges the code", 1)).join(), /^pass,[\s\S]*200 tokens/);
  assert.match((await after("A thief exchanges the code", 2)).join(), /^pass,[\s\S]*400 invalid_grant/);
  assert.match((await after("A thief sends the challenge", 3)).join(), /^pass,[\s\S]*400 invalid_grant/);
  await tab.page.$eval("#verifier", (input) => {
    /** @type {any} */ (input).value = "short";
    input.dispatchEvent(new Event("input"));
  });
  assert.match(await tab.text("#challenge"), /pkce\.verifier/);
  tab.finish();
});

test("resources: each token is accepted at its own service only", async () => {
  await open("resources.html");
  await tab.press("Get the tokens");
  await tab.page.waitForFunction(() => document.querySelectorAll(".log li").length === 4);
  const cells = await tab.page.$$eval("#lab table:last-of-type tbody tr", (rows) =>
    rows.map((row) => [...row.querySelectorAll("td")].map(({ innerText }) => innerText)),
  );
  assert.deepEqual(
    cells.slice(-2).map((row) => row.map((text) => text.split(" ")[0])),
    [
      ["accepted", "access_token.aud"],
      ["access_token.aud", "accepted"],
    ],
  );
  assert.equal(await tab.page.$$eval(".log .fail", ({ length }) => length), 0);
  tab.finish();
});

test("response types: what an attacker exchanges is caught where something is bound to it", async () => {
  await open("types.html");
  const caught = {
    code: { code: "token.oauth_error" },
    "code id_token": { code: "id_token.c_hash", id_token: "id_token.nonce" },
    "id_token token": { access_token: "id_token.at_hash", id_token: "id_token.nonce" },
    id_token: { id_token: "id_token.nonce" },
  };
  for (const [type, swaps] of Object.entries(caught)) {
    await tab.page.click(`input[value="${type}"]`);
    for (const [name, rule] of Object.entries(swaps)) {
      await tab.page.$$eval(".log li", (items) => {
        for (const item of items) item.remove();
      });
      await tab.press(`An attacker exchanges ${name}`);
      await tab.page.waitForSelector(".log li");
      const expected = rule === "token.oauth_error" ? "invalid_grant" : rule;
      assert.match(await tab.text(".log li"), new RegExp(expected.replace(".", "\\.")), `${type}, ${name}`);
    }
  }
  tab.finish();
});

test("refresh: an old refresh token ends the session, and a confused provider is caught", async () => {
  await open("refresh.html");
  const press = async (label) => {
    const before = await tab.page.$$eval(".log li", ({ length }) => length);
    const button = await tab.page.waitForSelector(
      `::-p-xpath(//*[@id="lab"]//button[starts-with(normalize-space(.), "${label}")])`,
    );
    await button.click();
    await tab.page.waitForFunction((before) => document.querySelectorAll(".log li").length > before, {}, before);
    return tab.text(".log li:first-child");
  };
  assert.match(await press("Ask with the access token"), /It answers/);
  await press("Six minutes later");
  assert.match(await press("Ask with the access token"), /invalid_token/);
  assert.match(await press("Refresh"), /A new access token/);
  assert.match(await press("A thief uses"), /invalid_grant[\s\S]*as it should be/);
  assert.match(await press("Refresh"), /invalid_grant/);
  await tab.press("Sign in anew");
  await tab.page.waitForFunction(() => document.querySelectorAll(".log li").length === 1);
  assert.match(await press("The provider confuses"), /id_token\.previous[\s\S]*as it should be/);
  const signInAnew = async () => {
    await tab.press("Sign in anew");
    await tab.page.waitForFunction(() => document.querySelectorAll(".log li").length === 1);
  };
  const owners = () => tab.page.$$eval(".tokens .chip", (chips) => chips.map(({ textContent }) => textContent));
  await signInAnew();
  await press("Six minutes later");
  assert.match(await press("The provider confuses"), /id_token\.previous[\s\S]*as it should be/);
  // A thief may be first. Then the application's use of its own token ends the session for both.
  await signInAnew();
  assert.match(
    await press("A thief uses"),
    /refresh token 1\.\s*A new access token and a new refresh token come\.\s*$/,
  );
  assert.deepEqual(await owners(), ["used", "the thief’s"]);
  assert.match(await press("Refresh"), /refresh token 1\.\s*invalid_grant[\s\S]*as it should be/);
  assert.deepEqual(await owners(), ["used", "ended"]);
  tab.finish();
});

test("lessons on a slow machine: the first press counts, and so does the last choice", async () => {
  await tab.page.evaluateOnNewDocument(() => {
    const page = /** @type {any} */ (globalThis);
    page.signing = 0;
    const { sign } = SubtleCrypto.prototype;
    SubtleCrypto.prototype.sign = async function (...given) {
      page.signing++;
      const signature = await sign.apply(this, given);
      await new Promise((next) => setTimeout(next, 300));
      page.signing--;
      return signature;
    };
  });
  await open("refresh.html");
  await tab.press("Ask with the access token");
  await tab.page.waitForFunction(() => document.querySelectorAll(".log li").length === 2);
  assert.match(await tab.text(".log li:first-child"), /It answers/);
  await open("types.html");
  // The answer of the first choice has a signature, so it comes last.
  for (const type of ["id_token", "code"]) await tab.page.click(`input[value="${type}"]`);
  await tab.page.waitForFunction(() => /** @type {any} */ (globalThis).signing === 0);
  const labels = await tab.page.$$eval("#lab .buttons button", (all) => all.map(({ innerText }) => innerText));
  assert.deepEqual(labels.slice(1), ["An attacker exchanges code"]);
  tab.finish();
});

test("state, nonce and challenge stand in one line, and the lanes are named on a phone too", async () => {
  await tab.page.goto(host.url);
  await tab.reaches("discovery");
  await tab.press("See the request first");
  await tab.reaches("authorization");
  const heights = await tab.page.$$eval("#step-authorization .members > div", (rows) =>
    Object.fromEntries(
      rows.map((row) => {
        const code = row.querySelector(".value code");
        return [row.querySelector("dt").textContent, code.getClientRects().length];
      }),
    ),
  );
  for (const name of ["state", "nonce", "code_challenge"]) assert.equal(heights[name], 1, name);
  await tab.page.setViewport({ width: 360, height: 800 });
  const names = await tab.page.$eval(".lane-names", (element) => element.getBoundingClientRect().height);
  assert.ok(names > 10);
  tab.finish();
});

test("the signed-in page is short, and rules that had nothing to check are folded", async () => {
  await tab.page.goto(host.url);
  await tab.reaches("discovery");
  await tab.signIn();
  const height = () => tab.page.evaluate(() => document.documentElement.scrollHeight);
  assert.ok((await height()) < 6000, `${await height()} px`);
  await tab.page.setViewport({ width: 360, height: 900 });
  assert.ok((await height()) < 9000, `${await height()} px at 360`);
  const labels = await tab.page.$$eval("button, summary", (all) => all.map(({ innerText }) => innerText));
  assert.equal(labels.filter((label) => /Break this login/.test(label)).length, 1);
  tab.finish();
});

test("nothing moves while a page loads", async () => {
  const shifts = {};
  await tab.page.evaluateOnNewDocument(() => {
    const page = /** @type {any} */ (globalThis);
    page.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of /** @type {any[]} */ (list.getEntries())) page.shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  for (const { name } of documents) {
    if (name === "callback" || name === "signed-out") continue;
    for (const width of [1200, 360]) {
      await tab.page.setViewport({ width, height: 900 });
      if (name === "index") {
        await tab.page.goto(host.url);
        await tab.reaches("discovery");
      } else await open(`${name}.html`);
      shifts[`${name} ${width}`] = await tab.page.evaluate(() => /** @type {any} */ (globalThis).shift);
    }
  }
  for (const width of [1200, 360]) {
    await tab.page.setViewport({ width, height: 900 });
    await tab.page.goto(host.url);
    await tab.reaches("discovery");
    await tab.press("Sign in at Harbour");
    if (width === 1200) {
      await tab.sees("Sign in");
      await tab.press("Mara Lindqvist");
      await tab.sees("Allow this?");
      await tab.press("Allow");
    }
    await tab.sees("You are signed in");
    shifts[`callback ${width}`] = await tab.page.evaluate(() => /** @type {any} */ (globalThis).shift);
  }
  assert.deepEqual(
    Object.entries(shifts).filter(([, shift]) => shift > 0.05),
    [],
  );
});

test("the code beside a message has this login's values, and a button copies it", async () => {
  await tab.page.goto(host.url);
  await tab.reaches("discovery");
  const copied = await tab.page.evaluate(async () => {
    const step = document.querySelector("#step-discovery .how");
    step.querySelector("details").open = true;
    const texts = [];
    navigator.clipboard.writeText = async (text) => void texts.push(text);
    const buttons = [...step.querySelectorAll("button")];
    for (const button of buttons) button.click();
    await new Promise((next) => setTimeout(next, 50));
    return { texts, labels: buttons.map(({ innerText }) => innerText) };
  });
  assert.equal(copied.texts.length, 3);
  for (const text of copied.texts) assert.ok(text.includes(`${host.url}harbour`), text);
  assert.match(copied.texts[0], /RelyingParty\.discover\([^)]*clientId: "oidc-wasm-demo"/);
  for (const label of copied.labels) assert.match(label, /^Copied/);
  const steps = await tab.page.$$eval(".sequence > li", (items) =>
    items.map((item) => item.querySelectorAll(".how .code").length),
  );
  assert.deepEqual(steps, Array(12).fill(3), "twelve messages, three programs");
  tab.finish();
});

test("messages of the login go to the inspector, the redirect with its transaction", async () => {
  for (const [step, kind] of [
    ["redirect", "redirect"],
    ["token_response", "tokenResponse"],
    ["keys", "keySet"],
    ["discovery", "metadata"],
  ]) {
    await tab.page.goto(host.url);
    await tab.reaches("discovery");
    if (step === "redirect") await tab.signIn();
    else {
      await tab.press("Sign in at Harbour");
      await tab.sees("You are signed in");
    }
    await tab.page.$eval(`#step-${step} .seen > div > .quiet`, (button) => /** @type {any} */ (button).click());
    await tab.page.waitForFunction(() => document.querySelector("#said")?.textContent);
    assert.equal(await tab.page.$eval("#kind", (select) => /** @type {any} */ (select).value), kind);
    assert.match(await tab.text("#said"), /no rule is broken/, step);
    if (step === "redirect") assert.match(await tab.text("#judged"), /passed\s+redirect\.state/);
  }
  tab.finish();
});

test("the links of a rule lead to its source and its documentation", async () => {
  await open("inspect.html");
  await tab.press("Try an example");
  await tab.page.waitForSelector("#judged .rules li");
  const links = await tab.page.$$eval("#judged .rules li", (rows) => {
    const row = rows.find((row) => row.querySelector("code").textContent === "id_token.nonce");
    return [...row.querySelectorAll("a")].map(({ href }) => href);
  });
  assert.match(links[0], /^https:\/\/openid\.net\/specs\/openid-connect-core-1_0\.html#rfc\.section\.3\.1\.3\.7$/);
  for (const [link, words] of [
    [links[1], "Rule::IdTokenNonce"],
    [links[2], "id_token.nonce"],
  ]) {
    await tab.page.goto(link);
    assert.match(await tab.text(":target"), new RegExp(words));
  }
  tab.finish();
});

test("a printed page has the messages, and no buttons", async () => {
  await tab.page.goto(host.url);
  await tab.reaches("discovery");
  await tab.page.emulateMediaType("print");
  const shown = await tab.page.$$eval("button, select, .menu", (all) =>
    all.filter((element) => /** @type {HTMLElement} */ (element).offsetHeight > 0).map(({ className }) => className),
  );
  assert.deepEqual(shown, []);
  assert.ok((await tab.text("#sequence")).includes("Where everything is"));
  tab.finish();
});

test("every language has the same strings", async () => {
  const keys = (value, path = "") =>
    typeof value === "object"
      ? Object.entries(value).flatMap(([name, inner]) => keys(inner, `${path}.${name}`))
      : [`${path}: ${[...value.matchAll(/\{\w+\}/g)].sort().join()}`];
  const all = await Promise.all(Object.keys(languages).map((lang) => import(`../../www/site/strings/${lang}.js`)));
  for (const part of ["default", "harbour"]) {
    const [english, ...others] = all.map((strings) => keys(strings[part]).sort());
    for (const other of others) assert.deepEqual(withoutPlurals(other), withoutPlurals(english), part);
  }
});

/** English names one thing without its number. */
const withoutPlurals = (keys) => keys.map((key) => key.replace(/\.one: .*/, ".one"));

test("no other file has a text of the site", async () => {
  const files = (await readdir(site, { recursive: true })).filter(
    (file) => extname(file) === ".js" && !/^(strings|code)[/\\]/.test(file),
  );
  const literal = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g;
  const sentence = /[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}/;
  for (const file of files) {
    const text = (await readFile(new URL(file.replaceAll("\\", "/"), site), "utf8"))
      .replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "")
      .replaceAll(/new Error\([^)]*\)/g, "");
    const found = (text.match(literal) ?? []).filter((words) => sentence.test(words.replaceAll(/\$\{[^}]*\}/g, "")));
    assert.deepEqual(found, [], file);
  }
  for (const page of await readdir(new URL("pages/", site))) {
    const text = await readFile(new URL(`pages/${page}`, site), "utf8");
    const words = text.replaceAll(/<[^>]*>|\{\{[^}]*\}\}/g, " ").match(/[A-Za-z]{3,}/g) ?? [];
    assert.deepEqual(words, [], page);
  }
});
