// The requests of every method that fetches, and its error code for each network failure.
import { OidcError, RelyingParty } from "oidc-wasm";
import { createTestProvider } from "../../support/provider/index.js";
import { fakeFetch, response, silence, withFastTimers } from "./fake.js";
import { fail, ok, outcome, same, secret, test, throws, withClock } from "./harness.js";

const op = "https://op.example.com";
const client = { clientId: "app", redirectUri: "https://app.example.com/cb" };
const email = "mara@example.com";
const now = () => Math.floor(Date.now() / 1000);

let made;
/** One provider for all cases. A Worker cannot create one at module scope. */
async function provider() {
  made ??= createTestProvider({ issuer: op, users: { 24400320: { email } } });
  const provider = await made;
  provider.mend();
  return provider;
}
const party = async () => new RelyingParty((await provider()).metadata, client);

const idToken = async (claims) => {
  const common = { iss: op, sub: "24400320", aud: "app", iat: now(), exp: now() + 600 };
  return secret(await (await provider()).sign({ ...common, ...claims }));
};

const audience = "https://api.example.com";
const logout = { "http://schemas.openid.net/event/backchannel-logout": {} };

/** The provider's fetch. `overrides` replace its answers by path. */
const provides = (overrides = {}) =>
  fakeFetch(async (url, request) => {
    const override = overrides[new URL(url).pathname];
    return override ? override(request) : (await made).fetch(url, request.init);
  });

/** A login before its redirect is read: the redirect and its transaction. */
async function login(rp) {
  const { url, transaction } = rp.authorizationRequest();
  const { url: response } = await (await provider()).authorize(url);
  secret(new URL(response).searchParams.get("code"));
  return { response, transaction: secret(transaction), nonce: new URL(url).searchParams.get("nonce") };
}

/** The tokens of a finished login. @returns {Promise<any>} */
async function tokens() {
  const rp = await party();
  const { response, transaction } = await login(rp);
  const { tokens } = await rp.callback(response, transaction, { fetch: provides() });
  for (const name of ["access_token", "refresh_token", "id_token"]) secret(tokens[name]);
  return tokens;
}

const canned = { access_token: secret("the-access-token"), refresh_token: secret("the-refresh-token") };

/** Every method that fetches, with the path of each request. `given` are the tokens that it uses. */
const callers = {
  discover: { path: "/.well-known/openid-configuration", run: (options) => RelyingParty.discover(op, client, options) },
  callback: {
    path: "/token",
    run: async (options) => {
      const rp = await party();
      const { response, transaction } = await login(rp);
      return rp.callback(response, transaction, options);
    },
  },
  refresh: {
    path: "/token",
    run: async (options, given = canned) => (await party()).refresh(given.refresh_token, options),
  },
  grant: {
    path: "/token",
    run: async (options, { refresh_token: refreshToken } = canned) =>
      (await party()).grant({ type: "refresh_token", refreshToken }, options),
  },
  verifyIdToken: { path: "/jwks", run: async (options) => (await party()).verifyIdToken(await idToken(), {}, options) },
  verifyAccessToken: {
    path: "/jwks",
    run: async (options) => (await party()).verifyAccessToken(await idToken({ aud: audience }), { audience }, options),
  },
  verifyLogoutToken: {
    path: "/jwks",
    run: async (options) => (await party()).verifyLogoutToken(await idToken({ jti: "one", events: logout }), options),
  },
  userInfo: {
    path: "/userinfo",
    run: async (options, given = canned) => (await party()).userInfo(given.access_token, "24400320", options),
  },
  revoke: { path: "/revoke", run: async (options) => (await party()).revoke(canned.access_token, options) },
  introspect: {
    path: "/introspect",
    run: async (options) => (await party()).introspect(canned.access_token, options),
  },
};
const forms = ["/token", "/revoke", "/introspect"];

test("http: a whole login, refresh and userinfo", async () => {
  const { metadata } = await provider();
  const discovered = await RelyingParty.discover(op, client, { fetch: provides() });
  same(discovered.provider, metadata);
  const { response, transaction, nonce } = await login(discovered);
  const fetch = provides();
  const { tokens, claims, report } = await discovered.callback(response, transaction, { fetch });
  same(claims.nonce, nonce, "nonce");
  same([report.valid, report.signature, report.claims.sub], [true, "valid", "24400320"], "report");
  ok(
    report.checks.some(({ rule, verdict }) => rule === "id_token.nonce" && verdict === "pass"),
    "the nonce was checked",
  );
  const user = await discovered.userInfo(tokens.access_token, claims.sub, { fetch });
  same(user, { sub: "24400320", email });
  const renewed = await discovered.refresh(tokens.refresh_token, { previous: claims, fetch });
  ok(renewed.tokens.refresh_token !== tokens.refresh_token, "the next refresh token");
  same(renewed.claims.sub, "24400320");
  same(
    fetch.calls.map(({ url, method }) => `${method} ${new URL(url).pathname}`),
    ["GET /jwks", "POST /token", "GET /userinfo", "POST /token"],
  );
});

test("http: a refreshed ID token with the first nonce again, and a refresh without a new refresh token", async () => {
  const given = await tokens();
  const previous = { iss: op, sub: "24400320", aud: "app", iat: now() - 600, exp: now(), nonce: "the-first-nonce" };
  const rp = await party();
  (await provider()).change({
    "idToken.refresh": ({ claims }) => Object.assign(claims, { nonce: "the-first-nonce" }),
    tokens: (it) => delete it.refresh_token,
  });
  const renewed = await rp.refresh(given.refresh_token, { previous, fetch: provides() });
  same(renewed.claims.sub, "24400320");
  same(renewed.tokens.refresh_token, given.refresh_token, "the old one, without a new one");
});

test("http: claims at the depth limit work as previous claims of a refresh", async () => {
  let deep = [];
  for (let level = 2; level < 64; level++) deep = [deep];
  const { refresh_token } = await tokens();
  const rp = await party();
  (await provider()).change({ idToken: ({ claims }) => Object.assign(claims, { deep }) });
  const { tokens: next, claims } = await rp.refresh(refresh_token, { fetch: provides() });
  same(claims.deep, deep);
  await rp.refresh(next.refresh_token, { fetch: provides(), previous: claims });
});

test("http: a token response without no-store is a warning in the report, not an error", async () => {
  for (const [cacheControl, warned] of [
    ["no-store", false],
    ["private, NO-STORE", false],
    ["no-cache", true],
    [undefined, true],
  ]) {
    const rp = await party();
    const { response, transaction } = await login(rp);
    const headers = { "content-type": "application/json", ...(cacheControl && { "cache-control": cacheControl }) };
    (await provider()).change({ answer: (name, reply) => name === "token" && Object.assign(reply, { headers }) });
    const { report } = await rp.callback(response, transaction, { fetch: provides() });
    const row = report.checks.find(({ rule }) => rule === "token.cache_control");
    same(row?.warning ?? false, warned, `warning for ${cacheControl}`);
    same([report.valid, row?.verdict], [true, warned ? "skip" : "pass"], `verdict for ${cacheControl}`);
  }
});

for (const [name, { path, run }] of Object.entries(callers)) {
  test(`http: ${name} follows no redirect by itself, sends no credentials, asks for JSON`, async () => {
    let signed;
    const fetch = provides({
      [path]: (request) => {
        signed = request;
        return silence(request.init);
      },
    });
    const stopper = new AbortController();
    const result = throws("http.aborted", () => run({ fetch, signal: stopper.signal }));
    while (!signed) await new Promise((next) => setTimeout(next, 1));
    const { init, headers, method } = signed;
    same(init.redirect, "manual", "redirect");
    if ("credentials" in Request.prototype) same(init.credentials, "omit", "credentials");
    ok(headers.get("accept")?.startsWith("application/json"), `Accept: ${headers.get("accept")}`);
    ok(!headers.has("cookie"), "no cookie");
    same(method, forms.includes(path) ? "POST" : "GET", "method");
    if (forms.includes(path)) ok(headers.get("content-type")?.startsWith("application/x-www-form-urlencoded"), "form");
    if (path === "/userinfo") same(headers.get("authorization"), "Bearer the-access-token");
    stopper.abort(new Error("enough"));
    await result;
  });

  test(`http: ${name} gives up after 30 s: http.timeout`, async () => {
    let isSilent = false;
    const fetch = provides({
      [path]: ({ init }) => {
        isSilent = true;
        return silence(init);
      },
    });
    const limits = () => isSilent;
    const waits = await withFastTimers(() => throws("http.timeout", () => run({ fetch })), limits);
    // The keys are fetched first.
    same(waits, name === "callback" ? [30000, 30000] : [30000], "time limits");
  });

  test(`http: ${name}, a body that never ends: http.timeout`, async () => {
    let isStalled = false;
    const stalled = ({ init }) => {
      isStalled = true;
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode("{"));
          init.signal?.addEventListener("abort", () => controller.error(init.signal.reason));
        },
      });
      return new Response(body, { headers: { "content-type": "application/json" } });
    };
    const call = () => throws("http.timeout", () => run({ fetch: provides({ [path]: stalled }) }));
    await withFastTimers(call, () => isStalled);
    ok(isStalled, "the endpoint was asked");
  });

  test(`http: ${name}, aborted before and during: http.aborted`, async () => {
    const never = provides({ [path]: () => fail("aborted before: nothing may be sent") });
    await throws("http.aborted", () => run({ fetch: never, signal: AbortSignal.abort() }), "before");
    same(never.calls.filter(({ url }) => new URL(url).pathname === path).length, 0, "requests");
    const stopper = new AbortController();
    const reason = new Error("the person left the page");
    const during = provides({
      [path]: ({ init }) => {
        setTimeout(() => stopper.abort(reason), 1);
        return silence(init);
      },
    });
    const error = await throws("http.aborted", () => run({ fetch: during, signal: stopper.signal }), "during");
    ok(error.cause === reason, "the signal's reason is the cause");
  });

  test(`http: ${name}, the network fails: http.failed with its cause`, async () => {
    const cause = new TypeError("connection refused");
    const error = await throws("http.failed", () => run({ fetch: provides({ [path]: () => Promise.reject(cause) }) }));
    ok(error.cause === cause, "the cause is kept");
  });

  test(`http: ${name}, the connection breaks in the body: http.failed`, async () => {
    const broken = () =>
      new Response(new ReadableStream({ pull: (controller) => controller.error(new TypeError("reset by peer")) }), {
        headers: { "content-type": "application/json" },
      });
    await throws("http.failed", () => run({ fetch: provides({ [path]: broken }) }));
  });

  test(`http: ${name}, a body of 1 MiB is read, of one byte more is http.too_large`, async () => {
    const padded =
      (size) =>
      async ({ url, init }) => {
        const reply = await (await provides()(url, init)).text();
        return { body: reply + " ".repeat(size - reply.length) };
      };
    await throws("http.too_large", () => run({ fetch: provides({ [path]: padded(1048577) }) }));
    await run({ fetch: provides({ [path]: padded(1048576) }) }, await tokens());
  });

  test(`http: ${name}, an endless body is not read to its end`, async () => {
    let pulled = 0;
    const endless = () =>
      new Response(
        new ReadableStream({
          pull: (controller) => {
            pulled += 65536;
            controller.enqueue(new Uint8Array(65536).fill(32));
          },
        }),
        {
          headers: { "content-type": "application/json" },
        },
      );
    await throws("http.too_large", () => run({ fetch: provides({ [path]: endless }) }));
    ok(pulled <= 2 << 20, `${pulled} bytes were read`);
  });
}

const wrongStatus = {
  discover: "http.status",
  verifyIdToken: "http.status",
  verifyAccessToken: "http.status",
  verifyLogoutToken: "http.status",
  callback: "token.status",
  refresh: "token.status",
  grant: "token.status",
  userInfo: "userinfo.status",
  revoke: "revocation.status",
  introspect: "introspection.status",
};
for (const [name, code] of Object.entries(wrongStatus)) {
  const { path, run } = callers[name];
  for (const status of [201, 302, 404, 500]) {
    test(`http: ${name}, status ${status}: ${code}`, async () => {
      const reply = () =>
        response({
          status,
          headers: { "content-type": "application/json", location: "https://evil.example/" },
          body: "{}",
        });
      const error = await throws(code, () => run({ fetch: provides({ [path]: reply }) }));
      same(error.status, status, "status");
    });
  }
}

test("http: a resource server that cannot fetch the keys reports 503, not an invalid token", async () => {
  const error = await throws("http.status", () =>
    callers.verifyAccessToken.run({ fetch: provides({ "/jwks": () => ({ status: 503 }) }) }),
  );
  same([error.status, error.error], [503, undefined], "status and error");
});

test("http: userinfo's 401 carries its challenges", async () => {
  const reply = () => ({
    status: 401,
    headers: {
      "www-authenticate": 'Bearer realm="example", error="invalid_token", error_description="The access token expired"',
    },
  });
  const error = await throws("userinfo.status", () =>
    callers.userInfo.run({ fetch: provides({ "/userinfo": reply }) }),
  );
  const parameters = { realm: "example", error: "invalid_token", error_description: "The access token expired" };
  same([error.status, error.challenges], [401, [{ scheme: "Bearer", parameters }]]);
});

test("http: the token endpoint's error is kept: code, description, status", async () => {
  const reply = () => ({
    status: 400,
    body: { error: "invalid_grant", error_description: "grant request is invalid" },
  });
  const error = await throws("token.oauth_error", () => callers.refresh.run({ fetch: provides({ "/token": reply }) }));
  same([error.error, error.error_description, error.status], ["invalid_grant", "grant request is invalid", 400]);
});

test("http: without the option fetch, the current global fetch is called as a method of its object", async () => {
  const real = globalThis.fetch;
  /** @type {unknown} */
  let receiver = "not called";
  globalThis.fetch = function (...request) {
    receiver = this === undefined || this === globalThis;
    return provides()(...request);
  };
  try {
    await RelyingParty.discover(op, client);
    same(receiver, true, "an acceptable receiver");
  } finally {
    globalThis.fetch = real;
  }
});

// ── over a real network ──

test("network: metadata are fetched, and a redirect to them is not followed", async ({ origin }) => {
  const rp = await RelyingParty.discover(`${origin}/good`, client);
  same(rp.provider.issuer, `${origin}/good`);
  const error = await throws("http.status", () => RelyingParty.discover(`${origin}/redirecting`, client));
  ok([0, 302].includes(error.status), `status ${error.status}`);
});

test("network: a closed port: http.failed", async () => {
  await throws("http.failed", () => RelyingParty.discover("http://127.0.0.1:9", client));
});

test("network: no response is http.timeout, and a signal is http.aborted", async ({ origin }) => {
  await withFastTimers(() => throws("http.timeout", () => RelyingParty.discover(`${origin}/silent`, client)));
  const stopper = new AbortController();
  setTimeout(() => stopper.abort(), 20);
  await throws("http.aborted", () => RelyingParty.discover(`${origin}/silent`, client, { signal: stopper.signal }));
});

test("network: an endless answer is http.too_large", ({ origin }) =>
  throws("http.too_large", () => RelyingParty.discover(`${origin}/endless`, client)));

test("http: a body of endless empty pieces ends with the call's signal", async () => {
  const endless = () =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(0)),
      }),
    );
  const stopper = new AbortController();
  setTimeout(() => stopper.abort(), 100);
  await throws("http.aborted", () =>
    RelyingParty.discover(op, client, { fetch: async () => endless(), signal: stopper.signal }),
  );
});

test("http: a fetch with an impossible answer is a network failure, not an argument error", async () => {
  const body = () => new Response("{}").body;
  for (const answer of [
    { status: 700, headers: new Headers(), body: body() },
    { status: 200, headers: "none", body: body() },
  ]) {
    await throws("http.failed", () =>
      RelyingParty.discover(op, client, { fetch: async () => /** @type {any} */ (answer) }),
    );
  }
});

test("http: an object of headers means what Headers would have", async () => {
  const rp = await party();
  const json = "application/json";
  const body = '{"access_token":"at","token_type":"Bearer"}';
  /** @type {[Record<string, string>, string?][]} */
  const table = [
    [{ "content-type": `${json};x`, "cache-control": "x".repeat(2 ** 21) }],
    [{ "content-type": `${json};\0` }, "argument.headers"],
    [{ "content-type": json, "x-content-type": "text/html" }],
    [{ "Content-Type": "text/html", "content-type": json }, "token.content_type"],
  ];
  for (const [headers, code] of table) {
    const { error } = await outcome(() =>
      rp.tokenResponse({ status: 200, headers, body }, { type: "client_credentials" }),
    );
    same(error?.code, code, Object.keys(headers).join());
  }
});

test("http: a fetch's own OidcError keeps its code, its section and its sentence", async () => {
  const codes = {
    "app.vpn|app §1|Connect the VPN.": ["app.vpn", "app §1", "Connect the VPN. (status: 407)"],
    "http.timeout": ["http.timeout", "oidc-wasm", "(status: 407; endpoint: "],
  };
  for (const [rule, [code, spec, part]] of Object.entries(codes)) {
    const cause = new Error("the cause");
    const own = new OidcError(rule, { status: 407 }, { cause });
    const fetch = () => Promise.reject(own);
    const error = await throws(code, () => RelyingParty.discover(op, client, { fetch }));
    same([error.spec, error.status, error.cause === cause], [spec, 407, true], rule);
    ok(error.message.includes(part), error.message);
    same(error.endpoint, `${op}/.well-known/openid-configuration`, `${rule}: endpoint`);
    ok(error.message.split("407").length === 2, `once: ${error.message}`);
  }
  const plain = () => Promise.reject(new TypeError("offline"));
  await throws("http.failed", () => RelyingParty.discover(op, client, { fetch: plain }));
});

test("http: a provider's text is one short line of an error's message", async () => {
  const error = `x\n2026-01-01 INFO all is well\u001b[2J${"y".repeat(100_000)}`;
  const fetch = provides({ "/token": () => ({ status: 400, body: { error } }) });
  const thrown = await throws("token.oauth_error", async () => (await party()).refresh("the-refresh-token", { fetch }));
  ok(thrown.message.length < 500 && !/\p{Cc}/u.test(thrown.message), thrown.message);
  same(thrown.error, error, "the whole text");
});

/** Responses without a stream, as in React Native and polyfills. @type {Record<string, (body: string) => object>} */
const streamless = {
  arrayBuffer: (body) => ({ arrayBuffer: async () => new TextEncoder().encode(body).buffer }),
  "text alone": (body) => ({ text: async () => body }),
  "arrayBuffer that fails, and text": (body) => {
    let isRead = false;
    const read = () => {
      if (isRead) throw new TypeError("Already read");
      isRead = true;
    };
    return {
      arrayBuffer: async () => {
        read();
        throw new Error("FileReader.readAsArrayBuffer is not implemented");
      },
      text: async () => {
        read();
        return body;
      },
      clone: () => streamless["text alone"](body),
    };
  },
  "a body that is no web stream": (body) => ({
    body: { pipe: () => {} },
    arrayBuffer: async () => new TextEncoder().encode(body).buffer,
  }),
};
for (const [name, made] of Object.entries(streamless))
  test(`http: a Response without a stream, ${name}`, async () => {
    const headers = { "content-type": "application/json" };
    const answer = (body) => /** @type {any} */ (async () => ({ status: 200, headers, ...made(body) }));
    const rp = await party();
    const body = '{"access_token":"an-access-token","token_type":"Bearer"}';
    const grant = /** @type {const} */ ({ type: "refresh_token", refreshToken: canned.refresh_token });
    same((await rp.grant(grant, { fetch: answer(body) })).token_type, "Bearer");
    await throws("json.syntax", () => rp.grant(grant, { fetch: answer("") }), "nothing");
    const padded = (size) => body + " ".repeat(size - body.length);
    await rp.grant(grant, { fetch: answer(padded(1048576)) });
    await throws("http.too_large", () => rp.grant(grant, { fetch: answer(padded(1048577)) }));
    const hanging = async () => ({ status: 200, headers: {}, arrayBuffer: () => new Promise(() => {}) });
    await withFastTimers(() => throws("http.timeout", () => rp.grant(grant, { fetch: /** @type {any} */ (hanging) })));
  });

test("http: an unreadable Response does not count as empty", async () => {
  const headers = { "content-type": "application/json" };
  const unread = /** @type {any} */ (async () => ({ status: 200, headers, json: async () => ({}) }));
  const refresh = async () => (await party()).refresh("the-refresh-token", { fetch: unread });
  await throws("http.failed", refresh);
});

test("http: Retry-After is reported in seconds, from seconds or from a date", async () => {
  const clock = Date.parse("Fri, 31 Dec 1999 23:59:00 GMT") / 1000;
  const seen = async (after) => {
    const headers = { "retry-after": after };
    const fetch = fakeFetch(() => response({ status: 503, headers, body: "" }));
    const refresh = async () => (await party()).refresh("the-refresh-token", { fetch });
    return (await throws("token.status", () => withClock(clock, refresh))).retryAfter;
  };
  const told = ["0", "120", "Fri, 31 Dec 1999 23:59:59 GMT", "Fri, 31 Dec 1999 23:58:00 GMT"];
  for (const [at, seconds] of [0, 120, 59, 0].entries()) same(await seen(told[at]), seconds, told[at]);
  for (const text of ["", "soon", "-1", "1.5", "99999999999", "never GMT"]) same(await seen(text), undefined, text);
});
