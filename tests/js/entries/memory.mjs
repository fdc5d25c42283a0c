// Run with --expose-gc, the name of a way, and a count. Prints JSON: pages of memory, or the secrets left in it.
import { readFileSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { compact, createKey } from "../../support/provider/jws.js";
import { metadataOf } from "./metadata.mjs";

/** The file of a module that counts its bytes, for the ways. */
const { COUNTED } = process.env;
let wasm;
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(module, imports) {
    super(module, imports);
    // Node's own modules come through here too.
    if (this.exports.place) wasm = this.exports;
  }
};
const {
  default: init,
  codeChallenge,
  createPkce,
  downscope,
  OidcError,
  parseChallenges,
  RelyingParty,
} = await import(COUNTED ? "oidc-wasm/full" : "oidc-wasm");
await init(COUNTED ? new WebAssembly.Module(readFileSync(COUNTED)) : undefined);
const pages = () => wasm.memory.buffer.byteLength / 65536;

const issuer = "https://op.example.com";
const provider = {
  ...metadataOf(issuer),
  scopes_supported: Array.from({ length: 40 }, (_, at) => `scope-${at}`),
};
const client = { clientId: "app", redirectUri: "https://app.example.com/cb" };
const json = { "content-type": "application/json" };
const reply = {
  status: 200,
  headers: json,
  body: '{"access_token":"at","token_type":"Bearer","id_token":"a.b.c"}',
};
const refresh = /** @type {const} */ ({ type: "refresh_token", refreshToken: "refresh-token" });
const key = await createKey("ES256");
const stranger = await createKey("ES256", key.kid);
const keySet = JSON.stringify({ keys: [key.jwk] });
const fetch = async () => new Response(keySet, { headers: json });
const claims = (members) => {
  const now = Math.floor(Date.now() / 1000);
  return { iss: issuer, sub: "s", aud: client.clientId, iat: now, exp: now + 600, ...members };
};
const signed = (members, by = key) => compact({ alg: "ES256", kid: key.kid }, claims(members), by.privateKey);
const forged = await signed({}, stranger);

/** A call that must fail with this code. */
const refused = async (code, call) => {
  const verdict = await Promise.resolve()
    .then(call)
    .then(
      () => "ok",
      (error) => (error instanceof OidcError ? error.code : String(error)),
    );
  if (verdict !== code) throw new Error(`expected ${code}, got ${verdict}`);
};

function login(rp) {
  const { state, transaction } = rp.authorizationRequest({ scope: "openid email" });
  const { code } = rp.authorizationResponse(`${client.redirectUri}?code=the-code&state=${state}`, transaction);
  const grant = { type: "authorization_code", code, transaction };
  rp.tokenRequest(grant);
  rp.tokenResponse(reply, grant);
  rp.checkIdToken(forged, { nonce: "n" });
}

// ── creating and freeing a relying party ──

const kept = [];
let keyed;

const ways = {
  kept: () => kept.push(new RelyingParty(provider, client)),
  dropped: (count) => {
    const rp = new RelyingParty(provider, client);
    if (count % 10 === 0) login(rp);
  },
  freed: (count) => {
    const rp = new RelyingParty(provider, client);
    if (count % 10 === 0) login(rp);
    rp.free();
  },
  disposed: () => new RelyingParty(provider, client)[Symbol.dispose](),
  failing: async () => {
    await refused(
      "discovery.metadata",
      () => new RelyingParty({ ...provider, issuer: /** @type {any} */ (5) }, client),
    );
    await refused(
      "argument.relax",
      () => new RelyingParty(provider, { ...client, relax: [/** @type {any} */ ("no-such-relaxation")] }),
    );
    const rp = new RelyingParty(provider, client);
    const answer = (body) => () => rp.tokenResponse({ ...reply, body }, refresh);
    await refused("request.scope", () => rp.authorizationRequest({ scope: "\u0001" }));
    await refused("transaction.malformed", () => rp.authorizationResponse(`${client.redirectUri}?state=x`, "none"));
    await refused("token.oauth_error", answer('{"error":"invalid_grant","code":"x"}'));
    if (rp.checkIdToken("....").valid) throw new Error("a token of dots is valid");
    rp.free();
  },
  // Servers limit the length of a header. This one is at the limit.
  flooded: async () => {
    const rp = new RelyingParty(provider, client);
    const headers = { "www-authenticate": "a,".repeat(2e6), "content-type": "x".repeat(4e6) };
    await refused("token.status", () => rp.tokenResponse({ ...reply, status: 401, headers }, refresh));
    rp.free();
  },
  // Tokens with a wrong signature, each for a new relying party with its own keys. The engine frees the parsed token too.
  verified: () => {
    const rp = new RelyingParty(provider, client);
    return refused("jws.signature", () => rp.verifyIdToken(forged, {}, { fetch }));
  },
  // The other kinds of token, and a client that signs an assertion for each request.
  served: async () => {
    const auth = /** @type {const} */ ({ method: "client_secret_jwt", secret: "a secret of thirty-two bytes or more" });
    const rp = new RelyingParty(provider, { ...client, auth });
    const down = () => Promise.reject(new TypeError("the network is down"));
    await refused("jws.signature", () => rp.verifyAccessToken(forged, { audience: "app" }, { fetch }));
    await refused("jws.signature", () => rp.verifyLogoutToken(forged, { fetch }));
    await rp.revoke("token", { fetch });
    await refused("http.failed", () => rp.revoke("token", { fetch: down }));
  },
  discovered: async (count) => {
    const metadata = async () => new Response(JSON.stringify(provider), { headers: json });
    const rp = await RelyingParty.discover(issuer, client, { fetch: metadata });
    if (count % 2) rp.free();
  },
  // Replaces the keys of one relying party again and again.
  rekeyed: (count) => {
    keyed ??= new RelyingParty(provider, client);
    const set = JSON.stringify({
      keys: Array.from({ length: 1 + (count % 40) }, (_, at) => ({ ...key.jwk, kid: `${at}` })),
    });
    keyed.importKeys(`${1e12 + count} ${provider.jwks_uri}\n${set}`);
  },
};

// ── hostile input: each about a megabyte ──

const MEGABYTE = 1 << 20;
/** Puts as many pieces between two ends as fit. */
function filled(start, piece, end) {
  const all = [start];
  let { length } = start + end;
  for (let at = 0; ; at++) {
    const next = piece(at);
    length += next.length;
    if (length > MEGABYTE) return [...all, end].join("");
    all.push(next);
  }
}
const members = (name, value) =>
  filled(`{"issuer":"${issuer}","${name}":[${value(0)}`, (at) => `,${value(at + 1)}`, "]}");

/** A process makes only what it needs: the garbage collections of the others are then fast. */
const hostile = {
  numbers: () => filled("[0", () => ",0", "]"),
  names: () => filled('{"a":0', (at) => `,"${at.toString(36)}":0`, "}"),
  open: () => filled("[", () => "[", ""),
  nested: () => filled("[0", () => `,${"[".repeat(60)}${"]".repeat(60)}`, "]"),
  escaped: () => filled('["a"', () => ',"\\u0061"', "]"),
  text: () => filled('{"a":"', () => "\\u20ac", '"}'),
  // The largest number of keys that a set may have, with names that fill the mebibyte.
  wholeKeys: () =>
    `{"keys":[${Array.from({ length: 1000 }, (_, at) => {
      const own = { ...key.jwk, kid: `${at}` };
      return JSON.stringify({ ...own, kid: `${at}`.padEnd(1045 - JSON.stringify(own).length, "k") });
    }).join()}]}`,
  emptyKeys: () => `{"keys":[${Array(37_000).fill("{}").join()}]}`,
  // Metadata that the engine keeps: one long list, and one of long names.
  scopes: () => members("scopes_supported", (at) => `"${at}"`),
  algorithms: () => members("id_token_signing_alg_values_supported", (at) => `"RS256${at % 7}"`),
};

/** A body from a token endpoint, userinfo, a key set or metadata. Memory must stay within bounds, whatever the result. */
async function judged(rp, body) {
  importing++;
  const answer = { ...reply, body };
  const fetch = async () => new Response(body, { headers: json });
  const verdict = (call) =>
    Promise.resolve()
      .then(call)
      .then(
        () => "ok",
        (error) => error.code ?? `${error}`,
      );
  return [
    await verdict(() => rp.tokenResponse(answer, refresh)),
    await verdict(() => rp.userInfo("at", "s", { fetch })),
    await verdict(() => rp.introspect("at", { fetch })),
    await verdict(() => rp.importKeys(`${importing} ${provider.jwks_uri}\n${body}`)),
    await verdict(async () => (await RelyingParty.discover(issuer, client, { fetch })).free()),
    await verdict(() => rp.authorizationRequest({ loginHint: body.slice(0, MEGABYTE - 64) })),
    await verdict(() => parseChallenges(body)),
  ];
}
let importing = 1e12;

/** Counts the pages after four checks of each input, and after many more. A new key set replaces the old one each time. */
async function pagesOfHostile(only) {
  const bodies = Object.keys(hostile)
    .filter((name) => only === "all" || name === only)
    .map((name) => hostile[name]());
  const isMegabyte = (body) => body.length > MEGABYTE / 10 && body.length <= MEGABYTE;
  if (!bodies.length || !bodies.every(isMegabyte)) throw new Error("no megabyte");
  const rp = new RelyingParty(provider, client);
  const seen = [pages()];
  for (let count = 1; count <= times; count++) {
    await judged(rp, bodies[count % bodies.length]);
    if (count === 4 * bodies.length || count === times) seen.push(pages());
  }
  return { pages: seen };
}

/** A string of about the longest length that fits without growth, of characters with one, two or three bytes. */
function border(character, by) {
  const rp = new RelyingParty(provider, client);
  const before = pages();
  const room = wasm.memory.buffer.byteLength - new Uint32Array(wasm.memory.buffer, wasm.place(), 1)[0];
  // The engine reserves three bytes for each character.
  const hint = character.repeat(Math.floor(room / 3) + by);
  const { url, state } = rp.authorizationRequest({ loginHint: hint });
  const read = new URL(url).searchParams;
  const isRead = read.get("login_hint") === hint && read.get("state") === state;
  return { isRead, length: hint.length, grown: pages() - before };
}

// ── secrets ──

/** Pieces of twelve characters, so that the search finds a part of a secret too. */
const pieces = (secret) => secret.match(/.{12}/gsu) ?? [];

/** Makes every call with its own marked secrets. Returns the secrets found in memory after each call. */
async function leftOver(behind) {
  const secrets = {};
  const all = { made: 0, searched: 0 };
  const left = [];
  /** A secret. The search ignores the part after it. */
  const secret = (name) => {
    const text = crypto.randomUUID();
    secrets[name] = text;
    all.made++;
    return text + behind;
  };
  /** A signed token has at most 64 KiB. */
  const inToken = (name) => secret(name).slice(0, 10_000);
  const found = () => {
    const memory = Buffer.from(wasm.memory.buffer);
    all.searched++;
    return Object.keys(secrets).filter((name) => pieces(secrets[name]).some((piece) => memory.includes(piece)));
  };
  /** Runs a call, then searches memory, also after an error. */
  const step = async (after, code, call) => {
    let value;
    const verdict = await Promise.resolve()
      .then(call)
      .then(
        (result) => {
          value = result;
          return "ok";
        },
        (error) => error.code ?? error.stack,
      );
    if (verdict !== code) throw new Error(`${after}: expected ${code}, got ${verdict}`);
    for (const name of found()) {
      if (name === "client-secret") continue;
      left.push(`${name} after ${after}`);
      // Report each secret once.
      delete secrets[name];
    }
    return value;
  };
  const answer =
    (body, headers = json, status = 200) =>
    async () =>
      new Response(body, { headers, status });
  const methods = ["client_secret_post", "client_secret_basic", "client_secret_jwt"];
  for (const method of methods) {
    const auth = { method, secret: secret("client-secret") };
    const rp = await step(
      "RelyingParty",
      "ok",
      () => new RelyingParty(provider, { ...client, auth: /** @type {any} */ (auth) }),
    );
    // The relying party keeps the client's secret until it is freed, so the search must find it.
    if (!found().includes("client-secret")) throw new Error("the search does not find a known secret");
    const sent = async (name, code, call) => {
      if (method === "client_secret_jwt") return;
      const { headers } = (await step(name, code, call)) ?? {};
      if (headers?.authorization) secrets.basic = headers.authorization.slice(6);
    };

    const asked = await step("authorizationRequest", "ok", () =>
      rp.authorizationRequest({ loginHint: secret("hint") }),
    );
    secrets.state = asked.state;
    const { nonce, code_challenge: challenge } = Object.fromEntries(new URL(asked.url).searchParams);
    const trade = { type: "authorization_code", code: "the-code", transaction: asked.transaction };
    const body = method === "client_secret_jwt" ? "" : rp.tokenRequest(trade).body;
    const verifier = new URLSearchParams(body).get("code_verifier") ?? createPkce().verifier;
    Object.assign(secrets, { nonce, challenge, verifier, transaction: asked.transaction.slice(4, 100) });
    if (Object.values(secrets).includes(undefined)) throw new Error(`one is missing of ${Object.keys(secrets)}`);
    await step("a search", "ok", () => {});
    secrets.pair = (await step("createPkce", "ok", () => createPkce())).verifier;
    await step("codeChallenge", "ok", () => codeChallenge(secrets.verifier));
    await step("codeChallenge, refused", "pkce.verifier", () => codeChallenge(`${secret("blanks")} `));

    const back = (code, state) => new URLSearchParams({ code, state });
    const good = back(secret("code"), asked.state);
    const { code } = await step("authorizationResponse", "ok", () => rp.authorizationResponse(good, asked.transaction));
    await step("authorizationResponse, refused", "redirect.state", () =>
      rp.authorizationResponse(back(secret("other-code"), secret("other-state")), asked.transaction),
    );
    const denied = new URLSearchParams({
      error: "access_denied",
      error_description: secret("words"),
      state: asked.state,
    });
    await step("authorizationResponse, denied", "redirect.oauth_error", () =>
      rp.authorizationResponse(denied, asked.transaction),
    );
    const grant = { type: "authorization_code", code, transaction: asked.transaction };
    await sent("tokenRequest", "ok", () => rp.tokenRequest(grant));
    const password = { type: "password", username: secret("username"), password: secret("password") };
    await sent("tokenRequest, password", "ok", () => rp.tokenRequest(password));
    await step("tokenRequest, refused", "request.scope", () => rp.tokenRequest({ ...password, scope: "\u0001" }));
    createPkce();
    // This is longer than the data of the call before it.
    await step("tokenRequest, half a character", "argument.username", () =>
      rp.tokenRequest({ ...password, username: `${"x".repeat(5_000)}${secret("half")}\ud800` }),
    );

    const idToken = await signed({ nonce: nonce, secret: inToken("claim") });
    secrets.idToken = idToken.slice(-80);
    const tokens = () =>
      JSON.stringify({
        access_token: secret("access-token").replace(/[^!-~]/g, "x"),
        token_type: "Bearer",
        refresh_token: secret("new-refresh-token"),
        id_token: idToken,
      });
    await step("tokenResponse", "ok", () => rp.tokenResponse({ ...reply, body: tokens() }, grant));
    await step("tokenResponse, refused", "token.content_type", () =>
      rp.tokenResponse({ status: 200, headers: { "content-type": "text/html" }, body: tokens() }, grant),
    );
    const challenges = { ...json, "www-authenticate": `Basic realm="${secret("realm").slice(0, 36)}"` };
    await step("tokenResponse, refused with challenges", "token.oauth_error", () =>
      rp.tokenResponse(
        { status: 401, headers: challenges, body: `{"error":"x","error_description":"${secret("described")}"}` },
        grant,
      ),
    );
    await step("callback", "ok", () =>
      rp.callback(good, asked.transaction, {
        fetch: async (url) => answer(url.endsWith("/jwks") ? keySet : tokens())(),
      }),
    );
    await step("verifyIdToken", "ok", () => rp.verifyIdToken(idToken, { nonce: nonce }, { fetch }));
    await step("verifyIdToken, refused", "id_token.nonce", () =>
      rp.verifyIdToken(idToken, { nonce: secret("another-nonce") }, { fetch }),
    );
    await step("verifyIdToken, forged", "jws.signature", () =>
      rp.verifyIdToken(forged, { nonce: secret("nonce-2") }, { fetch }),
    );
    await step("checkIdToken", "ok", () =>
      rp.checkIdToken(idToken, {
        nonce: nonce,
        channel: "token",
        accessToken: secret("access-token-2"),
        code: secret("code-2"),
      }),
    );
    const apiToken = await signed({ aud: "api", scope: "read", secret: inToken("claim-2") });
    secrets.apiToken = apiToken.slice(-80);
    await step("verifyAccessToken", "ok", () => rp.verifyAccessToken(apiToken, { audience: "api" }, { fetch }));
    await step("verifyAccessToken, refused", "access_token.aud", () =>
      rp.verifyAccessToken(apiToken, { audience: "b" }, { fetch }),
    );

    const late = await signed({ nonce, secret: inToken("late-claim") });
    const lateApi = await signed({ aud: "api", secret: inToken("late-claim-2") });
    Object.assign(secrets, { late: late.slice(-80), lateApi: lateApi.slice(-80) });
    const down = () => Promise.reject(new TypeError("the network is down"));
    /** The only available keys are too old. */
    const dayLater = (call) => async () => {
      const { now } = Date;
      Date.now = () => now() + 25 * 3_600_000;
      try {
        return await call();
      } finally {
        Date.now = now;
      }
    };
    await step(
      "verifyIdToken, the keys a day old and the endpoint down",
      "http.failed",
      dayLater(() => rp.verifyIdToken(late, { nonce }, { fetch: down })),
    );
    await step(
      "verifyAccessToken, the keys a day old and the endpoint down",
      "http.failed",
      dayLater(() => rp.verifyAccessToken(lateApi, { audience: "api" }, { fetch: down })),
    );

    await step("refresh", "ok", () => rp.refresh(secret("refresh-token"), { fetch: answer(tokens()) }));
    await step("grant", "token.oauth_error", () =>
      rp.grant(
        { type: "refresh_token", refreshToken: secret("spent-token") },
        { fetch: answer('{"error":"invalid_grant"}', challenges, 400) },
      ),
    );
    const bearer = secret("bearer-token").replace(/[^!-~]/g, "x");
    const me = JSON.stringify({ sub: "s", name: secret("person") });
    await step("userInfo", "ok", () => rp.userInfo(bearer, "s", { fetch: answer(me) }));
    await step("userInfo, refused", "userinfo.sub", () =>
      rp.userInfo(bearer, secret("another-person"), { fetch: answer(me) }),
    );
    await step("revoke", "ok", () => rp.revoke(secret("revoked-token"), { fetch: answer("") }));
    await step("revoke, refused", "revocation.oauth_error", () =>
      rp.revoke(secret("revoked-token-2"), { fetch: answer('{"error":"unsupported_token_type"}', json, 400) }),
    );
    const about = JSON.stringify({ active: true, username: secret("username-2") });
    await step("introspect", "ok", () => rp.introspect(secret("asked-token"), { fetch: answer(about) }));
    await step("introspect, refused", "json.trailing", () =>
      rp.introspect(secret("asked-token-2"), { fetch: answer(`${about}]`) }),
    );
    await step("endSessionUrl", "ok", () =>
      rp.endSessionUrl({ idTokenHint: secret("hinted-token"), state: secret("state-2") }),
    );
    const signedOut = `https://app.example.com/?${new URLSearchParams({ state: secret("state-3") })}`;
    await step("endSessionReturned", "ok", () => rp.endSessionReturned(signedOut, secret("state-4")));
    const ended = new URLSearchParams({ iss: issuer, sid: secret("session-2") });
    await step("isFrontChannelLogout", "ok", () => rp.isFrontChannelLogout(ended, { sid: secret("session-3") }));
    const started = new URLSearchParams({ iss: issuer, login_hint: secret("hint-2") });
    await step("initiatedLogin", "ok", () => rp.initiatedLogin(started));
    await step("parseChallenges", "ok", () => parseChallenges(`Basic realm="${secret("realm-2")}"`));
    await step("downscope", "ok", () =>
      downscope(
        { scope: secrets.state, resource: "https://api.example.com" },
        { "https://api.example.com": [secrets.state] },
      ),
    );

    // Replaced keys. Public members are no secrets, but other members of the set must be gone too.
    const set = (name) => JSON.stringify({ keys: [{ ...key.jwk, "x-note": secret(name) }] });
    const now = Date.now();
    rp.importKeys(`${now} ${provider.jwks_uri}\n${set("note")}`);
    rp.importKeys(`${now + 1} ${provider.jwks_uri}\n${keySet}`);
    await step("a replaced key set", "ok", () => {});
    rp.free();
    await step("free", "ok", () => {});
    left.push(...found().map((secret) => `${secret} when the party was given back`));
  }
  return { left, ...all };
}

const [, , way, count = "0", behind = ""] = process.argv;
const times = Number(count);

/** The bytes in use by the live handles, at equal distances, each time after garbage collection. */
async function liveOf() {
  const seen = [];
  const words = Buffer.from("Bytes of all zones: ");
  const read = () => {
    const at = Buffer.from(wasm.memory.buffer).indexOf(words);
    if (at < 0) throw new Error("this module does not count its bytes: it is not the test build");
    return new DataView(wasm.memory.buffer).getUint32(at + words.length, true);
  };
  const start = pages();
  for (let count = 1; count <= times; count++) {
    await ways[way](count);
    if (count % (times / 3)) continue;
    // Finalizers run between turns of the event loop.
    for (let turns = 0; turns < 5; turns++) {
      gc();
      await turn();
    }
    seen.push(read());
  }
  return { live: seen, pages: [start, pages()] };
}

const tasks = {
  secrets: () => leftOver({ ascii: "", "not ASCII": "-é€😀", "over 64 KiB": "x".repeat(70_000) }[behind]),
  hostile: () => pagesOfHostile(behind),
  border: () => border(behind, times),
};
console.log(JSON.stringify(await (tasks[way] ?? liveOf)()));
