// Signatures through the host's WebCrypto: each algorithm valid, altered, and by another key. Also the signed example of the standard.
import { RelyingParty } from "oidc-wasm";
import { fakeFetch } from "./fake.js";
import { fail, ok, same, secret, test, throws, vector } from "./harness.js";
import {
  algorithms,
  base64url,
  decoded,
  encode,
  flipped,
  fromBase64url,
  isSigned,
  keys,
  privateKey,
  publicKey,
  sign,
} from "./tokens.js";

const now = 1311281000;
const provider = {
  issuer: "https://op.example.com",
  jwks_uri: "https://op.example.com/jwks",
  token_endpoint: "https://op.example.com/token",
};
const claims = { iss: provider.issuer, sub: "24400320", aud: "app", exp: now + 600, iat: now - 10 };

function party(alg, members) {
  return new RelyingParty(
    { ...provider, id_token_signing_alg_values_supported: [alg] },
    { clientId: "app", ...members },
  );
}

const serving = (...set) => fakeFetch(() => ({ body: { keys: set } }));

for (const [alg, { key, other, hmac }] of Object.entries(algorithms)) {
  if (hmac) continue;
  const good = () => sign({ header: { alg, kid: keys[key].kid }, claims, key });

  test(`signature: ${alg}`, async () => {
    const fetch = serving(publicKey(key));
    same(await party(alg).verifyIdToken(await good(), { now }, { fetch }), claims);
  });
  test(`signature: ${alg}, one bit changed`, async () => {
    const fetch = serving(publicKey(key));
    await throws("jws.signature", async () => party(alg).verifyIdToken(flipped(await good()), { now }, { fetch }));
  });
  test(`signature: ${alg}, other claims under it`, async () => {
    const [header, , signature] = (await good()).split(".");
    const [, payload] = (await sign({ header: { alg }, claims: { ...claims, sub: "admin" }, key })).split(".");
    const token = secret(`${header}.${payload}.${signature}`);
    await throws("jws.signature", () => party(alg).verifyIdToken(token, { now }, { fetch: serving(publicKey(key)) }));
  });
  if (other) {
    test(`signature: ${alg}, by another key that claims the same kid`, async () => {
      const fetch = serving(publicKey(other, { kid: keys[key].kid }));
      await throws("jws.signature", async () => party(alg).verifyIdToken(await good(), { now }, { fetch }));
    });
  }
  test(`signature: ${alg}, empty or too short`, async () => {
    const token = await good();
    const input = token.slice(0, token.lastIndexOf("."));
    for (const signature of [
      new Uint8Array(1),
      new Uint8Array(63),
      fromBase64url(token.slice(input.length + 1)).slice(1),
    ]) {
      await throws("jws.signature", () =>
        party(alg).verifyIdToken(`${input}.${base64url(signature)}`, { now }, { fetch: serving(publicKey(key)) }),
      );
    }
  });
}

const shared = keys.secret;

// ── sizes ──

/** A token of this many characters. Base64url cannot have some lengths. */
async function longToken(length, key = "rsa1") {
  const header = { alg: "RS256", kid: keys.rsa1.kid };
  const made = (filling) => sign({ header, claims: { ...claims, filling: "x".repeat(filling) }, key });
  const near = Math.floor(((length - (await made(0)).length) * 3) / 4);
  for (let filling = near + 2; ; filling--) {
    const token = await made(filling);
    if (token.length <= length) return token;
  }
}

test("signature: a token of 64 KiB is read, and one of more is jws.too_large before anything is fetched", async () => {
  const fetch = serving(publicKey("rsa1"));
  const rp = party("RS256");
  const [good, long] = [await longToken(65536), await longToken(65540)];
  ok(good.length > 65500 && long.length > 65536, `${good.length} and ${long.length} characters`);
  await throws("jws.too_large", () => rp.verifyIdToken(long, { now }, { fetch }));
  await throws("jws.too_large", () => rp.verifyLogoutToken(long, { now, fetch }));
  await throws("jws.too_large", () => rp.verifyAccessToken(long, { audience: "api", now }, { fetch }));
  same(rp.checkIdToken(long, { now }).checks[0].rule, "jws.too_large", "first rule of the report");
  same(fetch.calls.length, 0, "requests");
  same((await rp.verifyIdToken(good, { now }, { fetch })).sub, claims.sub);
});

test("signature: a large token's claims are checked only after a valid signature, by the same rules", async () => {
  const fetch = serving(publicKey("rsa1"));
  const rp = party("RS256");
  const forged = await longToken(40_000, "rsa2");
  const good = await longToken(40_000);
  await throws("jws.signature", () => rp.verifyIdToken(forged, { now: now + 3600 }, { fetch }), "forged and expired");
  await throws("id_token.exp", () => rp.verifyIdToken(good, { now: now + 3600 }, { fetch }), "expired");
  await throws("id_token.nonce", () => rp.verifyIdToken(good, { now, nonce: "n" }, { fetch }), "without its nonce");
  await throws("argument.channel", () => rp.verifyIdToken(forged, { now, code: "c" }, { fetch }), "the caller's fault");
  same((await rp.verifyIdToken(good, { now }, { fetch })).sub, claims.sub);
});

test("signature: the caller's fault comes before a wrong signature, also with known keys", async () => {
  const rp = party("RS256");
  const fetch = serving(publicKey("rsa1"));
  const token = await sign({ header: { alg: "RS256", kid: keys.rsa1.kid }, claims, key: "rsa1" });
  same((await rp.verifyIdToken(token, { now }, { fetch })).sub, claims.sub);
  await throws("jws.signature", () => rp.verifyIdToken(flipped(token), { now, nonce: "n" }, { fetch }));
  for (const wrong of [token, flipped(token)])
    await throws("argument.channel", () => rp.verifyIdToken(wrong, { now, code: "c" }, { fetch }));
});

// ── headers of reports ──

test("report: a changed header of an earlier report changes no later one", async () => {
  const rp = party("RS256");
  for (const more of ['"kid":"a"', '"kid":"b"', '"jwk":{"kty":"RSA"}', '"__proto__":7', '"kid":["a"]', '"jwk":\n{}']) {
    const header = `{"alg":"RS256",${more}}`;
    const token = `${encode(header)}.e30.AA`;
    for (const time of ["first", "second", "third"]) {
      const { header: seen } = rp.checkIdToken(token);
      same(JSON.stringify(seen), header.replace("\n", ""), `${time} report`);
      seen.alg = "none";
      for (const value of Object.values(seen)) if (typeof value === "object") Object.assign(value, { more: true });
      delete seen.kid;
    }
  }
});

// ── a client's own signatures ──

/** The grant's parameters from a client with this authentication. */
async function assertionBy(auth, members) {
  const fetch = fakeFetch(() => ({ body: { access_token: "at", token_type: "Bearer" } }));
  const rp = new RelyingParty({ ...provider, ...members }, { clientId: "app", auth });
  await Promise.all([1, 2].map(() => rp.grant({ type: "client_credentials" }, { fetch })));
  const [jwt, another] = fetch.calls.map(({ body }) => secret(new URLSearchParams(body).get("client_assertion")));
  ok(decoded(jwt).claims.jti !== decoded(another).claims.jti, "two requests at once, two identifiers");
  return jwt;
}

for (const [alg, { key, hmac }] of Object.entries(algorithms)) {
  // WebCrypto names it Ed25519. The registered name that every provider knows is EdDSA (RFC 8037 §3.1).
  if (hmac || alg === "Ed25519") continue;
  test(`client assertion: ${alg} with a key that cannot be exported`, async () => {
    const jwt = await assertionBy({ method: "private_key_jwt", key: await privateKey(key, alg), kid: "key-1" });
    same(decoded(jwt).header, { alg, typ: "JWT", kid: "key-1" }, "header");
    ok(await isSigned(jwt, alg, key), "signature");
  });
}

test("client assertion: client_secret_jwt is HS256 with the secret", async () => {
  const jwt = await assertionBy({ method: "client_secret_jwt", secret: secret(shared) });
  same(decoded(jwt).header, { alg: "HS256", typ: "JWT" }, "header");
  ok(await isSigned(jwt, "HS256", shared), "signature");
});

test("client assertion: the metadata's algorithms for other uses do not matter", async () => {
  const key = await privateKey("p256a", "ES256");
  const jwt = await assertionBy(
    { method: "private_key_jwt", key },
    { id_token_signing_alg_values_supported: ["RS256"] },
  );
  same(decoded(jwt).header, { alg: "ES256", typ: "JWT" }, "header");
});

// ── tokens signed with the client's secret ──

const withSecret = (alg) =>
  party(alg, { idTokenSignedResponseAlg: alg, auth: { method: "client_secret_basic", secret: secret(shared) } });
const unused = () => fakeFetch(() => fail("a shared secret needs no key set"));

for (const alg of ["HS256", "HS384", "HS512"]) {
  test(`signature: ${alg} with the registered secret, the key set never fetched`, async () => {
    const fetch = unused();
    const rp = withSecret(alg);
    const token = await sign({ header: { alg }, claims, secret: shared });
    same(await rp.verifyIdToken(token, { now }, { fetch }), claims);
    await throws("jws.signature", () => rp.verifyIdToken(flipped(token), { now }, { fetch }));
    const forged = await sign({
      header: { alg, kid: "some-kid" },
      claims,
      secret: "a key that the client never got, 32+ bytes",
    });
    await throws("jws.signature", () => rp.verifyIdToken(forged, { now }, { fetch }));
    same(fetch.calls.length, 0, "requests");
  });
}

test("signature: HS256 unregistered, or registered without a secret, is jws.alg", async () => {
  const token = await sign({ header: { alg: "HS256" }, claims, secret: shared });
  const rp = party("HS256", { auth: { method: "client_secret_basic", secret: shared } });
  await throws("jws.alg", () => rp.verifyIdToken(token, { now }, { fetch: unused() }));
});

test("signature: HS256 made with the provider's public RSA key is jws.alg", async () => {
  const token = await sign({
    header: { alg: "HS256", kid: keys.rsa1.kid },
    claims,
    secret: JSON.stringify(publicKey("rsa1")),
  });
  await throws("jws.alg", () => party("RS256").verifyIdToken(token, { now }, { fetch: serving(publicKey("rsa1")) }));
});

test("signature: a weak key, a point off its curve and a broken modulus are jwks.weak_key, never a DOMException", async () => {
  const header = { alg: "RS256", kid: keys.rsa1024.kid };
  const weak = await sign({ header, claims, key: "rsa1024" });
  await throws(
    "jwks.weak_key",
    () => party("RS256").verifyIdToken(weak, { now }, { fetch: serving(publicKey("rsa1024")) }),
    "1024 bits",
  );
  const token = await sign({ header: { alg: "ES256", kid: keys.p256a.kid }, claims });
  const off = publicKey("p256a", { y: publicKey("p256b").y });
  await throws(
    "jwks.weak_key",
    () => party("ES256").verifyIdToken(token, { now }, { fetch: serving(off) }),
    "off the curve",
  );
});

// OpenID Connect Core 1.0 §3.1.3.3, signed with the key of its Appendix A.7.
export const example = {
  provider: { issuer: "http://server.example.com", jwks_uri: "https://server.example.com/jwks" },
  client: { clientId: "s6BhdRkqt3" },
  nonce: "n-0S6_WzA2Mj",
  token:
    "eyJhbGciOiJSUzI1NiIsImtpZCI6IjFlOWdkazcifQ.ewogImlzcyI6ICJodHRwOi8vc2VydmVyLmV4YW1wbGUuY29tIiwKICJzdWIiOiAiMjQ4Mjg5NzYxMDAxIiwKICJhdWQiOiAiczZCaGRSa3F0MyIsCiAibm9uY2UiOiAibi0wUzZfV3pBMk1qIiwKICJleHAiOiAxMzExMjgxOTcwLAogImlhdCI6IDEzMTEyODA5NzAKfQ.ggW8hZ1EuVLuxNuuIJKX_V8a_OMXzR0EHR9R6jgdqrOOF4daGU96Sr_P6qJp6IcmD3HP99Obi1PRs-cwh3LO-p146waJ8IhehcwL7F09JdijmBqkvPeB2T9CJNqeGpe-gccMg4vfKjkM8FcGvnzZUN4_KSP0aAp1tOJ1zZwgjxqGByKHiOtX7TpdQyHE5lcMiKPXfEIQILVq0pc_E2DzL7emopWoaoZTF_m0_N0YzFC6g6EJbOEoRoSK5hoDalrcvRYLSrQAZZKflyuVCyixEoV9GfNQC3_osjzw2PAithfubEEBLuVVk4XUVrWOLrLl0nx7RkKU8NXNHq-rvKMzqg",
  key: {
    kty: "RSA",
    kid: "1e9gdk7",
    e: "AQAB",
    n: "w7Zdfmece8iaB0kiTY8pCtiBtzbptJmP28nSWwtdjRu0f2GFpajvWE4VhfJAjEsOcwYzay7XGN0b-X84BfC8hmCTOj2b2eHT7NsZegFPKRUQzJ9wW8ipn_aDJWMGDuB1XyqT1E7DYqjUCEOD1b4FLpy_xPn6oV_TYOfQ9fZdbE5HGxJUzekuGcOKqOQ8M7wfYHhHHLxGpQVgL0apWuP2gDDOdTtpuld4D2LK1MZK99s9gaSjRHE8JDb1Z4IGhEcEyzkxswVdPndUWzfvWBBWXWxtSUvQGBRkuy1BHOa4sP6FKjWEeeF7gm7UMs2Nm2QUgNZw6xvEDGaLk4KASdIxRQ",
  },
};

const exampleParty = () => new RelyingParty(example.provider, example.client);
const { nonce, token } = example;

vector("example: the ID token of OpenID Connect Core verifies with its key", async () => {
  const verified = await exampleParty().verifyIdToken(secret(token), { nonce, now }, { fetch: serving(example.key) });
  same(verified, {
    iss: "http://server.example.com",
    sub: "248289761001",
    aud: "s6BhdRkqt3",
    nonce,
    exp: 1311281970,
    iat: 1311280970,
  });
  return "ok";
});
vector("example: it has expired at 1311282001 with the tolerance of 30 s, not a second earlier", async () => {
  await exampleParty().verifyIdToken(token, { nonce, now: 1311281999 }, { fetch: serving(example.key) });
  await throws("id_token.exp", () =>
    exampleParty().verifyIdToken(token, { nonce, now: 1311282001 }, { fetch: serving(example.key) }),
  );
  return "id_token.exp";
});
vector("example: altered, it does not verify", async () => {
  await throws("jws.signature", () =>
    exampleParty().verifyIdToken(flipped(token), { nonce, now }, { fetch: serving(example.key) }),
  );
  return "jws.signature";
});

test("signature: any value but true from the host is an invalid signature", async () => {
  const token = await sign({ header: { alg: "RS256", kid: keys.rsa1.kid }, claims, key: "rsa1" });
  const host = Object.getPrototypeOf(crypto.subtle);
  const { verify } = host;
  const options = { fetch: serving(publicKey("rsa1")) };
  const verified = () => party("RS256").verifyIdToken(token, { now }, options);
  await verified();
  try {
    for (const answer of [async () => 1, async () => "true", async () => ({}), async () => undefined, () => false]) {
      host.verify = answer;
      await throws("jws.signature", verified);
    }
    const cause = new Error("the host's");
    for (const answer of [
      () => {
        throw cause;
      },
      () => Promise.reject(cause),
    ]) {
      host.verify = answer;
      const error = await throws("jws.unsupported_key", verified);
      ok(error.cause === cause, "the host's own words");
    }
  } finally {
    host.verify = verify;
  }
  await verified();
});

test("signature: an algorithm that this runtime lacks, or a key that it cannot use, has its own error", async () => {
  const token = await sign({ header: { alg: "RS256", kid: keys.rsa1.kid }, claims, key: "rsa1" });
  const host = Object.getPrototypeOf(crypto.subtle);
  const { importKey } = host;
  const verified = () => party("RS256").verifyIdToken(token, { now }, { fetch: serving(publicKey("rsa1")) });
  const refusals = { NotSupportedError: "jws.unsupported_alg", DataError: "jws.unsupported_key" };
  try {
    for (const [name, code] of Object.entries(refusals)) {
      const cause = new DOMException("the host's", name);
      host.importKey = async () => {
        throw cause;
      };
      const error = await throws(code, verified, name);
      ok(error.cause === cause, "the host's own words");
    }
  } finally {
    host.importKey = importKey;
  }
  await verified();
});
