/** Logins with other parameters: the request must contain the visitor's choices. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { startDemo } from "../../www/server.mjs";
import { forEachVisitor } from "./chromium.mjs";
import { packageFiles } from "./package.mjs";

let demo;
let tab;
forEachVisitor(
  () => startDemo({ packageFiles }),
  (given) => ({ site: demo = demo, tab = tab } = given),
);

async function openAsk() {
  await tab.page.goto(demo.local);
  await tab.reaches("discovery");
  await tab.press("Ask for something else");
}

const choose = (name, value) => tab.page.click(`#ask input[name="${name}"][value="${value}"]`);

const signIn = (to) => tab.signIn({ from: "Sign in with this", to });

const steps = () =>
  tab.page.$$eval("#sequence > li", (items) =>
    items.map(({ id, dataset }) => [id.replace("step-", ""), dataset.state]),
  );

const rows = (selector) =>
  tab.page.$$eval(`${selector} .receivers tbody tr`, (rows) =>
    rows.map((row) => [...row.children].map((cell) => cell.textContent)),
  );

/** The client authentication in the token request. */
const proofs = {
  none: ({ headers, body }) => {
    assert.equal(headers.authorization, undefined);
    assert.equal(body.get("client_id"), "oidc-wasm-demo");
    assert.equal(body.get("client_secret") ?? body.get("client_assertion"), null);
  },
  client_secret_basic: ({ headers, body }) => {
    assert.match(atob(headers.authorization.replace("Basic ", "")), /^oidc-wasm-demo-client_secret_basic:[\w-]{43}$/);
    assert.equal(body.get("client_secret"), null);
  },
  client_secret_post: ({ headers, body }) => {
    assert.equal(headers.authorization, undefined);
    assert.match(body.get("client_secret"), /^[\w-]{43}$/);
  },
  client_secret_jwt: ({ body }) => assertion(body, "HS256"),
  private_key_jwt: ({ body }) => assertion(body, "ES256"),
};

function assertion(body, alg) {
  const jwt = body.get("client_assertion");
  assert.equal(decodeProtectedHeader(jwt).alg, alg);
  assert.equal(decodeJwt(jwt).iss, decodeJwt(jwt).sub);
  assert.equal(body.get("client_secret"), null);
}

const logins = [
  { type: "code", mode: "form_post", method: "client_secret_basic" },
  { type: "code", mode: "fragment", method: "client_secret_jwt" },
  { type: "code id_token", mode: "form_post", method: "private_key_jwt" },
  { type: "code id_token token", mode: "", method: "client_secret_post" },
  { type: "id_token", mode: "form_post", method: "none" },
  { type: "id_token token", mode: "fragment", method: "none" },
];

for (const { type, mode, method } of logins) {
  test(`${type}, ${mode || "its own mode"}, ${method}`, async () => {
    const { page } = tab;
    const brings = (what) => type.split(" ").includes(what);
    await openAsk();
    await choose("responseType", type);
    await choose("responseMode", mode);
    await choose("method", method);
    await signIn();

    const asked = new URL(tab.requestsTo("/auth")[0].url).searchParams;
    assert.equal(asked.get("response_type"), type);
    assert.equal(asked.get("response_mode") ?? "", mode);

    const [callback] = tab.requestsTo("/callback.html");
    const posted = mode === "form_post";
    assert.equal(callback.method, posted ? "POST" : "GET");
    const answer = posted ? callback.body : new URLSearchParams(new URL(callback.url).hash.slice(1));
    for (const [what, parameter] of [
      ["code", "code"],
      ["id_token", "id_token"],
      ["token", "access_token"],
    ]) {
      assert.equal(answer.has(parameter), brings(what), parameter);
      if (brings(what)) assert.ok(!(await page.content()).includes(answer.get(parameter)), `${parameter} is hidden`);
    }
    assert.equal(page.url(), demo.url, "the address bar keeps no part of the response");

    const exchanges = tab.requestsTo("/token").filter(({ method }) => method === "POST");
    assert.equal(exchanges.length, brings("code") ? 1 : 0);
    if (brings("code")) proofs[method](exchanges[0]);

    const shown = await steps();
    const names = shown.map(([name]) => name);
    assert.equal(names.includes("token_request"), brings("code"));
    assert.equal(names.includes("front_token"), brings("code") && brings("id_token"));
    assert.equal(names.includes("userinfo"), type !== "id_token");
    const waiting = shown.filter(([, state]) => state !== "done").map(([name]) => name);
    assert.deepEqual(waiting, brings("code") ? ["refresh", "sign_out"] : ["sign_out"]);
    assert.match(await tab.text("#status"), /none failed/);
    if (brings("code")) {
      await tab.press("Refresh the tokens");
      await tab.reaches("refresh");
    }

    // A reload sends a new request. It does not post the form again.
    await page.reload();
    await tab.sees("A login you can watch");
    assert.equal(tab.requestsTo("/callback.html").length, 1);
    tab.finish();
  });
}

test("none: a yes, and nothing else", async () => {
  await openAsk();
  await choose("responseType", "none");
  await signIn("Harbour says yes");
  assert.equal(tab.requestsTo("/token").length, 0);
  assert.deepEqual(
    (await steps()).map(([name]) => name),
    ["discovery", "authorization", "person", "redirect"],
  );
  await tab.press("Break this login");
  await tab.press("Try it");
  await tab.page.waitForSelector("#break .sides");
  assert.match(await tab.text("#break .said"), /redirect\.state/);
  tab.finish();
});

test("tokens are never asked for in a query", async () => {
  await openAsk();
  const query = () => tab.page.$eval('#ask [value="query"]', ({ checked, disabled }) => ({ checked, disabled }));
  await choose("responseMode", "query");
  assert.deepEqual(await query(), { checked: true, disabled: false });
  await choose("responseType", "code token");
  assert.deepEqual(await query(), { checked: false, disabled: true });
  await choose("responseType", "code");
  assert.deepEqual(await query(), { checked: false, disabled: false });
  tab.finish();
});

test("scopes and resources: the table, and then the tokens", async () => {
  const { page } = tab;
  const [first, second] = ["https://api.example.com", "https://api.another.com"];
  await openAsk();
  for (const scope of ["read", "write", "delete"]) await choose("scope", scope);
  assert.match(await tab.text("#ask"), /read write delete reaches no service/);
  await choose("resource", first);
  assert.match(await tab.text("#ask"), /delete reaches no service/);
  await choose("resource", second);
  assert.doesNotMatch(await tab.text("#ask"), /reaches no service/);
  const table = [
    ["Harbour itself", "openid profile email"],
    [first, "read write"],
    [second, "read delete"],
  ];
  assert.deepEqual(await rows("#ask"), table);
  assert.match(await tab.text("#ask .preview"), /resource=https:\/\/api\.example\.com\s+resource=https:/);
  await tab.inspect("14-ask");

  await tab.press("See this request first");
  await tab.reaches("authorization");
  await tab.press("Go to Harbour");
  await tab.sees("Sign in");
  await tab.press("Mara Lindqvist");
  await tab.sees("Allow this?");
  await tab.press("Allow");
  await tab.sees("You are signed in");
  assert.deepEqual(new URL(tab.requestsTo("/auth")[0].url).searchParams.getAll("resource"), [first, second]);

  const shown = await rows("#step-resources");
  assert.deepEqual(
    shown.map(([name, scopes]) => [name, scopes]),
    table,
  );
  assert.deepEqual(
    shown.map((cells) => cells.at(-1)),
    ["agrees", "agrees", "agrees"],
  );
  const exchanges = tab.requestsTo("/token").filter(({ method }) => method === "POST");
  assert.deepEqual(
    exchanges.map(({ body }) => [body.get("grant_type"), body.get("resource")]),
    [
      ["authorization_code", null],
      ["refresh_token", first],
      ["refresh_token", second],
    ],
  );

  // Another library must confirm the page's values for the tokens.
  await tab.press("Open all");
  const tokens = await page.$$eval("#step-resources .members > div", (rows) =>
    rows
      .filter((row) => row.querySelector("dt").textContent === "access_token")
      .map((row) => {
        row.querySelector("button").click();
        return row.querySelector(".value code").textContent;
      }),
  );
  const keys = createRemoteJWKSet(new URL(`${demo.issuer}/jwks`));
  for (const [index, token] of tokens.entries()) {
    const { payload } = await jwtVerify(token, keys, { issuer: demo.issuer, typ: "at+jwt" });
    assert.deepEqual([payload.aud, payload.scope], table[index + 1]);
    assert.deepEqual([shown[index + 1][2], shown[index + 1][3]], table[index + 1]);
  }
  assert.equal(tokens.length, 2);
  await tab.press("Close all");
  await tab.inspect("15-resources");
  tab.finish();
});

test("an unknown resource", async () => {
  await openAsk();
  await choose("resource", "https://api.elsewhere.example");
  assert.match(await tab.text("#ask"), /resource\.unknown[\s\S]*RFC 8707 §2/);
  await tab.press("Sign in with this");
  await tab.sees("The provider does not know that service");
  assert.match(await tab.text("#status"), /invalid_target/);
  assert.equal(tab.requestsTo("/token").length, 0);
  await tab.inspect("16-unknown-resource");
  tab.finish();
});

test("with the keyboard alone", async () => {
  const { page } = tab;
  await page.goto(demo.local);
  await tab.reaches("discovery");
  const press = async (key, times = 1) => {
    for (let time = 0; time < times; time++) await page.keyboard.press(key);
  };
  const focus = () =>
    page.evaluate(() => /** @type {any} */ (document.activeElement).value || document.activeElement.textContent.trim());
  await page.focus("#ask summary");
  await press("Enter");
  await press("Tab");
  assert.equal(await focus(), "code");
  await press("ArrowDown");
  assert.equal(await focus(), "code id_token");
  await press("Tab");
  assert.equal(await focus(), "", "the response mode");
  await press("Tab");
  assert.equal(await focus(), "profile");
  await press("Space");
  assert.doesNotMatch(await tab.text("#ask .preview"), /profile/);
  for (let tabs = 0; tabs < 20 && (await focus()) !== "Sign in with this"; tabs++) await press("Tab");
  await press("Enter");
  await tab.sees("Sign in");
  const asked = new URL(tab.requestsTo("/auth")[0].url).searchParams;
  assert.deepEqual([asked.get("response_type"), asked.get("scope")], ["code id_token", "openid email"]);
  tab.finish();
});
