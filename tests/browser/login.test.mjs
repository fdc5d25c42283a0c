/** A person's login in Chromium, at oidc-provider. */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { startProvider } from "../../www/provider/index.mjs";
import { startDemo } from "../../www/server.mjs";
import { ruleOf } from "../support/provider/faults.js";
import { createTestProvider } from "../support/provider/index.js";
import { serveProviders } from "../support/provider/serve.mjs";
import { forEachVisitor } from "./chromium.mjs";
import { packageFiles } from "./package.mjs";
import { lowPort } from "./static.mjs";

/** One for all tests that leave its provider as it is: each visitor is a stranger to it. */
let demo;
let visitor;
let tab;

forEachVisitor(
  () => startDemo({ packageFiles }),
  (given) => ({ site: demo = demo, visitor = visitor, tab = tab } = given),
);

/** A suite with a demo of its own: one for all of its tests, or one for each. @param {typeof before} first @param {typeof after} last @param {object} options */
function ownDemo(first, last, options = {}) {
  let shared;
  first(async () => {
    shared = demo;
    demo = await startDemo({ packageFiles, ...options });
  });
  last(async () => {
    await demo.close();
    demo = shared;
  });
}

const done = (step) => `#step-${step}[data-state="done"]`;

async function leaveForProvider(tab) {
  await tab.page.goto(demo.local);
  await tab.press("Sign in at Harbour");
  await tab.sees("Sign in");
}

async function signIn(tab, person) {
  await tab.page.goto(demo.local);
  await tab.signIn({ person });
}

/** The values of a step's parameters, members or claims, by name. */
const listed = (step) =>
  tab.page.$$eval(`#step-${step} .members > div`, (rows) =>
    Object.fromEntries(
      rows.map((row) => [row.querySelector("dt").textContent, row.querySelector(".value code").textContent]),
    ),
  );

async function reveal(step, name) {
  await tab.page.$$eval(`#step-${step} details`, (folds) => {
    for (const fold of folds) fold.open = true;
  });
  const button = await tab.page.waitForSelector(
    `::-p-xpath(//*[@id="step-${step}"]//div[dt[normalize-space(.)="${name}"]]//button)`,
  );
  await button.click();
  return (await listed(step))[name];
}

test("signing in, refreshing, signing out", async (context) => {
  const notices = [context.mock.method(console, "info"), context.mock.method(console, "warn")];
  const { page } = tab;
  await page.goto(demo.local);
  await tab.reaches("discovery");
  await tab.press("See the request first");
  await tab.reaches("authorization");
  const asked = await listed("authorization");
  assert.equal(asked.response_type, "code");
  assert.equal(asked.code_challenge_method, "S256");
  await tab.press("Go to Harbour");

  await tab.sees("Sign in");
  await page.type("#username", "Ada of the Harbour");
  await page.type("#password", "anything at all");
  await tab.press("Sign in");
  await tab.sees("Allow this?");
  assert.match(await tab.text("main"), /The oidc-wasm demo asks to:[\s\S]*See your email address/);
  await tab.press("Allow");

  await tab.sees("You are signed in");
  assert.equal(page.url(), demo.url, "no code stays in the address bar");
  assert.match(await tab.text("#status"), /Ada of the Harbour/);
  for (const step of [
    "discovery",
    "authorization",
    "person",
    "redirect",
    "token_request",
    "token_response",
    "keys",
    "id_token",
    "report",
    "userinfo",
  ]) {
    assert.ok(await page.$(done(step)), `${step} is shown`);
  }

  const redirected = new URL(tab.requestsTo("/callback.html")[0].url).searchParams;
  const redirect = await listed("redirect");
  assert.equal(redirect.state, asked.state);
  assert.equal(redirect.state, redirected.get("state"));
  assert.equal(redirect.iss, demo.issuer);
  assert.equal((await listed("keys")).kid.length, 43);

  const code = redirected.get("code");
  assert.ok(!(await page.content()).includes(code), "the code is hidden");
  assert.equal(await reveal("redirect", "code"), code);
  await reveal("redirect", "code");
  assert.ok(!(await page.content()).includes(code), "the code is hidden again");

  // Another library must confirm the signature that the page calls valid.
  const idToken = await reveal("token_response", "id_token");
  const { payload } = await jwtVerify(idToken, createRemoteJWKSet(new URL(`${demo.issuer}/jwks`)), {
    issuer: demo.issuer,
    audience: "oidc-wasm-demo",
  });
  assert.match(await tab.text("#step-id_token"), /The signature is valid\./);
  const claims = await listed("id_token");
  assert.equal(claims.sub, payload.sub);
  assert.equal(claims.nonce, asked.nonce);
  assert.equal(claims.exp, String(payload.exp));

  await page.$$eval("#step-report details", (folds) => {
    for (const fold of folds) fold.open = true;
  });
  assert.match(await tab.text("#step-report"), /rules that had nothing to check/);
  const verdicts = await page.$$eval("#step-report .rules li", (rows) =>
    // Only visible rows count.
    Object.fromEntries(
      rows.filter((row) => row.offsetHeight > 10).map((row) => [row.querySelector("code").textContent, row.className]),
    ),
  );
  for (const rule of ["jws.alg", "jws.signature", "id_token.iss", "id_token.aud", "id_token.exp", "id_token.nonce"]) {
    assert.equal(verdicts[rule], "pass", rule);
  }
  assert.ok(!Object.values(verdicts).includes("fail"));
  assert.equal(`${Object.keys(verdicts).length} rules`, await tab.text("#step-report summary"));
  assert.equal((await listed("userinfo")).name, "Ada of the Harbour");

  const first = await reveal("token_response", "access_token");
  const allOpen = () => page.$$eval("#sequence .seen > div > details", (folds) => folds.every(({ open }) => open));
  assert.equal(await allOpen(), false);
  await tab.press("Open all");
  assert.equal(await allOpen(), true);
  await tab.press("Refresh the tokens");
  await tab.reaches("refresh");
  assert.match(await tab.text("#step-refresh .changes"), /access token\s*new[\s\S]*refresh token\s*new/);
  await tab.press("The response");
  assert.notEqual(await reveal("refresh", "access_token"), first);
  await tab.press("Refresh now");
  await page.waitForFunction(() =>
    document.querySelector("#step-refresh .seen").textContent.includes("Refreshed 2 times"),
  );

  await tab.press("Sign out at Harbour");
  await tab.sees("Sign out?");
  await page.goBack();
  await tab.sees("A login you can watch");
  await page.goForward();
  await tab.sees("Sign out?");
  await tab.press("Sign out");
  await tab.sees("You are signed out");
  assert.equal(page.url(), demo.url);
  await tab.press("Sign in again");
  await tab.sees("Sign in");
  tab.finish();
  assert.deepEqual(
    notices.flatMap(({ mock }) => mock.calls),
    [],
    "oidc-provider has no warnings",
  );
});

test("every screen, in both colour schemes and on a small phone, has nothing that axe-core finds", async () => {
  const { page } = tab;
  await page.goto(demo.local);
  await tab.reaches("discovery");
  await tab.inspect("01-start");
  await tab.press("See the request first");
  await tab.reaches("authorization");
  await tab.inspect("02-request");
  await tab.press("Go to Harbour");
  await tab.sees("Sign in");
  await tab.inspect("03-provider-sign-in");
  await tab.press("Mara Lindqvist");
  await tab.sees("Allow this?");
  await tab.inspect("04-provider-consent");
  await tab.press("Allow");
  await tab.sees("You are signed in");
  await tab.inspect("05-signed-in");
  await tab.press("Refresh the tokens");
  await tab.reaches("refresh");
  await tab.inspect("06-refreshed");
  await tab.press("Sign out");
  await tab.sees("Sign out?");
  await tab.inspect("07-provider-sign-out");
  await tab.press("Sign out");
  await tab.sees("You are signed out");
  await tab.inspect("08-signed-out");
  await page.goto(`${demo.url}callback.html?code=none&state=none`);
  await tab.sees("This tab did not start that login");
  await tab.inspect("09-problem");
  await page.goto(`${demo.issuer}/auth?client_id=nobody`);
  await tab.sees("That did not work");
  await tab.inspect("10-provider-problem");
  tab.finish(/status of 400/);
});

test("with the keyboard alone", async () => {
  const { page } = tab;
  await page.goto(demo.local);
  await tab.reaches("discovery");

  /** Moves the focus to an element, checks that the focus is visible, and presses a key. */
  async function reach(label, key = "Enter") {
    for (let tabs = 0; tabs < 60; tabs++) {
      await page.keyboard.press("Tab");
      const { name, outline } = await page.evaluate(() => {
        const { textContent, id } = document.activeElement;
        return { name: textContent.trim() || id, outline: getComputedStyle(document.activeElement).outlineStyle };
      });
      if (!name.includes(label)) continue;
      assert.notEqual(outline, "none", `the focus on ${label} can be seen`);
      await page.keyboard.press(key);
      return;
    }
    assert.fail(`the Tab key does not reach "${label}"`);
  }

  await reach("Sign in at Harbour");
  await tab.sees("Sign in");
  await reach("username", "Home");
  await page.keyboard.type("Kim");
  await page.keyboard.press("Enter");
  await tab.sees("Allow this?");
  await reach("Allow", "Space");
  await tab.sees("You are signed in");
  await page.waitForFunction(() => document.activeElement.id === "heading");
  await reach("9 members", "Space");
  assert.ok((await listed("discovery")).token_endpoint);
  await reach("Show code", "Space");
  assert.match((await listed("redirect")).code, /^[\w-]{40,}$/);
  await reach("Refresh now");
  await tab.reaches("refresh");
  await reach("Sign out at Harbour");
  await tab.sees("Sign out?");
  await reach("Sign out");
  await tab.sees("You are signed out");
  tab.finish();
});

test("a button pressed twice refreshes once", async () => {
  await signIn(tab);
  await tab.page.$$eval("#step-refresh button", ([button]) => {
    button.click();
    button.click();
  });
  await tab.reaches("refresh");
  await tab.press("Refresh now");
  await tab.page.waitForFunction(() =>
    document.querySelector("#step-refresh .seen").textContent.includes("Refreshed 2"),
  );
  tab.finish();
});

test("consent refused", async () => {
  await leaveForProvider(tab);
  await tab.press("Yuki Tanaka");
  await tab.sees("Allow this?");
  await tab.press("Refuse");
  await tab.sees("You refused, and nothing was shared");
  assert.match(await tab.text("#status"), /access_denied[\s\S]*redirect\.oauth_error[\s\S]*RFC 6749/);
  assert.equal(tab.page.url(), demo.url);
  assert.equal(tab.requestsTo("/token").length, 0);
  await tab.inspect("11-refused");
  await tab.press("Start a new login");
  await tab.sees("Allow this?");
  await tab.press("Allow");
  await tab.sees("You are signed in");
  tab.finish();
});

test("a tampered state is refused, and the real answer still counts", async () => {
  const { page } = tab;
  await leaveForProvider(tab);
  const address = page.url();
  const forged = new URLSearchParams({ code: "stolen", state: "A".repeat(43), iss: demo.issuer });
  await page.goto(`${demo.url}callback.html?${forged}`);
  await tab.sees("This answer belongs to another login");
  assert.match(await tab.text("#status"), /redirect\.state[\s\S]*RFC 6749 §10\.12/);
  assert.ok(await page.$('#step-redirect[data-state="failed"]'));
  assert.equal(tab.requestsTo("/token").length, 0, "the code was not sent anywhere");

  await page.goto(address);
  await tab.press("Mara");
  await tab.press("Allow");
  await tab.sees("You are signed in");
  tab.finish();
});

test("the callback opened twice, and in another tab", async () => {
  await signIn(tab);
  const [{ url }] = tab.requestsTo("/callback.html");

  await tab.page.goto(url);
  await tab.sees("This answer has been used already");
  assert.match(await tab.text("#status"), /transaction\.malformed/);
  assert.equal(tab.requestsTo("/token").length, 1, "the code was sent once");
  assert.equal(tab.page.url(), demo.url);
  await tab.press("Start a new login");
  await tab.sees("You are signed in");
  tab.finish();

  const other = await visitor.tab();
  await other.page.goto(url);
  await other.sees("This tab did not start that login");
  assert.equal(other.requestsTo("/token").length, 0);
  other.finish();
});

test("the page reloaded after the callback", async () => {
  await signIn(tab);
  await tab.page.reload();
  await tab.sees("A login you can watch");
  assert.match(await tab.text("#status"), /reloaded the page, and its tokens are gone/);
  assert.equal(tab.page.url(), demo.url);
  await tab.press("Sign in at Harbour");
  await tab.sees("You are signed in");
  tab.finish();
});

test("storage lost on the way", async () => {
  await leaveForProvider(tab);
  const elsewhere = await visitor.tab();
  await elsewhere.page.goto(tab.page.url());
  await elsewhere.press("Mara");
  await elsewhere.press("Allow");
  await elsewhere.sees("This tab did not start that login");
  assert.equal(elsewhere.requestsTo("/token").length, 0);
  elsewhere.finish();
});

test("what is kept for the login is damaged", async () => {
  await leaveForProvider(tab);
  const back = tab.page.url();
  await tab.page.goto(demo.local);
  await tab.page.evaluate(() => {
    const key = "pending login";
    const pending = JSON.parse(sessionStorage.getItem(key));
    sessionStorage.setItem(key, JSON.stringify({ ...pending, transaction: pending.transaction.slice(0, -8) }));
  });
  await tab.page.goto(back);
  await tab.press("Mara");
  await tab.press("Allow");
  await tab.sees("What this tab kept for the login can’t be read");
  assert.equal(tab.requestsTo("/token").length, 0);
  tab.finish();
});

describe("the provider is down", () => {
  ownDemo(beforeEach, afterEach, { providerPort: lowPort() });

  test("the provider is down when the page opens, and back later", async () => {
    const { port } = new URL(demo.issuer);
    await demo.provider.close();
    await tab.page.goto(demo.local);
    await tab.sees("The provider can’t be reached");
    assert.match(await tab.text("#status"), /http\.failed/);
    await tab.inspect("12-provider-down");
    const revived = await startProvider({ port: Number(port), clients: demo.clients });
    try {
      // The metadata arrives after the press: no press is lost.
      await tab.page.setRequestInterception(true);
      const asked = new Promise((resolve) => {
        tab.page.on("request", (request) =>
          request.url().endsWith("/openid-configuration") ? resolve(request) : request.continue(),
        );
      });
      await tab.press("Try again");
      const metadata = await asked;
      await tab.sees("A login you can watch");
      await tab.press("Sign in at Harbour");
      await metadata.continue();
      await tab.sees("Sign in");
    } finally {
      await revived.close();
    }
    tab.finish(/ERR_CONNECTION_REFUSED/);
  });

  test("the provider is down when tokens are refreshed", async () => {
    await signIn(tab);
    await demo.provider.close();
    await tab.press("Refresh the tokens");
    await tab.sees("The provider can’t be reached");
    assert.ok(await tab.page.$('#step-refresh[data-state="failed"]'));
    tab.finish(/ERR_CONNECTION_REFUSED/);
  });
});

/** For each fault: the page's message, the step that fails, and the number of requests to the token endpoint and userinfo. */
const faults = {
  "redirect.state": ["This answer belongs to another login", "redirect", 0, 0],
  "redirect.iss": ["This answer comes from another provider", "redirect", 0, 0],
  "redirect.missing_parameter": ["The provider’s answer makes no sense", "redirect", 0, 0],
  "token.oauth_error": ["The provider refused to issue tokens", "token_response", 1, 0],
  "token.missing_id_token": ["The ID token is missing", "token_response", 1, 0],
  "token.token_type": ["The token response was not accepted", "token_response", 1, 0],
  "token.down": ["The provider can’t be reached", "token_request", 1, 0],
  "jws.signature": ["The ID token was not accepted", "report", 1, 0],
  "id_token.nonce": ["The ID token was not accepted", "report", 1, 0],
  "userinfo.sub": ["Userinfo was not accepted", "userinfo", 1, 1],
};
describe("the provider breaks a rule", () => {
  let op;
  // The test provider needs no person.
  const start = async () => {
    const { close, providers } = await serveProviders(async (issuer) => [await createTestProvider({ issuer })]);
    [op] = providers;
    return { issuer: op.issuer, close };
  };
  ownDemo(before, after, { start });

  for (const [fault, [heading, step, exchanges, questions]] of Object.entries(faults)) {
    test(fault, async () => {
      op.mend();
      await tab.page.goto(demo.local);
      await tab.reaches("discovery");
      op.break(fault);
      await tab.press("Sign in at Harbour");
      await tab.sees(heading);
      assert.ok((await tab.text("#status")).includes(ruleOf(fault)), "the rule's code");
      assert.ok(await tab.page.$(`#step-${step}[data-state="failed"]`), `${step} failed`);
      const asked = (end) => tab.requestsTo(end).filter(({ method }) => /POST|GET/.test(method)).length;
      assert.deepEqual([asked("/token"), asked("/userinfo")], [exchanges, questions], "requests");
      if (fault === "token.down") assert.match(await tab.text("#step-token_request"), /No answer/);
      if (fault === "jws.signature") {
        assert.match(await tab.text("#step-id_token"), /The signature is not valid\./);
        await tab.inspect("13-signature");
      }
      tab.finish(/ERR_EMPTY_RESPONSE|ERR_CONNECTION|status of 400/);
    });
  }
});

test("the Content-Security-Policy is sent, and holds", async () => {
  const { page } = tab;
  await page.goto(demo.local);
  const policy = await page.$eval('meta[http-equiv="Content-Security-Policy"]', ({ content }) => content);
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval';/);
  assert.doesNotMatch(policy, /'unsafe-(inline|eval|hashes)'/);
  await tab.reaches("discovery");
  tab.finish();

  const refused = await page.evaluate(
    () =>
      new Promise((resolve) => {
        document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => resolve(effectiveDirective));
        const script = document.createElement("script");
        script.append("document.title = 'run';");
        document.head.append(script);
      }),
  );
  assert.match(refused, /script-src|trusted-types/);
  assert.notEqual(await page.title(), "run");
  assert.throws(() => tab.finish(), /console is quiet/, "and this test detects errors");
});
