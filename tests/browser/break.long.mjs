/**
 * A visitor changes their own login. For each change, the test expects the rule that rejects it, and the same call
 * passes without the change.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startDemo } from "../../www/server.mjs";
import { openChromium } from "./chromium.mjs";
import { packageFiles } from "./package.mjs";

let chromium;
let demo;
let visitor;
let tab;

before(async () => {
  chromium = await openChromium();
  demo = await startDemo({ packageFiles });
  visitor = await chromium.visitor();
  tab = await visitor.tab();
  await tab.page.goto(demo.local);
  await tab.signIn();
  await tab.press("Break this login");
});
after(async () => {
  await chromium?.close();
  await demo?.close();
});

/** Makes one change and reads the page's result. */
async function alter(trial, fields = {}) {
  const { page } = tab;
  await page.click(`#break input[name="trial"][value="${trial}"]`);
  for (const [name, value] of Object.entries(fields)) {
    const field = await page.$(`#break .fields [name="${name}"]`);
    if ((await field.evaluate(({ localName }) => localName)) === "select") await field.select(value);
    else await field.evaluate((input, value) => Object.assign(input, { value }), value);
  }
  await page.click("#break form button");
  await page.waitForFunction(() => document.querySelector("#break .said").textContent);
  return page.$eval("#break", (panel) => {
    const [was, now] = [...panel.querySelectorAll(".sides section")].map((side) => ({
      value: side.querySelector(".altered").textContent,
      verdict: side.querySelector(".verdict").textContent,
      rule: side.querySelector(".rule")?.textContent,
      spec: side.querySelector(".spec")?.textContent,
      sentence: side.querySelector("p:last-child").textContent,
    }));
    return {
      said: panel.querySelector(".said").textContent,
      was,
      now,
      text: panel.querySelector(".outcome").innerText,
    };
  });
}

const core = "OpenID Connect Core 1.0 §3.1.3.7 rule";
/** The change, its values, and the rule and section that reject it. */
const caught = [
  ["state", {}, "redirect.state", "RFC 6749 §10.12"],
  ["state", { value: "" }, "redirect.state", "RFC 6749 §10.12"],
  ["nonce", {}, "id_token.nonce", `${core} 11`],
  ["claim", {}, "jws.signature", `${core} 6`],
  ["claim", { claim: "aud", value: "another-site" }, "jws.signature", `${core} 6`],
  ["signature", {}, "jws.signature", `${core} 6`],
  ["signature", { how: "forge" }, "jws.signature", `${core} 6`],
  ["signature", { how: "none" }, "jws.alg", `${core} 7`],
  ["clock", {}, "id_token.exp", `${core} 9`],
  ["clock", { minutes: "-120" }, "id_token.iat", `${core} 10`],
  ["keys", {}, "jwks.no_match", "OpenID Connect Core 1.0 §10.1"],
  ["keys", { how: "other" }, "jws.signature", `${core} 6`],
  ["keys", { how: "empty" }, "jwks.no_match", "OpenID Connect Core 1.0 §10.1"],
  ["keys", { how: "down" }, "http.status", "RFC 9110 §15"],
  ["clock", { minutes: "999999999" }, "id_token.exp", `${core} 9`],
  ["issuer", {}, "id_token.iss", `${core} 2`],
  ["issuer", { value: "" }, "discovery.issuer", "OpenID Connect Discovery 1.0 §4.3"],
  ["issuer", { where: "redirect" }, "redirect.iss", "RFC 9207 §2.4"],
];

test("whatever is altered is caught, by the rule for it; unaltered it passes", async () => {
  const requests = tab.requests.length;
  for (const [trial, fields, rule, section] of caught) {
    const { said, was, now } = await alter(trial, fields);
    const what = `${trial} ${JSON.stringify(fields)}`;
    assert.deepEqual([now.rule, now.spec, now.verdict], [rule, section, "refused"], what);
    assert.ok(now.sentence.length > 30, what);
    assert.deepEqual([was.rule, was.verdict], [undefined, "accepted"], what);
    assert.notEqual(was.value, now.value, what);
    assert.equal(said, `Caught by ${rule}. Unaltered, it passes.`);
  }
  assert.equal(tab.requests.length, requests, "no request");
  tab.finish();
});

test("what is altered into what it was, or into something as good, passes", async () => {
  const { was: state } = await alter("state");
  const { was: nonce } = await alter("nonce");
  for (const [trial, fields] of [
    ["state", { value: state.value }],
    ["nonce", { value: nonce.value }],
    ["claim", { claim: "sub", value: "mara" }],
    ["clock", { minutes: "0" }],
    ["clock", { minutes: "30" }],
    ["issuer", { where: "configured", value: demo.issuer }],
    ["issuer", { where: "redirect", value: demo.issuer }],
  ]) {
    const { said, now } = await alter(trial, fields);
    assert.equal(now.verdict, "accepted", `${trial} ${JSON.stringify(fields)}`);
    assert.match(said, /^It passes\./);
  }
});

test("behind the signature each claim has its own rule", async () => {
  for (const [claim, value, rule] of [
    ["aud", "another-site", "id_token.aud"],
    ["iss", "https://another.example", "id_token.iss"],
    ["exp", "1", "id_token.exp"],
    ["nonce", "another", "id_token.nonce"],
  ]) {
    const { text } = await alter("claim", { claim, value });
    assert.match(text, new RegExp(`If that rule did not exist, ${rule} would have caught it`));
  }
  const { text } = await alter("claim", { claim: "sub", value: "tomas" });
  assert.doesNotMatch(text, /If that rule did not exist/, "only the signature protects the name");
});

test("the list of rules says what caught it, and what was not looked at", async () => {
  const rowOf = async (trial, fields) => {
    await alter(trial, fields);
    return tab.page.$$eval("#break .rules li", (rows) => {
      const row = rows.find((row) => row.querySelector("code").textContent === "jws.signature");
      return [row.className, row.querySelector(".verdict").textContent];
    });
  };
  assert.deepEqual(await rowOf("claim", {}), ["fail", "failed"]);
  assert.deepEqual(await rowOf("nonce", {}), ["skip", "not verified"]);
});

test("a number that is none is asked for again", async () => {
  for (const minutes of ["", "1e308"]) {
    await tab.page.click('#break [value="clock"]');
    await tab.page.$eval('#break [name="minutes"]', (input, value) => Object.assign(input, { value }), minutes);
    await tab.page.click("#break form button");
    assert.equal(await tab.page.$eval('#break [name="minutes"]', ({ validity }) => validity.valid), false, minutes);
    assert.equal(await tab.page.$eval("#break .said", ({ textContent }) => textContent), "", minutes);
  }
  tab.finish();
});

test("the field follows the claim that is chosen", async () => {
  const { page } = tab;
  await page.click('#break [value="state"]');
  await page.click('#break [value="claim"]');
  const value = () => page.$eval('#break [name="value"]', ({ value }) => value);
  assert.equal(await value(), "somebody-else");
  await page.select('#break [name="claim"]', "aud");
  assert.equal(await value(), "another-site");
});

test("with the keyboard alone, and still signed in afterwards", async () => {
  const { page } = tab;
  await page.focus("#break summary");
  await page.keyboard.press("Tab");
  const chosen = () => page.evaluate(() => /** @type {any} */ (document.activeElement).value);
  for (let times = 0; times < 7 && (await chosen()) !== "clock"; times++) await page.keyboard.press("ArrowDown");
  assert.equal(await chosen(), "clock");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("#break .said").textContent.includes("id_token.exp"));
  assert.equal(await page.$eval("#break .said", ({ role }) => role), "status");
  await tab.press("Refresh the tokens");
  await tab.reaches("refresh");
  assert.ok(await page.$("#break .sides"), "the panel stays as it is");
});

test("nothing that axe-core finds", async () => {
  await alter("claim", { claim: "aud" });
  await tab.inspect("17-break");
  tab.finish();
});
