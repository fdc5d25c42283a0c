// Runs in its own process: a script of the documentation at the test provider, then every function that it exports.
import { once } from "node:events";
import { createServer } from "node:http";
import { get } from "node:https";
import { Server } from "node:net";
import { CompactEncrypt, importJWK } from "jose";
import { createTestProvider } from "../../support/provider/index.js";
import { selfSigned } from "../../support/self_signed.mjs";
import { ask } from "../ask.mjs";

/**
 * @param {(query: string) => Promise<any>} load imports the script, again for each query
 * @param {any} options of the provider
 * @param {any} oidc the package
 */
export async function visited(load, options, oidc) {
  const clients = [{ clientId: "app" }, { clientId: "service", secret: "from your configuration" }];
  const provider = await createTestProvider({ ...options, clients });
  const kept = new Map();
  const set = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  process.on("unhandledRejection", (error) => {
    throw error;
  });
  // The examples have a fixed port. Another program may use it.
  const { listen } = Server.prototype;
  Server.prototype.listen = /** @param {any[]} given */ function (_port, ...given) {
    return Reflect.apply(listen, this, [0, ...given.filter((one) => typeof one === "function")]);
  };
  process.env.COOKIE_SECRET = "32 random characters of the example";
  set("tests", []);
  set("defineNuxtConfig", (config) => config);
  set("fetch", async (input, init) => {
    const address = String(input instanceof Request ? input.url : input);
    if (isWithoutKeys && address.endsWith("/jwks")) return new Response(null, { status: 204 });
    const resource = guarded(provider, address, input, init);
    if (resource) return resource;
    if (address.startsWith("https://api.example.com")) return new Response("[]");
    return (
      (await device(provider, address, init)) ??
      pushed(provider, address) ??
      (await introspected(provider, address, init)) ??
      certificate(provider, address, init) ??
      (await registered(provider, address, init)) ??
      provider.fetch(input, init)
    );
  });
  provider.change({
    metadata: (metadata) =>
      Object.assign(metadata, {
        device_authorization_endpoint: `${provider.issuer}/device`,
        pushed_authorization_request_endpoint: `${provider.issuer}/par`,
        backchannel_authentication_endpoint: `${provider.issuer}/backchannel`,
        registration_endpoint: `${provider.issuer}/register`,
        tls_client_certificate_bound_access_tokens: true,
      }),
  });
  set("sessionStorage", {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, String(value)),
    removeItem: (name) => kept.delete(name),
  });
  set("history", { replaceState() {} });
  const finishedLogin = async (rp) => {
    const { url, transaction } = rp.authorizationRequest({ scope: "openid email read delete" });
    return { ...(await rp.callback((await provider.authorize(url)).url, transaction)), transaction };
  };
  set("finishedLogin", finishedLogin);
  let module;
  const visit = async (address) => {
    let left;
    const at = new URL(address);
    const assign = (to) => {
      left = String(to);
    };
    const { href, origin, pathname, search, hash } = at;
    set("location", { href, origin, pathname, search, hash, assign, replace: assign });
    module = await load(`?${encodeURIComponent(address)}`);
    await new Promise((done) => setTimeout(done, 50));
    return left;
  };
  const away = await visit("https://app.example/");
  if (away?.includes("/authorize?")) {
    const again = await visit((await provider.authorize(away)).url);
    if (again?.includes("/authorize?"))
      throw new Error("after the redirect, it sends the person to the provider again");
  }
  for (const test of globalThis.tests) await test();
  const parties = async () => {
    await oidc.default();
    const { discover } = oidc.RelyingParty;
    const auth = { method: "client_secret_basic", secret: "from your configuration" };
    return {
      rp: await discover(options.issuer, { clientId: "app", redirectUri: "https://app.example/cb" }),
      confidential: await discover(options.issuer, { clientId: "service", auth }),
    };
  };
  for (const [name, value] of Object.entries(module)) {
    if (name === "module.exports" || (name === "default" && typeof value !== "function")) continue;
    const drive = drivers[name];
    globalThis.started = module.begin ?? module.depart;
    if (!drive) throw new Error(`nothing runs the export ${name}: visit.mjs drives each by its name`);
    // An example that takes no relying party starts the engine itself.
    const given = /\b(rp|confidential)\b/.test(String(drive)) && (await parties());
    await drive(value, { ...given, provider, finishedLogin });
  }
  process.exit(0);
}

/** Whether the provider's keys are unavailable. */
let isWithoutKeys = false;

const is = (actual, wanted, what) => {
  if (actual !== wanted) throw new Error(`${what}: expected ${wanted}, got ${actual}`);
};
const navigation = (path) =>
  new Request(`https://app.example${path}`, {
    headers: { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" },
  });

/** A part that the test provider lacks: signed answers about tokens (RFC 9701). */
async function introspected(provider, address, init) {
  const type = "application/token-introspection+jwt";
  if (!address.endsWith("/introspect") || new Headers(init?.headers).get("accept") !== type) return undefined;
  const { issuer: iss } = provider;
  const token_introspection = { active: true, sub: "mara" };
  const claims = { iss, aud: "api", iat: Math.floor(Date.now() / 1000), token_introspection };
  const jwt = await provider.sign(claims, { typ: "token-introspection+jwt" });
  return new Response(jwt, { headers: { "content-type": type } });
}

/** A part that the test provider lacks: a login on a device, or on a phone. The person has already agreed (RFC 8628, CIBA Core 1.0). */
async function device(provider, address, init) {
  const json = (body) => new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } });
  if (address === `${provider.issuer}/device`) {
    // The package sends a string. The page that does without it expects the member of Google.
    const name = typeof init?.body === "string" ? "verification_uri" : "verification_url";
    return json({
      device_code: "the code of the device",
      user_code: "WDJB-MJHT",
      [name]: `${provider.issuer}/activate`,
      expires_in: 60,
      interval: 1,
    });
  }
  if (address === `${provider.issuer}/backchannel`)
    return json({ auth_req_id: "the identifier of the request", expires_in: 60, interval: 1 });
  const form = new URLSearchParams(typeof init?.body === "string" ? init.body : "");
  const isPhone = form.get("grant_type") === "urn:openid:params:grant-type:ciba";
  if (!isPhone && form.get("grant_type") !== "urn:ietf:params:oauth:grant-type:device_code") return undefined;
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: provider.issuer,
    aud: form.get("client_id") ?? "service",
    sub: "mara",
    iat: now,
    exp: now + 60,
  };
  return json({ access_token: "a token", token_type: "Bearer", expires_in: 60, id_token: await provider.sign(claims) });
}

/** It keeps no pushed requests (RFC 9126 §2.2). */
const pushed = (provider, address) =>
  address === `${provider.issuer}/par`
    ? Response.json({ request_uri: "urn:op:1", expires_in: 60 }, { status: 201 })
    : undefined;

/** It sees no certificates: a service that sends no secret has presented one (RFC 8705 §2). */
function certificate(provider, address, init) {
  const form = new URLSearchParams(typeof init?.body === "string" ? init.body : "");
  const isBare = !form.has("client_secret") && !form.has("client_assertion") && !init?.headers?.Authorization;
  if (address !== `${provider.issuer}/token` || form.get("grant_type") !== "client_credentials" || !isBare)
    return undefined;
  return Response.json({ access_token: "a-token", token_type: "Bearer", expires_in: 60 });
}

/** Another missing part: it registers each client as "app" (RFC 7591, RFC 7592). */
async function registered(provider, address, init) {
  if (!address.startsWith(`${provider.issuer}/register`)) return undefined;
  if (init.method === "DELETE") return new Response(null, { status: 204 });
  const registration = {
    ...JSON.parse(init.body ?? "{}"),
    client_id: "app",
    registration_client_uri: `${provider.issuer}/register/app`,
    registration_access_token: "the-token-of-a-registration",
  };
  return Response.json(registration, { status: init.method === "POST" ? 201 : 200 });
}

/** Resources that reject: an MCP server without a token (RFC 9728), and an API that requires a stronger login (RFC 9470). */
function guarded(provider, address, input, init) {
  const refuse = (challenge) => {
    const answer = new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
    return Object.defineProperty(answer, "url", { value: address });
  };
  const server = "https://mcp.example.com/";
  const { authorization = "" } = Object.fromEntries(new Headers(input.headers ?? init?.headers));
  if (address === `${server}.well-known/oauth-protected-resource`)
    return Response.json({ resource: server, authorization_servers: [provider.issuer], scopes_supported: ["mcp"] });
  const plain = "https://plain.example";
  if (address === `${plain}/mcp`) return refuse("Bearer");
  if (address === `${plain}/.well-known/oauth-protected-resource/mcp`)
    return Response.json({ resource: `${plain}/mcp`, authorization_servers: [plain] });
  if (address === `${plain}/.well-known/oauth-authorization-server`) {
    const endpoints = { authorization_endpoint: `${plain}/authorize`, registration_endpoint: `${plain}/register` };
    return Response.json({ issuer: plain, ...endpoints });
  }
  if (address === `${plain}/register`)
    return Response.json({ client_id: "app", registration_client_uri: "/register/app" }, { status: 201 });
  if (address.startsWith(plain)) return new Response(null, { status: 404 });
  if (address === server) return authorization ? new Response("a tool's answer") : refuse('Bearer scope="mcp"');
  if (address !== "https://api.example.com/transfer") return undefined;
  return refuse('Bearer error="insufficient_user_authentication", acr_values="phr"');
}

/** A function from Request to Response. Its login path leads to the provider, and a page without a session leads to the login. */
async function signsIn(handle) {
  const login = await handle(navigation("/login"));
  if (!login.headers.get("location")?.includes("/authorize?")) throw new Error(`/login: ${login.status}`);
  is((await handle(navigation("/"))).status, 303, "a page without a session");
}

async function claimsOf(provider) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: provider.issuer, aud: "https://api.example.com", sub: "mara", scope: "read", client_id: "app" };
  return { ...claims, iat: now, exp: now + 60, jti: crypto.randomUUID() };
}
const accessToken = async (provider) => provider.sign(await claimsOf(provider), { typ: "at+jwt" });
const bearer = (token, url = "https://api.example.com/") =>
  new Request(url, { headers: { authorization: `Bearer ${token}` } });

/** A server of plain Node, Express or Fastify. */
async function serves(server) {
  await server.ready?.();
  const listening = server.server ?? (typeof server === "function" ? createServer(server) : server);
  if (!listening.listening) await new Promise((done) => listening.listen(0, done));
  const origin = `http://127.0.0.1:${listening.address().port}`;
  const headers = { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  const { status, headers: answered } = await ask(`${origin}/login`, { headers });
  if (status === 404) is((await ask(`${origin}/orders`, { headers })).status, 401, "an API without a token");
  else if (!answered.location?.includes("/authorize?")) throw new Error(`/login: ${status}`);
  listening.closeAllConnections();
  listening.close();
}

/** The sets of a store forget sessions that have ended, and have no marks of logout tokens. */
async function storesInSets(create) {
  const kept = redis();
  const store = create(kept);
  await stores(store);
  const session = (sub, sid) => JSON.stringify({ sub, sid, sealed: "…" });
  const left = () => [...kept.sets].flatMap(([name, set]) => [...set.keys()].map((id) => `${name}: ${id}`)).join();
  is(left(), "", "after deletion by sid");
  for (const sid of ["a", "b"]) await store.put(sid, session("mara", sid), 60);
  await store.put("mark", "{}", 60);
  is(left(), "sub mara: a,sub mara: b,sid a: a,sid b: b", "two sessions");
  await store.delete("a");
  is(left(), "sub mara: b,sid b: b", "one session");
  await store.deleteBy({ sub: "mara" });
  is(`${left()} ${await store.get("b")} ${await store.get("mark")}`, " null {}", "no session");
  await store.put("old", session("mara", undefined), -1);
  await store.put("new", session("mara", undefined), 60);
  is(left(), "sub mara: new", "without the session that has ended");
  is(kept.lives.get("sub mara") >= 60, true, "the set ends too");
}

/** A store keeps a value, finds it, and forgets it. */
async function stores(store) {
  const value = JSON.stringify({ sub: "mara", sid: "s", sealed: "…" });
  await store.put("id", value, 60);
  is(await store.get("id"), value, "the stored value");
  if (store.deleteBy) await store.deleteBy({ sid: "s" });
  else await store.delete("id");
  is(await store.get("id"), null, "after deletion");
}

function redis() {
  const [values, sets, lives] = [new Map(), new Map(), new Map()];
  const setOf = (key) => sets.get(key) ?? sets.set(key, new Map()).get(key);
  return {
    sets,
    lives,
    get: async (key) => values.get(key) ?? null,
    set: async (key, value) => values.set(key, value),
    del: async (...keys) => {
      for (const key of keys) for (const all of [values, sets]) all.delete(key);
    },
    zadd: async (key, { score, member }) => setOf(key).set(member, score),
    zrange: async (key) => [...setOf(key).keys()],
    zrem: async (key, member) => setOf(key).delete(member),
    zremrangebyscore: async (key, from, to) => {
      for (const [member, score] of setOf(key)) if (score >= from && score <= to) setOf(key).delete(member);
    },
    expire: async (key, seconds) => lives.set(key, seconds),
  };
}
function kv() {
  const { get, set, del } = redis();
  return { get, put: set, delete: del };
}
/** The part of SQL that the store's four statements need. */
function d1() {
  const rows = new Map();
  const run = (sql, values) => {
    if (sql.startsWith("insert")) rows.set(values[0], { value: values[1], sub: values[2], sid: values[3] });
    if (/where id/.test(sql) && sql.startsWith("delete")) rows.delete(values[0]);
    for (const column of ["sub", "sid"])
      if (sql.startsWith("delete") && sql.includes(`where ${column}`))
        for (const [id, row] of rows) if (row[column] === values[0]) rows.delete(id);
    return rows.get(values[0]);
  };
  return {
    prepare: (sql) => ({
      bind: (...values) => ({
        run: async () => run(sql, values),
        first: async (column) => run(sql, values)?.[column] ?? null,
      }),
    }),
  };
}

/** The expected behaviour of each export of the documentation. */
/** The key that a provider encrypts with. */
const encryption = { jwk: undefined };

const drivers = {
  // ── servers ──
  server: serves,
  login: async (login) =>
    signsIn(
      typeof login === "function"
        ? login(redisLike()).protect(() => new Response("in"))
        : login.protect(() => new Response("in")),
    ),
  loginWith: async (make) => {
    const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
    const jwk = await crypto.subtle.exportKey("jwk", /** @type {CryptoKeyPair} */ (pair).privateKey);
    const serve = (await make(jwk, "32 random characters of the example")).protect(() => new Response("in"));
    await signsIn(serve);
    const { location } = Object.fromEntries((await serve(navigation("/"))).headers);
    is(new URL(location).searchParams.get("dpop_jkt")?.length, 43, "the thumbprint of the key");
  },
  proxy: signsIn,
  config: ({ matcher }) => is(Array.isArray(matcher), true, "a matcher"),
  GET: async (get) => is((await (await get()).json()).hello, null, "without a session"),
  handle: (handle) =>
    signsIn((request) => handle({ event: { request, locals: {} }, resolve: () => new Response("in") })),
  onRequest: (run) => signsIn((request) => run({ request, locals: {} }, () => new Response("in"))),
  home: (home) => is(new URL(home).protocol, "https:", "the application's address"),
  sessionContext: (context) => is(typeof context, "object", "a context"),
  middleware: ([run]) => signsIn((request) => run({ request, context: { set() {} } }, async () => new Response("in"))),
  default: (run) => signsIn((request) => run({ request, context: {}, headers: [] })),
  app: async (app) => {
    if (app.request) return is((await app.request("https://api.example.com/")).status, 401, "an API without a token");
    await serves(
      createServer((incoming, outgoing) => app.run({ req: incoming, res: outgoing }, async () => outgoing.end("in"))),
    );
  },
  answer: async (answer, { provider }) => {
    is((await answer(bearer("a.b.c"))).status, 401, "with an invalid token");
    isWithoutKeys = true;
    const good = bearer(await accessToken(provider));
    const seen = await answer(good).then(
      ({ status }) => status,
      ({ code }) => code,
    );
    isWithoutKeys = false;
    if (![503, "http.status"].includes(seen)) throw new Error(`without keys: ${seen}`);
    // The next request for keys comes a second later.
    await new Promise((done) => setTimeout(done, 1100));
    is((await answer(bearer(await accessToken(provider)))).status, 200, "with a token");
    const admin = bearer(await accessToken(provider), "https://api.example.com/admin");
    if (/admin/.test(String(answer))) is((await answer(admin)).status, 403, "without the scope");
  },
  subjectOf: async (subjectOf, { provider }) => is(await subjectOf(await accessToken(provider)), "mara", "the subject"),
  redisStore: storesInSets,
  kvStore: (create) => stores(create(kv())),
  d1Store: (create) => stores(create(d1())),
  durable: async (create) => {
    const held = [];
    const { get, put, delete: remove } = kv();
    const object = {
      get,
      put,
      delete: remove,
      acquire: async (name) => held.push(name),
      release: async (name) => held.push(`-${name}`),
    };
    const { store, lock } = create({ idFromName: (name) => name, get: () => object });
    await stores(store);
    is(await lock("one", async () => 5), 5, "the result of the locked function");
    is(held.join(), "one,-one", "the lock");
  },
  // ── DPoP keys ──
  begin: async (begin) => {
    const { url } = await begin();
    is(new URL(url).searchParams.get("dpop_jkt")?.length, 43, "the key's thumbprint");
  },
  orders: async (orders, { provider }) => {
    const { url, transaction } = await globalThis.started();
    is(await orders((await provider.authorize(url)).url, transaction), "[]", "the API's answer");
  },
  // ── FAPI 2.0 ──
  strictRequest: async (ask) =>
    is(new URL((await ask()).url).searchParams.get("request_uri"), "urn:op:1", "the pushed request"),
  // ── signed requests ──
  signedRequest: async (ask) => {
    const { url } = await ask();
    is(new URL(url).searchParams.get("request")?.split(".").length, 3, "the parts of the request object");
  },
  // ── signed introspection answers ──
  activity: async (ask) => is((await ask("a token")).sub, "mara", "the subject"),
  signedAnswer: async (ask) => is(new URL((await ask()).url).searchParams.get("response_mode"), "jwt", "the mode"),
  // ── encrypted answers ──
  encryptionKeys: async (ask) => {
    [encryption.jwk] = (await ask()).keys;
  },
  tokenClaims: async (ask, { rp, finishedLogin }) => {
    const { tokens, transaction } = await finishedLogin(rp);
    const { kid, alg } = encryption.jwk;
    const encrypt = new CompactEncrypt(new TextEncoder().encode(tokens.id_token));
    encrypt.setProtectedHeader({ alg, kid, enc: "A256GCM", cty: "JWT" });
    const idToken = await encrypt.encrypt(await importJWK(encryption.jwk));
    is((await ask(idToken, transaction)).sub, "mara", "the subject");
    const { code } = await ask(tokens.id_token, transaction).catch((error) => error);
    is(code, "jwe.required", "the plain token");
  },
  // ── a certificate ──
  certified: async (certified) =>
    is(await (await certified(import.meta.filename, import.meta.filename)).text(), "[]", "the API's answer"),
  certifiedServer: async (create, { provider }) => {
    const [own, client, other] = ["127.0.0.1", "a client", "another"].map(selfSigned);
    const server = create(own.key, own.cert);
    await new Promise((done) => server.listen(0, done));
    const cnf = { "x5t#S256": client.jwk["x5t#S256"] };
    const token = await provider.sign({ ...(await claimsOf(provider)), cnf }, { typ: "at+jwt" });
    const seen = [];
    for (const settings of [client, other, {}]) {
      const { key, cert } = settings;
      const options = { ca: own.cert, key, cert, agent: false, headers: { authorization: `Bearer ${token}` } };
      const asked = get(`https://127.0.0.1:${server.address().port}/orders`, options);
      const [reply] = await once(asked, "response");
      seen.push(reply.resume().statusCode);
    }
    is(seen.join(), "200,401,401", "with the certificate, another one, and none");
    server.close();
  },
  tokensOf: async (tokensOf) => is((await tokensOf({ fetch: globalThis.fetch })).token_type, "Bearer", "tokens"),
  boundSubject: async (subjectOf, { provider }) => {
    const der = new Uint8Array(300).fill(7);
    der.set([0x30, 0x82, 1, 40]);
    const hash = Buffer.from(await crypto.subtle.digest("SHA-256", der)).toString("base64url");
    const token = await provider.sign({ ...(await claimsOf(provider)), cnf: { "x5t#S256": hash } }, { typ: "at+jwt" });
    is(await subjectOf(token, der), "mara", "the subject");
  },
  // ── a device ──
  signIn: async (signIn) => {
    const shown = [];
    is(await signIn((...told) => shown.push(...told)), "mara", "the signed-in person");
    is(shown.join(), "https://op.example/activate,WDJB-MJHT", "the displayed values");
  },
  patient: async (patient, { rp }) =>
    is((await patient(rp, new AbortController().signal)).claims.sub, "mara", "the signed-in person"),
  atGoogle: async (atGoogle, { rp }) => is((await atGoogle(rp, "app")).claims.sub, "mara", "the signed-in person"),
  // ── a phone ──
  identify: async (identify) => is(await identify("mara@example.com", "W4SCT"), "mara", "the confirmed person"),
  // ── resources and registration ──
  connect: async (connect) => {
    const { url } = await connect("https://mcp.example.com/", "https://app.example/cb");
    const asked = new URL(url).searchParams;
    is(`${asked.get("scope")} ${asked.get("resource")}`, "mcp https://mcp.example.com/", "the requested values");
    // A server without scopes, and a provider without OpenID Connect.
    const plain = new URL((await connect("https://plain.example/mcp", "https://app.example/cb")).url).searchParams;
    is(`${plain.get("scope")} ${plain.get("resource")}`, "null https://plain.example/mcp", "the values without scopes");
  },
  firstCall: async (firstCall, { rp, provider }) => {
    const { url, transaction } = rp.authorizationRequest({ scope: "email" });
    const back = (await provider.authorize(url)).url;
    is(await (await firstCall(rp, "https://mcp.example.com/", back, transaction)).text(), "a tool's answer", "answer");
  },
  transfer: async (transfer, { rp }) => {
    const kept = [];
    let left = "";
    globalThis.location.assign = (url) => {
      left = `${url}`;
    };
    await transfer(rp, { access_token: "a", token_type: "Bearer" }, (...given) => kept.push(...given));
    is(`${new URL(left).searchParams.get("acr_values")} ${kept.length}`, "phr 2", "the next request");
  },
  join: async (join) => {
    const [rp, client] = await join("https://op.example", "https://app.example/cb");
    is(`${client.client_id} ${rp.provider.issuer}`, "app https://op.example", "the client");
  },
  rename: async (rename) => is((await rename(registration, "Another")).client_name, "Another", "the name"),
  leave: async (leave) => is(await leave(registration), undefined, "after removal"),
  serveMetadata: async (serve) => {
    const address = "https://app.example/oauth/client.json";
    is((await serve(new Request(address)).json()).client_id, address, "the identifier");
    is(serve(new Request("https://app.example/")), undefined, "another address");
  },
  onBehalf: (onBehalf, { rp, provider }) => grants(onBehalf(rp, "subject"), provider, "token-exchange"),
  withAssertion: (use, { rp, provider }) => grants(use(rp, "PHNhbWxwOl8"), provider, "saml2-bearer"),
  pay: async (pay, { rp }) => {
    const details = new URL((await pay(rp, "5.00")).url).searchParams.get("authorization_details");
    is(JSON.parse(details ?? "[]")[0].instructedAmount.amount, "5.00", "the amount");
  },
  // ── the engine ──
  depart: (depart) => is(depart().status, 302, "the way to the provider"),
  arrive: async (arrive, { provider }) => {
    const { headers } = globalThis.started();
    const back = (await provider.authorize(headers.get("location"))).url;
    // A browser keeps what is before the first semicolon.
    const cookie = `another=1; ${headers.get("set-cookie").split(";")[0]}`;
    const answer = await arrive(new Request(back, { headers: { cookie } }));
    is(await answer.text(), "Hello, mara", "the signed-in person");
  },
  finish: async (finish, { rp, provider }) => {
    const { url, transaction } = rp.authorizationRequest({ responseType: "code id_token", responseMode: "form_post" });
    const { body } = await provider.authorize(url);
    const request = new Request("https://app.example/cb", { method: "POST", body });
    is((await finish(rp, request, transaction)).claims.sub, "mara", "the signed-in person");
  },
  guard: async (guard, { rp, provider }) => {
    // The result of createGuard(), or a function of the engine's relying party.
    if (guard.metadata) return is((await guard(new Request("https://api.example.com/"))).status, 401, "no token");
    is((await guard(rp, new Request("https://api.example.com/")))?.status, 401, "without a token");
    is(await guard(rp, bearer(await accessToken(provider))), undefined, "with a token");
  },
  ended: async (ended, { rp, provider }) => {
    const now = Math.floor(Date.now() / 1000);
    const events = { "http://schemas.openid.net/event/backchannel-logout": {} };
    const claims = { iss: provider.issuer, aud: "app", sub: "mara", iat: now, exp: now + 60, jti: "1", events };
    const body = new URLSearchParams({ logout_token: await provider.sign(claims, { typ: "logout+jwt" }) });
    is((await ended(rp, new Request("https://app.example/backchannel", { method: "POST", body }))).sub, "mara", "who");
  },
  end: async (end, { rp, finishedLogin }) => {
    const { tokens } = await finishedLogin(rp);
    await end(rp, tokens.access_token);
    is((await rp.introspect(tokens.access_token)).active, false, "the revoked token");
  },
  tokens: async (tokens, { confidential, provider }) => {
    // The test provider has no token exchange and rejects the request.
    const outcome = await tokens(confidential, "subject").catch(({ error }) => error);
    is(outcome, "unsupported_grant_type", "the second grant");
    const bodies = provider.requests.filter(({ endpoint }) => endpoint === "token").map(({ body }) => body);
    const sent = new URLSearchParams(bodies.at(-1)).get("grant_type");
    is(sent, "urn:ietf:params:oauth:grant-type:token-exchange", "the grant that was sent");
  },
  privateKey: async (privateKey) => {
    const { privateKey: key } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
    const der = Buffer.from(await crypto.subtle.exportKey("pkcs8", key)).toString("base64");
    is(
      (await privateKey(`-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`)).type,
      "private",
      "the key",
    );
  },
};

const registration = {
  client_id: "app",
  registration_client_uri: "https://op.example/register/app",
  registration_access_token: "the-token-of-a-registration",
};

/** The test provider has no such grant and rejects the request. */
async function grants(outcome, provider, type) {
  is(await outcome.catch(({ error }) => error), "unsupported_grant_type", type);
  const bodies = provider.requests.filter(({ endpoint }) => endpoint === "token").map(({ body }) => body);
  is(new URLSearchParams(bodies.at(-1)).get("grant_type"), `urn:ietf:params:oauth:grant-type:${type}`, "the grant");
}

const redisLike = () => ({ ...kv(), deleteBy: async () => {} });
