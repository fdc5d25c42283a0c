// One case of growth.mjs in its own process: hot calls with small input, then input that grows from 1 KiB to 1 MiB.
//   entries/growth.mjs                          lists the cases
//   entries/growth.mjs <case> watch   prints which calls of the engine ran, and whether memory grew
//   entries/growth.mjs <case>         runs without observation
import { metadataOf } from "./metadata.mjs";

const [, , name, mode] = process.argv;
const isWatched = mode === "watch";

/** V8 inlines an export after some thousand calls. An observed export has a wrapper, so it needs no warm-up. */
const HOT = isWatched ? 100 : 7000;
const KIB = 1024;

// ── the engine's memory ──

let engine;
const bytes = () => engine.memory.buffer.byteLength;

/** The numbers of the engine's calls since the last look at memory. */
let seen = new Set();
let made = 0;

/** An export that calls the engine. The caller reads it right before each call. */
function looked(exports, name) {
  const call = (number, ...rest) => {
    seen.add(number);
    return exports[name](number, ...rest);
  };
  return {
    get() {
      made++;
      return isWatched ? call : exports[name];
    },
  };
}

WebAssembly.Instance = class extends WebAssembly.Instance {
  /** @override */
  get exports() {
    const exports = super.exports;
    // Node's own modules come through here too.
    if (!exports.structured) return exports;
    engine = exports;
    return Object.create(exports, { call: looked(exports, "call"), structured: looked(exports, "structured") });
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
} = await import("oidc-wasm");
await init();

// ── the provider, and the host ──

const issuer = "https://op.example";
const provider = metadataOf(issuer);
const redirectUri = "https://app.example/cb";
const client = { clientId: "app", redirectUri };
const party = (more) => new RelyingParty(provider, { ...client, ...more });

/** A string that makes a message of `n` bytes. */
const long = (n) => "x".repeat(Math.max(20, n - KIB / 2));
const now = Math.floor(Date.now() / 1000);
const claims = { iss: issuer, sub: "mara", aud: "app", iat: now, exp: now + 300 };
const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const token = (n = 0, more = {}) =>
  `${part({ alg: "ES256" })}.${part({ ...claims, ...more, long: long(n * 0.7) })}.${"A".repeat(86)}`;
// The key of RFC 7515 A.3.
const [x, y] = ["f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"];
const keySet = (n = 0) => ({ keys: [{ kty: "EC", crv: "P-256", x, y }], long: long(n) });
const tokens = (n = 0) => ({ access_token: "the-access-token", token_type: "Bearer", long: long(n) });

/**
 * The same answer for every URL, or one for each path. Not a byte stream: that detaches a buffer, and memory growth
 * must be first to do so.
 */
const answering = (said) => ({
  fetch: async (url) => {
    const answer = { "/jwks": keySet(), ...said }[new URL(url).pathname] ?? said;
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(JSON.stringify(answer)));
        controller.close();
      },
    });
    const reply = { status: 200, headers: new Headers({ "content-type": "application/json" }), body };
    return /** @type {Response} */ (/** @type {unknown} */ (reply));
  },
});

// Each call of WebCrypto takes time, so this stands in for it.
let verdict = true;
crypto.subtle.importKey = async () => /** @type {CryptoKey} */ ({});
crypto.subtle.sign = async () => new ArrayBuffer(32);
crypto.subtle.verify = async () => verdict;

/** The clock jumps ahead at each read, so that every call fetches the keys. */
function leap() {
  let time = Date.now();
  Date.now = () => {
    time += 11 * 60_000;
    return time;
  };
}

async function refused(code, call) {
  const error = await call.catch((reason) => reason);
  if (error?.code !== code) throw error;
}

// ── the cases ──

/** `method: CALL` → calls the method with a message of `n` bytes. The method makes that call of the engine. */
const cases = {
  "createPkce: CREATE_PKCE": () => () => createPkce(),
  "codeChallenge: CODE_CHALLENGE": () => (n) => codeChallenge(long(n).padEnd(43, "x")),
  "parseChallenges: PARSE_CHALLENGES": () => (n) => parseChallenges(`Bearer realm="${long(n)}"`),
  "downscope: DOWNSCOPE": () => (n) => downscope({ scope: "read" }, { "https://api.example": ["read", long(n)] }),
  "discover: DISCOVERY_REQUEST": () => async (n) => {
    const address = `${issuer}/${long(n)}`;
    (await RelyingParty.discover(address, client, answering({ ...provider, issuer: address }))).free();
  },
  "discover: DISCOVERY_RESPONSE": () => async (n) =>
    (await RelyingParty.discover(issuer, client, answering({ ...provider, long: long(n) }))).free(),
  "constructor: RELYING_PARTY": () => (n) => new RelyingParty({ ...provider, long: long(n) }, client).free(),
  "authorizationRequest: AUTHORIZATION_REQUEST": () => {
    const rp = party();
    return (n) => rp.authorizationRequest({ loginHint: long(n) });
  },
  "authorizationResponse: AUTHORIZATION_RESPONSE": () => {
    const rp = party();
    const { state, transaction } = rp.authorizationRequest();
    return (n) => rp.authorizationResponse(`${redirectUri}?code=${long(n)}&state=${state}`, transaction);
  },
  "grant: CLIENT_ASSERTION": () => {
    const rp = party({ auth: { method: "client_secret_jwt", secret: "a secret of thirty-two bytes or more" } });
    return (n) => rp.grant({ type: "client_credentials" }, answering(tokens(n)));
  },
  "tokenRequest: TOKEN_REQUEST": () => {
    const rp = party();
    return (n) => rp.tokenRequest({ type: "refresh_token", refreshToken: long(n) });
  },
  "tokenResponse: TOKEN_RESPONSE": () => {
    const rp = party();
    const headers = { "content-type": "application/json" };
    return (n) =>
      rp.tokenResponse(
        { status: 200, headers, body: JSON.stringify(tokens(n)) },
        { type: "refresh_token", refreshToken: "the-refresh-token" },
      );
  },
  "verifyIdToken: JWKS_REQUEST": () => {
    leap();
    const rp = party();
    return (n) => rp.verifyIdToken(token(n), { now }, answering({}));
  },
  "importKeys: JWKS_RESPONSE": () => {
    const rp = party();
    let time = 0;
    return (n) => rp.importKeys(`${++time} ${provider.jwks_uri}\n${JSON.stringify(keySet(n))}`);
  },
  "verifyAccessToken: VERIFICATION": () => {
    const rp = party();
    return (n) => rp.verifyAccessToken(token(n), { audience: "app" }, answering({}));
  },
  "verifyLogoutToken: SIGNATURE_REFUSED": () => {
    const rp = party();
    verdict = false;
    return (n) => refused("jws.signature", rp.verifyLogoutToken(token(n), answering({})));
  },
  "refresh: EXPECT": () => {
    const rp = party();
    return (n) => rp.refresh("the-refresh-token", { previous: { ...claims, long: long(n) }, ...answering(tokens()) });
  },
  "verifyIdToken: CLAIMS": () => {
    const rp = party();
    return (n) => rp.verifyIdToken(token(n), {}, answering({}));
  },
  "verifyLogoutToken: CLAIMS": () => {
    const rp = party();
    const events = { "http://schemas.openid.net/event/backchannel-logout": {} };
    return (n) => rp.verifyLogoutToken(token(n, { events, jti: "the-logout" }), answering({}));
  },
  "checkIdToken: CHECK_ID_TOKEN": () => {
    const rp = party();
    return (n) => rp.checkIdToken(token(n));
  },
  "callback: REPORT_ID_TOKEN": () => {
    const rp = party();
    const { url, state, transaction } = rp.authorizationRequest();
    const nonce = new URL(url).searchParams.get("nonce");
    const response = `${redirectUri}?code=the-code&state=${state}`;
    return (n) =>
      rp.callback(response, transaction, answering({ "/token": { ...tokens(), id_token: token(n, { nonce }) } }));
  },
  "callback: EXCHANGE": () => {
    const rp = party();
    const { state, transaction } = rp.authorizationRequest({ scope: "read" });
    return (n) =>
      rp.callback(`${redirectUri}?code=${long(n)}&state=${state}`, transaction, answering({ "/token": tokens() }));
  },
  "refresh: EXCHANGED": () => {
    const rp = party();
    return (n) => rp.refresh("the-refresh-token", answering(tokens(n)));
  },
  "dropped: FREE": () => (n) => new RelyingParty({ ...provider, long: long(n) }, client).free(),
  "userInfo: USERINFO_REQUEST": () => {
    const rp = party();
    return (n) => rp.userInfo(long(n), "mara", answering({ sub: "mara" }));
  },
  "userInfo: USERINFO_RESPONSE": () => {
    const rp = party();
    return (n) => rp.userInfo("the-access-token", "mara", answering({ sub: "mara", long: long(n) }));
  },
  "revoke: REVOCATION_REQUEST": () => {
    const rp = party();
    return (n) => rp.revoke(long(n), answering({}));
  },
  "revoke: REVOCATION_RESPONSE": () => {
    const rp = party();
    return (n) => rp.revoke("the-access-token", answering({ long: long(n) }));
  },
  "introspect: INTROSPECTION_REQUEST": () => {
    const rp = party({ auth: { method: "client_secret_post", secret: "the-secret" } });
    return (n) => rp.introspect(long(n), answering({ active: true }));
  },
  "introspect: INTROSPECTION_RESPONSE": () => {
    const rp = party({ auth: { method: "client_secret_post", secret: "the-secret" } });
    return (n) => rp.introspect("the-access-token", answering({ active: true, long: long(n) }));
  },
  "introspect: INTROSPECTED": () => {
    const rp = party({ auth: { method: "client_secret_post", secret: "the-secret" } });
    const expected = { audience: "https://api.example" };
    return (n) =>
      rp.introspect("the-access-token", {
        expected,
        ...answering({ active: true, aud: "https://api.example", long: long(n) }),
      });
  },
  "initiatedLogin: INITIATED_LOGIN": () => {
    const rp = party();
    return (n) => rp.initiatedLogin(new URLSearchParams({ iss: issuer, login_hint: long(n) }));
  },
  "endSessionUrl: END_SESSION_URL": () => {
    const rp = party();
    return (n) => rp.endSessionUrl({ logoutHint: long(n) });
  },
  "endSessionReturned: END_SESSION_RETURNED": () => {
    const rp = party();
    return (n) => rp.endSessionReturned(`https://app.example/?state=${long(n)}`, long(n));
  },
  "isFrontChannelLogout: FRONT_CHANNEL_LOGOUT": () => {
    const rp = party();
    return (n) => rp.isFrontChannelLogout(new URLSearchParams({ iss: issuer, sid: long(n) }), { sid: long(n) });
  },
};

if (!name) console.log(JSON.stringify(Object.keys(cases)));
else {
  const call = cases[name]();
  while (made < HOT) await call(0);
  const before = bytes();
  seen = new Set();
  for (let n = KIB; n <= KIB * KIB; n *= 2) {
    try {
      await call(n);
    } catch (error) {
      if (!(error instanceof OidcError) || error.code === "internal") throw error;
    }
  }
  console.log(JSON.stringify({ calls: [...seen], hasGrown: bytes() > before }));
}
