/** The inspector: every kind of message, judged by the engine, and nothing that leaves the document. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { order } from "../../www/site/inspect/rules.js";
import { faults } from "../support/provider/faults.js";
import { createTestProvider } from "../support/provider/index.js";
import { openChromium } from "./chromium.mjs";
import { packageFiles } from "./package.mjs";
import { serveSite } from "./static.mjs";

const issuer = "https://op.test";
const api = "https://api.example";

let chromium;
let host;
let visitor;
let tab;
let provider;
let keys;

before(async () => {
  chromium = await openChromium();
  host = await serveSite({ packageFiles });
  visitor = await chromium.visitor();
  tab = await visitor.tab();
  provider = await createTestProvider({ issuer });
  keys = await (await provider.fetch(`${issuer}/jwks`)).text();
});
after(async () => {
  await chromium?.close();
  await host?.close();
});
beforeEach(async () => {
  await tab.page.goto("about:blank");
  await tab.page.goto(`${host.url}inspect.html`);
  await tab.page.waitForSelector("html[data-ready]");
});

const fillIn = (selector, value) =>
  tab.page.$eval(
    selector,
    (field, value) => {
      /** @type {any} */ (field).value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    },
    value,
  );

/** The last of several judgements counts. */
const isJudged = () =>
  tab.page.waitForFunction(
    () => document.querySelector("#said").textContent && document.querySelector("#judged:not([aria-busy])"),
  );

/** Pastes a message, with what is expected. Resolves to the kind and to the verdict of each rule. */
async function inspect(message, expected = {}) {
  await tab.page.$eval("#said", (element) => {
    element.textContent = "";
  });
  await fillIn("#message", message);
  for (const [name, value] of Object.entries(expected)) await fillIn(`#setting-${name}`, value);
  await isJudged();
  return tab.page.evaluate(() => ({
    kind: /** @type {any} */ (document.querySelector("#kind")).value,
    said: document.querySelector("#said").textContent,
    rules: Object.fromEntries(
      [...document.querySelectorAll("#judged .rules li")].map((row) => [
        row.querySelector("code").textContent,
        row.className,
      ]),
    ),
    text: /** @type {HTMLElement} */ (document.querySelector("#judged")).innerText,
  }));
}

const now = () => Math.floor(Date.now() / 1000);
const idClaims = () => ({ iss: issuer, sub: "alice", aud: "app", iat: now(), exp: now() + 300, nonce: "n" });
const accessClaims = () => ({
  iss: issuer,
  sub: "alice",
  aud: api,
  client_id: "app",
  scope: "read",
  iat: now(),
  exp: now() + 300,
  jti: "1",
});

test("screen readers know the verdict before there is one, so that they announce it", async () => {
  const known = await tab.page.$eval("#said", (said) => [said.textContent, said.role, getComputedStyle(said).display]);
  assert.deepEqual(known, ["", "status", "block"]);
});

test("an ID token: every rule, with and without keys, and with a wrong expectation", async () => {
  const token = await provider.sign(idClaims());
  const bare = await inspect(token);
  assert.equal(bare.kind, "idToken");
  assert.equal(bare.rules["jws.signature"], "open");
  assert.match(bare.text, /The signature is not verified/);
  assert.match(bare.text, /Taken from the message itself[^\n]*Issuer/);

  const good = await inspect(token, { issuer, clientId: "app", nonce: "n", algorithm: "RS256", keys });
  assert.equal(good.rules["jws.signature"], "pass");
  assert.match(good.text, /The signature is valid/);
  assert.doesNotMatch(good.text, /Taken from the message itself/);

  const other = await inspect(token, { nonce: "another", keys });
  assert.deepEqual([other.rules["id_token.nonce"], other.rules["jws.signature"]], ["fail", "pass"]);
  assert.match(other.text, /What to do/);

  const forged = `${token.slice(0, -8)}AAAAAAAA`;
  const wrong = await inspect(forged, { keys });
  assert.equal(wrong.rules["jws.signature"], "fail");
});

test("the slider moves the moment of the verdict", async () => {
  const token = await provider.sign(idClaims());
  const verdict = async () => (await inspect(token, { issuer })).rules["id_token.exp"];
  assert.equal(await verdict(), "pass");
  const late = async (seconds) => {
    await fillIn("#slider", String(now() + seconds));
    await isJudged();
    return tab.page.$$eval(
      "#judged .rules li",
      (rows) => rows.find((row) => row.querySelector("code").textContent === "id_token.exp").className,
    );
  };
  assert.equal(await late(3600), "fail");
  assert.equal(await late(60), "pass");
  assert.equal(await late(-3600), "pass");
});

test("an access token: each broken rule, also behind another one", async () => {
  const good = await inspect(await provider.sign(accessClaims(), { typ: "at+jwt" }), { audience: api, keys });
  assert.equal(good.kind, "accessToken");
  assert.deepEqual(
    Object.entries(good.rules).filter(([, verdict]) => verdict === "fail" || verdict === "later"),
    [],
  );
  assert.equal(good.rules["jws.signature"], "pass");

  const bad = {
    ...accessClaims(),
    iss: "https://evil.example",
    aud: "https://other.example",
    iat: now() - 900,
    exp: now() - 600,
  };
  const several = await inspect(await provider.sign(bad, { typ: "at+jwt" }), { issuer, audience: api, scope: "write" });
  for (const rule of ["iss", "aud", "exp", "scope"]) assert.equal(several.rules[`access_token.${rule}`], "fail", rule);
  assert.equal(several.rules["jws.signature"], "pass", "the keys are still there");

  const typed = await inspect(await provider.sign(accessClaims(), { typ: "secevent+jwt" }), { audience: api });
  assert.equal(typed.kind, "accessToken");
  assert.deepEqual([typed.rules["access_token.typ"], typed.rules["access_token.iss"]], ["fail", "later"]);
});

test("a logout token", async () => {
  const good = await inspect(await provider.logoutToken("app", "session"), { issuer, clientId: "app", keys });
  assert.equal(good.kind, "logoutToken");
  assert.match(good.said, /no rule is broken/);
  provider.break("logout_token.jti");
  const bad = await inspect(await provider.logoutToken("app", "session"), { keys });
  provider.mend();
  assert.deepEqual(
    [bad.rules["logout_token.exp"], bad.rules["logout_token.jti"], bad.rules["logout_token.events"]],
    ["pass", "fail", "later"],
  );
});

test("a redirect address: what can be known without its login, and with it", async () => {
  const good = await inspect("https://app.example/cb?code=abc&state=xyz&iss=https%3A%2F%2Fop.test", { issuer });
  assert.equal(good.kind, "redirect");
  assert.deepEqual([good.rules["redirect.iss"], good.rules["redirect.state"]], ["pass", "open"]);
  const doubled = await inspect("https://app.example/cb?code=abc&code=abc&state=xyz");
  assert.deepEqual([doubled.rules["redirect.duplicate_parameter"], doubled.rules["redirect.state"]], ["fail", "later"]);
  const refused = await inspect("https://app.example/cb?error=access_denied&state=xyz");
  assert.equal(refused.rules["redirect.oauth_error"], "fail");
  const other = await inspect("https://app.example/cb?code=abc&state=xyz&iss=https%3A%2F%2Fevil.example", { issuer });
  assert.equal(other.rules["redirect.iss"], "fail");
});

test("a signed authorization response: its signature, its claims, then the rules of a redirect", async () => {
  const claims = { iss: issuer, aud: "app", exp: now() + 300, code: "abc", state: "xyz" };
  const answer = async (/** @type {object} */ more = {}, { header = {}, sent = "?response=", after = "" } = {}) =>
    `https://app.example/cb${sent}${await provider.sign({ ...claims, ...more }, { typ: "JWT", ...header })}${after}`;
  const expected = { issuer, clientId: "app", keys };
  for (const sent of ["?response=", "#response="]) {
    const good = await inspect(await answer({}, { sent }), expected);
    assert.equal(good.kind, "redirect");
    const { "redirect.state": state, ...others } = good.rules;
    assert.deepEqual([state, new Set(Object.values(others))], ["open", new Set(["pass"])], JSON.stringify(good.rules));
    assert.equal(others["jws.signature"], "pass");
    assert.match(good.text, /The signature is valid/);
  }
  const unchecked = await inspect(await answer(), { issuer, clientId: "app", keys: "" });
  assert.deepEqual([unchecked.rules["jws.signature"], unchecked.rules["jarm.iss"]], ["open", "pass"]);
  const forged = `${(await answer()).slice(0, -8)}AAAAAAAA`;
  assert.equal((await inspect(forged, expected)).rules["jws.signature"], "fail");
  const rows = [
    ["jarm.iss", { iss: "https://evil.example" }],
    ["jarm.aud", { aud: "another" }],
    ["jarm.exp", { exp: now() - 60 }],
    ["jarm.exp", { exp: undefined }],
    ["redirect.oauth_error", { code: undefined, error: "access_denied" }],
    ["redirect.missing_parameter", { code: undefined }],
    ["jws.crit", {}, { header: { crit: ["exp"] } }],
    ["jws.typ", {}, { header: { typ: "at+jwt" } }],
    ["redirect.unexpected_parameter", {}, { after: "&code=abc" }],
    ["redirect.duplicate_parameter", {}, { after: "&response=a.b.c" }],
  ];
  for (const [rule, more, how] of /** @type {any} */ (rows)) {
    const { rules } = await inspect(await answer(more, how), expected);
    assert.equal(rules[rule], "fail", `${rule}: ${JSON.stringify(rules)}`);
  }
  // Behind a broken claim, the next rules are judged too. That shows the order of the engine.
  const broken = [
    ["jarm.iss", { iss: "https://evil.example" }],
    ["jarm.aud", { aud: "another" }],
    ["jarm.exp", { exp: now() - 60 }],
    ["redirect.oauth_error", { code: undefined, error: "access_denied" }],
  ];
  for (let at = 0; at + 1 < broken.length; at++) {
    const [[first, one], [second, other]] = /** @type {any} */ (broken.slice(at));
    const { rules } = await inspect(await answer({ ...one, ...other }), expected);
    assert.deepEqual([rules[first], rules[second]], ["fail", "fail"], `${first}, ${second}: ${JSON.stringify(rules)}`);
    assert.ok(order.signedResponse.indexOf(first) < order.signedResponse.indexOf(second));
  }
  const { rules } = await inspect(await answer({ iss: "x" }, { header: { typ: "at+jwt" } }), expected);
  assert.deepEqual([rules["jws.typ"], rules["jarm.iss"]], ["fail", "later"]);
});

test("a token response, and the ID token inside", async () => {
  const id_token = await provider.sign(idClaims());
  const good = await inspect(JSON.stringify({ access_token: "a", token_type: "Bearer", expires_in: 60, id_token }));
  assert.equal(good.kind, "tokenResponse");
  assert.match(good.said, /no rule is broken/);
  await tab.press("Inspect the ID token inside");
  await tab.page.waitForFunction(() => /** @type {any} */ (document.querySelector("#kind")).value === "idToken");
  const bad = await inspect('{"access_token":"a","token_type":"mac","id_token":"x"}');
  assert.deepEqual(
    [bad.rules["token.access_token"], bad.rules["token.token_type"], bad.rules["token.scope"]],
    ["pass", "fail", "later"],
  );
  const missing = await inspect('{"access_token":"a","token_type":"Bearer"}');
  assert.equal(missing.rules["token.missing_id_token"], "fail");
  const twice = await inspect('{"access_token":"a","access_token":"a","token_type":"Bearer"}');
  assert.equal(twice.rules["json.duplicate"], "fail");
});

test("metadata, keys and a header", async () => {
  const metadata = await inspect(JSON.stringify(provider.metadata));
  assert.equal(metadata.kind, "metadata");
  assert.equal(metadata.rules["discovery.metadata"], "pass");
  assert.equal((await inspect('{"issuer":"https://op.test","jwks_uri":5}')).rules["discovery.metadata"], "fail");
  assert.equal(
    (await inspect(JSON.stringify(provider.metadata), { issuer: "https://other.example" })).rules["discovery.issuer"],
    "fail",
  );

  const set = await inspect(keys);
  assert.equal(set.kind, "keySet");
  assert.match(set.text, /usable\s+RSA · sig/);
  assert.match(set.text, /not used\s+RSA · enc/);
  assert.match(
    (await inspect('{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"k"}]}')).text,
    /rejected[\s\S]*jwks\.weak_key/,
  );
  assert.equal((await inspect('{"keys":{}}')).rules["jwks.malformed"], "fail");

  const header = await inspect('WWW-Authenticate: Bearer error="insufficient_scope", scope="write"');
  assert.equal(header.kind, "challenge");
  assert.match(header.text, /insufficient_scope[\s\S]*"scope": "write"/);
});

test("the kind can be overruled", async () => {
  const token = await provider.sign(idClaims());
  await inspect(token);
  await tab.page.select("#kind", "accessToken");
  await tab.page.waitForFunction(() => document.querySelector("#said").textContent.startsWith("Access token"));
  tab.finish();
});

test("the order of the rules is the engine's: of two broken neighbours the first is reported", async () => {
  const broken = {
    accessToken: [
      "access_token.typ",
      "access_token.iss",
      "access_token.aud",
      "access_token.exp",
      "access_token.nbf",
      "access_token.cnf",
    ],
    logoutToken: [
      "logout_token.typ",
      "logout_token.iss",
      "logout_token.aud",
      "logout_token.iat",
      "logout_token.exp",
      "logout_token.jti",
      "logout_token.events",
      "logout_token.nonce",
      "logout_token.subject",
    ],
  };
  const make = {
    accessToken: async (names) => {
      const token = { header: { typ: "at+jwt" }, claims: accessClaims() };
      for (const name of names) await faults[name].accessToken(/** @type {any} */ (token));
      return provider.sign(token.claims, token.header);
    },
    logoutToken: async (names) => {
      for (const name of names) provider.break(name);
      const token = await provider.logoutToken("app", "session");
      provider.mend();
      return token;
    },
  };
  for (const [kind, rules] of Object.entries(broken)) {
    assert.deepEqual(
      order[kind].filter((rule) => rules.includes(rule)),
      rules,
    );
    for (let at = 0; at + 1 < rules.length; at++) {
      const pair = [rules[at], rules[at + 1]];
      assert.equal(await firstFailure(kind, await make[kind](pair)), pair[0], pair.join(" and "));
    }
  }
});

/** The rule that the page shows as failed first, in the order of its list. */
async function firstFailure(kind, token) {
  await fillIn("#message", token);
  await tab.page.select("#kind", kind);
  const expected = kind === "accessToken" ? { issuer, audience: api } : { issuer, clientId: "app" };
  for (const [name, value] of Object.entries(expected)) await fillIn(`#setting-${name}`, value);
  await isJudged();
  return tab.page.$eval("#judged .rules li.fail code", (code) => code.textContent);
}

test("nothing can be sent from the document, and nothing was", async () => {
  await inspect(await provider.sign(idClaims()), { keys });
  const before = tab.requests.length;
  const refused = await tab.page.evaluate(async () => {
    const violated = new Promise((resolve) =>
      document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => resolve(effectiveDirective)),
    );
    await fetch("inspect.html?leak").catch(() => {});
    return violated;
  });
  assert.equal(refused, "connect-src");
  assert.equal(tab.requests.slice(before).filter(({ url }) => !url.includes("leak")).length, 0);
  assert.match(await tab.text("#isolated"), /cannot send anything/);
});

test("what is pasted enters an address only when it is shared, without signature", async () => {
  const token = await provider.sign(idClaims());
  await inspect(token, { keys });
  assert.equal(tab.page.url(), `${host.url}inspect.html`);
  assert.equal(
    await tab.page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]).includes("eyJ")),
    false,
  );
  await tab.press("Share without signature");
  const address = await tab.text("#shared code");
  const [header, claims, signature] = token.split(".");
  assert.ok(address.includes(`${header}.${claims}.`) && !address.includes(signature));
  await tab.page.goto("about:blank");
  await tab.page.goto(address);
  await tab.page.waitForFunction(() => document.querySelector("#said")?.textContent);
  assert.equal(await tab.page.$eval("#message", (field) => /** @type {any} */ (field).value), `${header}.${claims}.`);
  // The address of another message, in the same tab.
  await fillIn("#message", "");
  await tab.page.evaluate(() =>
    Object.assign(location, { hash: "#kind=redirect&message=https%3A%2F%2Fa.example%3Fcode%3Dc" }),
  );
  await tab.page.waitForFunction(() => document.querySelector("#said")?.textContent?.startsWith("Redirect"));
  const redirect = await inspect("https://app.example/cb?code=secret&state=alsosecret");
  assert.equal(redirect.kind, "redirect");
  await tab.press("Share without signature");
  assert.doesNotMatch(await tab.text("#shared code"), /secret/);
});

test("what is shared works nowhere, whatever kind was chosen", async () => {
  const share = async (message, chosen) => {
    await inspect(message);
    if (chosen) await tab.page.select("#kind", chosen);
    await tab.page.$eval("#share", (button) => /** @type {any} */ (button).click());
    const address = await tab.page.$eval("#shared", (place) => place.querySelector("code")?.textContent ?? "");
    return address && new URLSearchParams(new URL(address).hash.slice(1)).get("message");
  };
  const token = await provider.sign(idClaims());
  const unsigned = token.slice(0, token.lastIndexOf(".") + 1);
  assert.equal(await share(token, "metadata"), unsigned);
  assert.equal(await share(`https://app.example/cb?response=${token}`), "https://app.example/cb?response=%E2%80%A6");
  assert.equal(await share(`https://app.example/cb?logout=${token}`), `https://app.example/cb?logout=${unsigned}`);
  assert.equal(await share("https://app.example/cb?c%6Fde=ab?cd&x=1"), "https://app.example/cb?code=%E2%80%A6&x=1");
  assert.equal(await share("https://app.example/cb?__proto__=1&iss=a"), "https://app.example/cb?__proto__=1&iss=a");
  assert.equal(await share("Basic YXBwOnNlY3JldA=="), "Basic …");
  assert.equal(await share('Bearer realm="api"'), 'Bearer realm="api"');
  const open = { kty: "EC", crv: "P-256", x: "eA", y: "eQ" };
  assert.equal(await share(JSON.stringify({ keys: [{ ...open, d: "key" }] })), JSON.stringify({ keys: [open] }));
  assert.match(await tab.text("#judged"), /A key here is private/);
  await inspect(JSON.stringify({ keys: [open] }));
  assert.doesNotMatch(await tab.text("#judged"), /private/);
});

test("each key of a set is judged alone, and only what has a time has a slider", async () => {
  const key = JSON.parse(keys).keys.find(({ use, kty }) => use !== "enc" && kty === "RSA");
  const { kid: _, ...nameless } = key;
  const isShown = () => tab.page.$eval("#time", (field) => field.checkVisibility());
  assert.equal(await isShown(), false);
  await inspect(await provider.sign(idClaims()));
  assert.equal(await isShown(), true);
  const { text } = await inspect(JSON.stringify({ keys: [nameless, { kty: "oct", k: "AA" }] }));
  assert.match(text, /usable\s+RSA[\s\S]*(not used|rejected)\s+oct/);
  assert.equal(await isShown(), false);
});

test("a hostile message has a verdict of its own, not the one before", async () => {
  const part = (/** @type {string} */ text) => Buffer.from(text).toString("base64url");
  const token = (/** @type {string} */ header, /** @type {string} */ claims) => `${part(header)}.${part(claims)}.AAAA`;
  const odd = '{"toString":1,"valueOf":1}';
  const good = await inspect(await provider.sign(idClaims()), { keys });
  assert.match(good.said ?? "", /no rule is broken/);
  const refused = async (/** @type {string} */ message, /** @type {string} */ rule) =>
    assert.equal((await inspect(message)).rules[rule], "fail", message);
  await refused("https://[", "redirect.state");
  await refused(token(`{"alg":"RS256","typ":${odd}}`, '{"aud":"a"}'), "jws.typ");
  await refused(token('{"alg":"RS256"}', `{"iss":${odd},"aud":[${odd}],"exp":${odd},"nonce":${odd}}`), "id_token.iss");
  await refused(token('{"alg":"RS256"}', '{"iss":"https://a.example"}'), "id_token.aud");
  await refused(token('{"alg":"RS256"}', '{"aud":"a","constructor":1,"__proto__":2}'), "id_token.iss");
  await refused(`{"access_token":"a","token_type":"Bearer","id_token":${odd}}`, "token.id_token");
  // The message's own algorithm becomes an expectation only if a signature can have it.
  const [encrypted, signed] = ["id_token.encrypted", "jws.alg"];
  await refused(`${part('{"alg":"RSA-OAEP","enc":"A256GCM"}')}.AAAA.AAAA.AAAA.AAAA`, encrypted);
  await refused(token('{"alg":"RSA-OAEP"}', '{"aud":"a"}'), signed);
  const keySet = await inspect(`{"keys":[{"kty":${odd},"alg":${odd},"kid":${odd}}]}`);
  assert.match(keySet.text, /not used/);
  const marked = await inspect(token('{"alg":"RS256","kid":"<img src=x>"}', '{"<img src=x>":"<img src=x>"}'));
  assert.match(marked.text, /<img src=x>/);
  assert.equal(await tab.page.$("main img"), null);
});

test("with the keyboard alone", async () => {
  const { page } = tab;
  const focused = () =>
    page.evaluate(() => {
      const element = /** @type {any} */ (document.activeElement);
      return { id: element.id || element.textContent.trim(), outline: getComputedStyle(element).outlineStyle };
    });
  const reach = async (wanted) => {
    for (let tabs = 0; tabs < 30; tabs++) {
      await page.keyboard.press("Tab");
      const { id, outline } = await focused();
      if (id !== wanted) continue;
      assert.notEqual(outline, "none", `the focus on ${wanted} can be seen`);
      return;
    }
    assert.fail(`the Tab key does not reach ${wanted}`);
  };
  await reach("message");
  await page.keyboard.type('{"issuer":"https://op.test"}');
  await reach("kind");
  await reach("What you expect");
  await page.keyboard.press("Enter");
  await reach("setting-issuer");
  await page.keyboard.type("https://other.example");
  await isJudged();
  assert.match(await tab.text("#verdict"), /1 rule broken[\s\S]*discovery\.issuer/);
  assert.equal(await page.$eval("#said", ({ role }) => role), "status");
  // An earlier test tries to send something.
  tab.finish(/leak/);
});

test("nothing that axe-core finds, in each colour scheme and on a small phone", async () => {
  await inspect(await provider.sign(idClaims()), { nonce: "another", keys });
  await tab.inspect("18-inspect");
});
