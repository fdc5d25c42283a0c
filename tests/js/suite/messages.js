// The sentences of errors, and the messages for onMessage.
import { codeChallenge, RelyingParty } from "oidc-wasm";
import { fakeFetch, silence } from "./fake.js";
import { ok, outcome, same, secret, test, throws } from "./harness.js";
import { keys, publicKey, sign } from "./tokens.js";

const issuer = "https://op.example.com";
const provider = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token?tenant=the-tenant`,
  userinfo_endpoint: `${issuer}/userinfo?tenant=the-tenant`,
  revocation_endpoint: `${issuer}/revoke?tenant=the-tenant`,
  introspection_endpoint: `${issuer}/introspect?tenant=the-tenant`,
  jwks_uri: `${issuer}/jwks?tenant=the-tenant`,
};
const client = { clientId: "app", redirectUri: "https://app.example.com/cb" };
const confidential = /** @type {const} */ ({
  ...client,
  auth: { method: "client_secret_basic", secret: "the-client-secret-of-thirty-two-bytes" },
});
const party = (config = client) => new RelyingParty(provider, /** @type {any} */ (config));
const json = { "content-type": "application/json" };

/** @type {[string, () => unknown][]} */
const wrong = [
  [
    "Invalid option redirectUri: expected a string.",
    () => new RelyingParty(provider, { ...client, redirectUri: /** @type {any} */ (5) }),
  ],
  [
    "Invalid option clientId: expected your client ID at the provider.",
    () => new RelyingParty(provider, { clientId: "" }),
  ],
  [
    "Invalid option colour: unknown option.",
    () => new RelyingParty(provider, /** @type {any} */ ({ ...client, colour: "red" })),
  ],
  ["Invalid option : unknown option.", () => new RelyingParty(provider, /** @type {any} */ ({ ...client, "": 1 }))],
  ["Invalid option : unknown option.", () => party().revoke("token", /** @type {any} */ ({ "": 1 }))],
  [
    "Invalid option cache: unknown option.",
    () => party().checkIdToken("x", /** @type {any} */ ({ cache: "no-store" })),
  ],
  [
    "Invalid option onMessage: expected a function.",
    () => party().revoke("token", { onMessage: /** @type {any} */ ("log") }),
  ],
  [
    "Invalid option scope: expected a string or an array of strings.",
    () => party().authorizationRequest({ scope: /** @type {any} */ (5) }),
  ],
  [
    "Invalid option extra: expected an object whose values are strings or arrays of strings.",
    () => party().authorizationRequest({ extra: /** @type {any} */ ({ a: 5 }) }),
  ],
  ["A code verifier has 43 to 128 characters: letters, digits, - . _ or ~", () => codeChallenge("short")],
];
for (const [message, call] of wrong)
  test(`messages: ${message}`, async () => {
    const { error } = await outcome(async () => call());
    same(error?.message, message);
  });

const now = () => Math.floor(Date.now() / 1000);
const idToken = () =>
  sign({
    header: { alg: "RS256", kid: keys.rsa1.kid },
    claims: { iss: issuer, sub: "mara", aud: "app", iat: now(), exp: now() + 300 },
  });

/** Each method that fetches, and its endpoint. @type {Record<string, [string, (options: any) => Promise<unknown>]>} */
const calls = {
  discover: ["/.well-known/openid-configuration", (options) => RelyingParty.discover(issuer, client, options)],
  grant: ["/token", (options) => party(confidential).grant({ type: "client_credentials" }, options)],
  userInfo: ["/userinfo", (options) => party().userInfo(secret("the-access-token"), "mara", options)],
  revoke: ["/revoke", (options) => party().revoke(secret("the-refresh-token"), options)],
  introspect: ["/introspect", (options) => party(confidential).introspect(secret("the-access-token"), options)],
  verifyIdToken: ["/jwks", async (options) => party().verifyIdToken(await idToken(), {}, options)],
};
for (const [name, [path, call]] of Object.entries(calls)) {
  test(`messages: ${name}: an error names the endpoint, without its query`, async () => {
    /** @type {[string, any][]} */
    const replies = [
      ["http.failed", () => Promise.reject(new TypeError("the network is down"))],
      ["json.syntax", () => ({ headers: json, body: "<!doctype html>" })],
      ["http.too_large", () => ({ headers: json, body: " ".repeat(1048577) })],
    ];
    for (const [code, reply] of replies) {
      // The package does not read a revocation's answer.
      if (name === "revoke" && code === "json.syntax") continue;
      const error = await throws(code, () => call({ fetch: fakeFetch(reply) }));
      same(error.endpoint, issuer + path, `${code}: endpoint`);
      ok(error.message.includes(`endpoint: ${issuer}${path}`), error.message);
      ok(!error.message.includes("the-tenant"), error.message);
    }
    const { signal } = new AbortController();
    const aborted = await throws("http.aborted", () =>
      call({ fetch: fakeFetch((_url, { init }) => silence(init)), signal: AbortSignal.timeout(20) }),
    );
    same([aborted.endpoint ?? issuer + path, signal.aborted], [issuer + path, false], "http.aborted");
  });
}

test("messages: requests that may be repeated, and grants that may have been used", async () => {
  const down = fakeFetch(() => Promise.reject(new TypeError("the network is down")));
  const { message } = await throws("http.failed", () => party().revoke("token", { fetch: down }));
  ok(/certificate/.test(message) && /unless it sent a code or refresh token/.test(message), message);
});

test("messages: onMessage receives requests and responses, without secrets", async () => {
  const rp = party(confidential);
  const { url, state, transaction } = rp.authorizationRequest();
  const nonce = new URL(url).searchParams.get("nonce");
  const token = await sign({
    header: { alg: "RS256", kid: keys.rsa1.kid },
    claims: { iss: issuer, sub: "mara", aud: "app", iat: now(), exp: now() + 300, nonce },
  });
  const tokens = { access_token: "the-access-token", token_type: "Bearer", refresh_token: "the-refresh-token" };
  const fetch = fakeFetch((url) =>
    new URL(url).pathname === "/jwks"
      ? { body: { keys: [publicKey("rsa1")] } }
      : { body: { ...tokens, expires_in: 300, id_token: token } },
  );
  const told = [];
  const options = { fetch, onMessage: (message) => told.push(message) };
  const response = `${client.redirectUri}?${new URLSearchParams({ code: "the-code", state })}`;
  const { report } = await rp.callback(response, transaction, options);
  same(
    told.map(({ type, url }) => [type, url && new URL(url).pathname].filter(Boolean).join(" ")),
    ["request /jwks", "reply /jwks", "request /token", "reply /token", "report"],
  );
  const [, keySet, sent, got, judged] = told;
  same(JSON.parse(keySet.body), { keys: [publicKey("rsa1")] }, "public keys are public");
  same([sent.method, sent.headers.Authorization], ["POST", "…"]);
  const form = Object.fromEntries(new URLSearchParams(sent.body));
  same(form, { grant_type: "authorization_code", code: "…", code_verifier: "…", redirect_uri: client.redirectUri });
  same(JSON.parse(got.body), {
    access_token: "…",
    token_type: "…",
    refresh_token: "…",
    expires_in: 300,
    id_token: "…",
  });
  same([got.status, got.contentType], [200, "application/json"]);
  ok(judged.report === report, "the report of the login");
  const shown = JSON.stringify(told.slice(0, 4));
  const verifier = new URLSearchParams(fetch.calls[1].body).get("code_verifier");
  for (const value of [
    "the-code",
    "the-access",
    "the-refresh",
    token,
    state,
    nonce,
    verifier,
    "the-client-secret",
    "the-tenant",
  ])
    ok(!shown.includes(value), `shows ${value}`);
});

test("messages: a secret in a server's answer is not shown", async () => {
  const code = "1234567890".repeat(4);
  /** @type {unknown[]} */
  const echoes = [
    { error: code },
    { [code]: 1 },
    `{"error":"invalid_grant","number":${code}}`,
    { deep: [[{ [`x${code}`]: null }]] },
    `the code is ${code}`,
    `{"error":"${code}`,
    `{"a":"x\\u0031${code.slice(1)}"}`,
    `["${code}"]`,
    `"${code}"`,
    code,
  ];
  for (const echo of echoes) {
    const rp = party();
    const { state, transaction } = rp.authorizationRequest({ scope: "read" });
    const told = [];
    const response = `${client.redirectUri}?${new URLSearchParams({ code, state })}`;
    const fetch = fakeFetch(() => ({ status: 400, headers: { "content-type": `text/${code}` }, body: echo }));
    await outcome(() => rp.callback(response, transaction, { fetch, onMessage: (message) => told.push(message) }));
    same(told.length, 2, "messages");
    ok(!JSON.stringify(told).includes(code), JSON.stringify(told));
  }
});

for (const method of ["client_secret_basic", "client_secret_post"])
  test(`messages: the password of ${method} is not shown, raw, form-encoded or escaped`, async () => {
    const password = 'klucz-żółć "tajny"/bardzo-długi-klucz';
    const form = new URLSearchParams({ password }).toString().slice("password=".length);
    for (const echo of [{ [password]: 1 }, { [form]: 1 }, { deep: [{ [password]: 2 }] }]) {
      const rp = party(/** @type {any} */ ({ ...client, auth: { method, secret: password } }));
      const told = [];
      const fetch = fakeFetch(() => ({ status: 400, body: echo }));
      await outcome(() =>
        rp.grant({ type: "client_credentials" }, { fetch, onMessage: (message) => told.push(message) }),
      );
      same([told.length, told[1].body], [2, "…"], JSON.stringify(told));
      for (const secret of [password, form]) ok(!JSON.stringify(told).includes(secret), JSON.stringify(told));
    }
  });

test("messages: an error's members hold no secret whose letters JSON escapes", async () => {
  const secret = "klucz-żółć-🔑-tajny-bardzo-długi-klucz";
  const escaped = secret.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const rp = party(/** @type {any} */ ({ ...client, auth: { method: "client_secret_post", secret } }));
  for (const [sent, shown] of [
    [escaped, undefined],
    ["another", "another"],
  ]) {
    const body = `{"error":"invalid_client","debug":{"sent":"${sent}"}}`;
    const { error } = await outcome(() =>
      rp.grant({ type: "client_credentials" }, { fetch: fakeFetch(() => ({ status: 401, body })) }),
    );
    same([error?.code, error?.members?.debug?.sent], ["token.oauth_error", shown]);
  }
});

test("messages: a rejected token has a report, and a token with a wrong signature has none", async () => {
  const told = async (claims, key = "rsa1") => {
    const token = await sign({
      header: { alg: "RS256", kid: keys.rsa1.kid },
      claims: { iss: issuer, sub: "mara", aud: "app", iat: now(), exp: now() + 300, ...claims },
      key,
    });
    const fetch = fakeFetch((url) =>
      new URL(url).pathname === "/jwks"
        ? { body: { keys: [publicKey("rsa1")] } }
        : { body: { access_token: "the-access-token", token_type: "Bearer", id_token: token } },
    );
    const reports = [];
    const onMessage = ({ type, report }) => type === "report" && reports.push(report.valid);
    const { error } = await outcome(() => party().refresh("the-refresh-token", { fetch, onMessage }));
    return [error?.code, ...reports];
  };
  same(await told({}), [undefined, true]);
  same(await told({ aud: "another" }), ["id_token.aud", false]);
  same(await told({}, "rsa2"), ["jws.signature"]);
});

test("messages: an error in the listener does not stop the call", async () => {
  const fetch = fakeFetch(() => ({ body: provider }));
  const onMessage = () => {
    throw new Error("an error in the listener");
  };
  same((await RelyingParty.discover(issuer, client, { fetch, onMessage })).provider, provider);
});
