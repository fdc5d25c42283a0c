// Encrypted tokens as vectors: node tests/support/encrypted.mjs
// jose encrypts them with new random numbers at each run, so run this only to add cases. tests/vectors/encrypted.json is committed.
import { constants, createCipheriv, createHmac, createPublicKey, publicEncrypt, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CompactEncrypt, CompactSign, importJWK } from "jose";

const folder = join(import.meta.dirname, "../vectors");
const keys = JSON.parse(await readFile(join(folder, "keys.json"), "utf8"));
const now = 1311281000;
const provider = {
  issuer: "https://op.example",
  authorization_endpoint: "https://op.example/authorize",
  token_endpoint: "https://op.example/token",
  userinfo_endpoint: "https://op.example/userinfo",
  introspection_endpoint: "https://op.example/introspect",
  jwks_uri: "https://op.example/jwks",
  id_token_signing_alg_values_supported: ["ES256"],
};
const claims = {
  iss: provider.issuer,
  sub: "248289761001",
  aud: "s6BhdRkqt3",
  exp: now + 600,
  iat: now,
  nonce: "n-0S6_WzA2Mj",
};

// RFC 7748 §6.1: Bob's key. Its x is his public one.
const x25519 = {
  kty: "OKP",
  crv: "X25519",
  x: "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08",
  d: "XasIfmJKikt54X-Lg4AO5m87sSkmGLb9HC-LJ_-I4Os",
};

/** RFC 7516 §A.1.3 */
const einstein = JSON.parse(await readFile(join(import.meta.dirname, "rfc7516_a1.json"), "utf8"));

const cookbook = JSON.parse(await readFile(join(import.meta.dirname, "rfc7520_5.json"), "utf8"));
const nested = JSON.parse(await readFile(join(import.meta.dirname, "rfc7520_6.json"), "utf8"));

const text = (value) =>
  value instanceof Uint8Array
    ? value
    : new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const base64url = (bytes) => Buffer.from(bytes).toString("base64url");
const part = (value) => base64url(text(value));

async function signed(more = {}, { header = {}, key = "p256a" } = {}) {
  const by = { alg: "ES256", kid: key, ...header };
  return new CompactSign(text({ ...claims, ...more })).setProtectedHeader(by).sign(await importJWK(keys[key], "ES256"));
}

/** `of` is the name of a key, or the key. */
async function encrypted(content, alg, enc, of, header = {}, parties = undefined) {
  const { kty, n, e, crv, x, y } = keys[of] ?? of;
  const key = await importJWK(JSON.parse(JSON.stringify({ kty, n, e, crv, x, y })), alg);
  const by = new CompactEncrypt(text(content)).setProtectedHeader(
    JSON.parse(JSON.stringify({ alg, enc, cty: "JWT", ...header })),
  );
  if (parties) by.setKeyManagementParameters(parties);
  return by.encrypt(key, { crit: { exp: false } });
}

const headerOf = (token) => JSON.parse(Buffer.from(token.split(".")[0], "base64url").toString());

/** The token with another header, which no longer fits its tag. */
const reheaded = (token, header) =>
  [part(typeof header === "string" ? header : { ...headerOf(token), ...header }), ...token.split(".").slice(1)].join(
    ".",
  );

/** The token with another part: 1 the encrypted key, 2 the IV, 3 the ciphertext, 4 the tag. */
function replaced(token, at, change) {
  const parts = token.split(".");
  const made = change(Buffer.from(parts[at], "base64url"), parts[at]);
  parts[at] = typeof made === "string" ? made : base64url(made);
  return parts.join(".");
}
const bent = (bytes) => Buffer.from(bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte)));

/** A content encryption key, encrypted for `rsa1`. */
function oaep(secret) {
  const key = createPublicKey({ key: keys.rsa1, format: "jwk" });
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }, secret);
}

const jws = await signed();

/** The good token under a key that jose refuses, because it does not fit `enc` (RFC 7518 §5.2.2.1 and §5.3). */
function sealed(enc, secret, wrap) {
  const header = part({ alg: "RSA-OAEP-256", enc, cty: "JWT", kid: "rsa1 RSA-OAEP-256" });
  const isGcm = enc.endsWith("GCM");
  const mac = isGcm ? 0 : Number(enc.slice(-3)) / 16;
  const iv = randomBytes(isGcm ? 12 : 16);
  const by = `aes-${(secret.length - mac) * 8}-${isGcm ? "gcm" : "cbc"}`;
  const cipher = /** @type {import("node:crypto").CipherGCM} */ (createCipheriv(by, secret.subarray(mac), iv));
  if (isGcm) cipher.setAAD(text(header));
  const content = Buffer.concat([cipher.update(jws), cipher.final()]);
  const bits = Buffer.alloc(8);
  bits.writeUInt32BE(header.length * 8, 4);
  const signed = Buffer.concat([text(header), iv, content, bits]);
  const tag = isGcm
    ? cipher.getAuthTag()
    : createHmac(`sha${mac * 16}`, secret.subarray(0, mac))
        .update(signed)
        .digest()
        .subarray(0, mac);
  return [header, ...[wrap(secret), iv, content, tag].map(base64url)].join(".");
}

const cases = [];
const good = (name, token, more = {}) =>
  cases.push({ name, rule: "jwe.decryption", token, content: jws, ...more, expect: { ok: claims.sub } });
const bad = (code, name, token, neighbour, more = {}) =>
  cases.push({
    name,
    rule: code.startsWith("argument.") ? "argument" : code,
    token,
    ...more,
    expect: { error: { code } },
    neighbour,
  });

const of = {
  "RSA-OAEP": "rsa1",
  "RSA-OAEP-256": "rsa1",
  "ECDH-ES": "p256a",
  "ECDH-ES+A128KW": "p384",
  "ECDH-ES+A256KW": "p521",
};
const tokens = {};
for (const [alg, key] of Object.entries(of))
  for (const enc of ["A128GCM", "A256GCM", "A128CBC-HS256", "A256CBC-HS512"]) {
    const name = `${alg} with ${enc}`;
    tokens[name] = await encrypted(jws, alg, enc, key, { kid: `${key} ${alg}` });
    good(name, tokens[name]);
  }
const rsa = tokens["RSA-OAEP-256 with A256GCM"];
const direct = tokens["ECDH-ES with A256GCM"];
const wrapped = tokens["ECDH-ES+A256KW with A256CBC-HS512"];
const RSA = "RSA-OAEP-256 with A256GCM";
const DIRECT = "ECDH-ES with A256GCM";
const WRAPPED = "ECDH-ES+A256KW with A256CBC-HS512";

const decryption = (...all) => ({ client: { decryption: all } });
for (const enc of ["A128GCM", "A256CBC-HS512"])
  good(`X25519 with ${enc}`, await encrypted(jws, "ECDH-ES", enc, x25519), decryption({ key: x25519, alg: "ECDH-ES" }));
const parties = { apu: text("Alice"), apv: text("Bob") };
good(
  "apu and apv, as RFC 7518 §C",
  await encrypted(jws, "ECDH-ES", "A128GCM", "p256a", { kid: "p256a ECDH-ES" }, parties),
);
good("a header without kid", await encrypted(jws, "RSA-OAEP", "A128GCM", "rsa1"));
good("a key without kid", rsa, decryption({ key: "rsa1", alg: "RSA-OAEP-256" }));
good(
  "the second of two keys, by kid",
  rsa,
  decryption(
    { key: "rsa2", alg: "RSA-OAEP-256", kid: "old" },
    { key: "rsa1", alg: "RSA-OAEP-256", kid: "rsa1 RSA-OAEP-256" },
  ),
);
const ours = { key: "rsa1", alg: "RSA-OAEP-256" };
const named = { ...ours, kid: "rsa1 RSA-OAEP-256" };
const nameless = { key: "rsa2", alg: "RSA-OAEP-256" };
good("a key with the token's kid after one without", rsa, decryption(nameless, named));
good("a key with the token's kid before one without", rsa, decryption(named, nameless));
good("a key without kid beside one with another kid", rsa, decryption({ ...nameless, kid: "old" }, ours));
good(
  "a key without kid beside one with the token's kid for another algorithm",
  rsa,
  decryption({ ...named, alg: "RSA-OAEP" }, ours),
);
good(
  "the second of two keys, by curve",
  await encrypted(jws, "ECDH-ES", "A128GCM", "p384"),
  decryption({ key: "p256a", alg: "ECDH-ES" }, { key: "p384", alg: "ECDH-ES" }),
);
good("cty absent", await encrypted(jws, "RSA-OAEP", "A128GCM", "rsa1", { cty: undefined }));
good("cty as a media type", await encrypted(jws, "RSA-OAEP", "A128GCM", "rsa1", { cty: "application/jwt" }));
good(
  "claims of the header",
  await encrypted(jws, "RSA-OAEP", "A128GCM", "rsa1", { iss: claims.iss, aud: claims.aud, typ: "JWT" }),
);

// ── required or not ──
const registered = (idTokenEncryptedResponseAlg) => ({ client: { idTokenEncryptedResponseAlg } });
good("the registered algorithm", rsa, registered("RSA-OAEP-256"));
good("a plain token of a client that is not registered", jws);
bad(
  "jwe.required",
  "a plain token of a registered client",
  jws,
  "the registered algorithm",
  registered("RSA-OAEP-256"),
);
bad(
  "jwe.required",
  "four parts of a registered client",
  rsa.replace(/\.[^.]*$/, ""),
  "the registered algorithm",
  registered("RSA-OAEP-256"),
);
bad("jws.malformed", "four parts of a client that is not registered", rsa.replace(/\.[^.]*$/, ""), RSA);
bad("jws.malformed", "six parts", `${rsa}.AAAA`, RSA);
bad("jwe.alg", "another than the registered algorithm", rsa, "the registered algorithm", registered("RSA-OAEP"));
bad("id_token.encrypted", "an encrypted token without keys", rsa, RSA, { client: { decryption: null } });
bad("argument.decryption", "a registered algorithm without a key", rsa, "the registered algorithm", {
  client: { decryption: [{ key: "rsa1", alg: "RSA-OAEP" }], idTokenEncryptedResponseAlg: "RSA-OAEP-256" },
  refused: true,
});

// ── the parts ──
for (const [at, name] of ["the header", "the encrypted key", "the IV", "the ciphertext", "the tag"].entries()) {
  bad(
    "jwe.malformed",
    `${name} with padding`,
    replaced(rsa, at, (_, it) => `${it}=`),
    RSA,
  );
  bad(
    "jwe.malformed",
    `${name} with another alphabet`,
    replaced(rsa, at, (_, it) => `+${it.slice(1)}`),
    RSA,
  );
}
bad(
  "jwe.malformed",
  "a last character with stray bits",
  replaced(
    rsa,
    4,
    (_, it) => `${it.slice(0, -1)}${it.endsWith("A") ? "B" : it.endsWith("Q") ? "R" : it.endsWith("g") ? "h" : "x"}`,
  ),
  RSA,
);
bad("jwe.malformed", "an empty header", rsa.replace(/^[^.]*/, ""), RSA);
cases.at(-1).rule = "json.syntax";
cases.at(-1).expect.error.code = "json.syntax";
bad(
  "jwe.malformed",
  "RSA without an encrypted key",
  replaced(rsa, 1, () => ""),
  RSA,
);
bad(
  "jwe.malformed",
  "ECDH-ES with an encrypted key",
  replaced(direct, 1, () => randomBytes(40)),
  DIRECT,
);
for (const bytes of [64, 71, 73, 80])
  bad(
    "jwe.malformed",
    `a wrapped key of ${bytes} bytes for A256CBC-HS512`,
    replaced(wrapped, 1, () => randomBytes(bytes)),
    WRAPPED,
  );
for (const bytes of [0, 11, 13, 16])
  bad(
    "jwe.malformed",
    `an IV of ${bytes} bytes for GCM`,
    replaced(rsa, 2, () => randomBytes(bytes)),
    RSA,
  );
for (const bytes of [0, 12, 15, 17])
  bad(
    "jwe.malformed",
    `an IV of ${bytes} bytes for CBC`,
    replaced(wrapped, 2, () => randomBytes(bytes)),
    WRAPPED,
  );
for (const bytes of [0, 4, 12, 15, 17])
  bad(
    "jwe.malformed",
    `a tag of ${bytes} bytes for GCM`,
    replaced(rsa, 4, () => randomBytes(bytes)),
    RSA,
  );
for (const bytes of [0, 16, 31, 64])
  bad(
    "jwe.malformed",
    `a tag of ${bytes} bytes for A256CBC-HS512`,
    replaced(wrapped, 4, () => randomBytes(bytes)),
    WRAPPED,
  );
for (const bytes of [0, 15, 17])
  bad(
    "jwe.malformed",
    `a ciphertext of ${bytes} bytes for CBC`,
    replaced(wrapped, 3, () => randomBytes(bytes)),
    WRAPPED,
  );
bad(
  "jwe.decryption",
  "a ciphertext of 16 bytes for CBC",
  replaced(wrapped, 3, () => randomBytes(16)),
  WRAPPED,
);
bad(
  "jwe.decryption",
  "an empty ciphertext for GCM",
  replaced(rsa, 3, () => ""),
  RSA,
);

// ── the header ──
bad("json.syntax", "a header that is no JSON", reheaded(rsa, "{"), RSA);
bad("json.object", "a header that is no object", reheaded(rsa, "[]"), RSA);
bad("json.duplicate", "alg twice", reheaded(rsa, `{"alg":"RSA-OAEP-256","alg":"RSA-OAEP","enc":"A256GCM"}`), RSA);
for (const alg of [
  "RSA1_5",
  "RSA-OAEP-384",
  "RSA-OAEP-512",
  "dir",
  "A128KW",
  "A256KW",
  "A256GCMKW",
  "PBES2-HS256+A128KW",
  "ECDH-ES+A192KW",
  "ECDH-1PU",
  "rsa-oaep-256",
  "none",
  "",
  5,
  null,
])
  bad("jwe.alg", `alg ${JSON.stringify(alg)}`, reheaded(rsa, { alg }), RSA);
for (const enc of ["A192GCM", "A192CBC-HS384", "A256CBC", "C20P", "a256gcm", "", 5, null])
  bad("jwe.alg", `enc ${JSON.stringify(enc)}`, reheaded(rsa, { enc }), RSA);
for (const [member, values] of Object.entries({
  zip: ["DEF", "", 0, false],
  crit: [["exp"], [], null, "exp"],
  cty: ["json", "", 5, "at+jwt"],
  kid: [5, ["a"], {}],
}))
  for (const value of values)
    bad("jwe.header", `${member} ${JSON.stringify(value)}`, reheaded(rsa, { [member]: value }), RSA);
bad("jwe.header", "b64 false", reheaded(rsa, { b64: false }), RSA);

// ── the sender's key ──
const { epk } = headerOf(direct);
const epks = {
  "no epk": null,
  "epk a string": "P-256",
  "epk empty": {},
  "epk without x": { ...epk, x: undefined },
  "epk without y": { ...epk, y: undefined },
  "epk without kty": { ...epk, kty: undefined },
  "epk of another kty": { ...epk, kty: "OKP" },
  "epk of an unknown curve": { ...epk, crv: "secp256k1" },
  "epk of Ed25519": { kty: "OKP", crv: "Ed25519", x: keys.ed25519.x },
  "epk that is no point": { ...epk, y: base64url(bent(Buffer.from(epk.y, "base64url"))) },
  "epk of zeros": { ...epk, x: base64url(Buffer.alloc(32)), y: base64url(Buffer.alloc(32)) },
  "epk with a short x": { ...epk, x: base64url(Buffer.from(epk.x, "base64url").subarray(1)) },
  "epk with a long x": { ...epk, x: base64url(Buffer.concat([Buffer.alloc(1), Buffer.from(epk.x, "base64url")])) },
  "epk with a padded x": { ...epk, x: `${epk.x}=` },
  "epk with a number as x": { ...epk, x: 5 },
  "epk of P-384 with the coordinates of P-256": { ...epk, crv: "P-384" },
};
for (const [name, epk] of Object.entries(epks)) bad("jwe.header", name, reheaded(direct, { epk }), DIRECT);
good("epk, which RSA does not need", await encrypted(jws, "RSA-OAEP", "A128GCM", "rsa1", { epk }));
const curve25519 = decryption({ key: x25519, alg: "ECDH-ES" });
const short = { kty: "OKP", crv: "X25519", x: base64url(Buffer.from(x25519.x, "base64url").subarray(1)) };
const montgomery = await encrypted(jws, "ECDH-ES", "A256GCM", x25519);
good("X25519 with A256GCM", montgomery, curve25519);
bad(
  "jwe.header",
  "epk of X25519 with 31 bytes",
  reheaded(montgomery, { epk: short }),
  "X25519 with A256GCM",
  curve25519,
);
bad(
  "jwe.header",
  "epk of X25519 as EC",
  reheaded(montgomery, { epk: { ...x25519, d: undefined, kty: "EC" } }),
  "X25519 with A256GCM",
  curve25519,
);
bad(
  "jwe.decryption",
  "epk of X25519 with the order 1",
  reheaded(montgomery, { epk: { kty: "OKP", crv: "X25519", x: base64url(Buffer.alloc(32)) } }),
  "X25519 with A256GCM",
  curve25519,
);
for (const name of ["apu", "apv"])
  for (const value of [5, "Alice=", "A", ["QQ"]])
    bad(
      "jwe.header",
      `${name} ${JSON.stringify(value)}`,
      reheaded(direct, { [name]: value }),
      "apu and apv, as RFC 7518 §C",
    );

// ── the client's key ──
bad("jwe.key", "an unknown kid", reheaded(rsa, { kid: "2025" }), RSA);
bad("jwe.key", "the kid of a key for another algorithm", reheaded(rsa, { kid: "rsa1 RSA-OAEP" }), RSA);
bad("jwe.key", "no key of the algorithm", rsa, RSA, decryption({ key: "rsa1", alg: "RSA-OAEP" }));
bad("jwe.key", "no key of the curve", direct, DIRECT, decryption({ key: "p384", alg: "ECDH-ES" }));
bad(
  "jwe.key",
  "two keys without kid",
  rsa,
  "the second of two keys, by kid",
  decryption({ key: "rsa2", alg: "RSA-OAEP-256" }, { key: "rsa1", alg: "RSA-OAEP-256" }),
);
bad(
  "jwe.key",
  "two keys without kid beside one with another kid",
  rsa,
  "a key without kid beside one with another kid",
  decryption({ ...nameless, kid: "old" }, nameless, ours),
);
bad(
  "jwe.key",
  "two keys with the token's kid",
  rsa,
  "a key with the token's kid after one without",
  decryption({ ...nameless, kid: named.kid }, named),
);
bad(
  "jwe.key",
  "a header without kid, a key with kid and one without",
  await encrypted(jws, "RSA-OAEP-256", "A128GCM", "rsa1"),
  "a header without kid",
  decryption(nameless, named),
);
bad(
  "jwe.decryption",
  "another RSA key, which has the token's kid",
  rsa,
  "a key with the token's kid after one without",
  {
    client: { decryption: [ours, { ...nameless, kid: named.kid }] },
  },
);
bad("jwe.decryption", "another RSA key", rsa, RSA, decryption({ key: "rsa2", alg: "RSA-OAEP-256" }));
bad("jwe.decryption", "another EC key", direct, DIRECT, decryption({ key: "p256b", alg: "ECDH-ES" }));

// ── what was changed ──
for (const name of [
  "RSA-OAEP with A128GCM",
  RSA,
  "RSA-OAEP with A128CBC-HS256",
  DIRECT,
  "ECDH-ES with A128CBC-HS256",
  "ECDH-ES+A128KW with A128GCM",
  WRAPPED,
])
  for (const [at, which] of [
    [1, "encrypted key"],
    [2, "IV"],
    [3, "ciphertext"],
    [4, "tag"],
  ])
    if (tokens[name].split(".")[at])
      bad("jwe.decryption", `${name}: another ${which}`, replaced(tokens[name], at, bent), name);
bad("jwe.decryption", "a changed header", reheaded(rsa, { typ: "JWT" }), RSA);
bad("jwe.decryption", "a changed header, with CBC", reheaded(wrapped, { typ: "JWT" }), WRAPPED);
bad("jwe.decryption", "another apu", reheaded(direct, { apu: "QQ" }), "apu and apv, as RFC 7518 §C");
for (const [enc, size] of [
  ["A256GCM", 16],
  ["A256GCM", 0],
  ["A128GCM", 32],
  ["A128CBC-HS256", 16],
  ["A256CBC-HS512", 32],
]) {
  const token = tokens[`RSA-OAEP-256 with ${enc}`];
  bad(
    "jwe.decryption",
    `a content encryption key of ${size} bytes for ${enc}`,
    replaced(token, 1, () => oaep(randomBytes(Number(size)))),
    `RSA-OAEP-256 with ${enc}`,
  );
}
// Content that is good under the wrong key: a key of another length, or zeros where the encrypted key gives none.
for (const [enc, size] of [
  ["A256GCM", 16],
  ["A128GCM", 32],
  ["A128CBC-HS256", 48],
  ["A256CBC-HS512", 48],
])
  bad(
    "jwe.decryption",
    `content by a key of ${size} bytes for ${enc}`,
    sealed(enc, randomBytes(Number(size)), oaep),
    `RSA-OAEP-256 with ${enc}`,
  );
for (const [enc, size] of [
  ["A256GCM", 32],
  ["A128CBC-HS256", 32],
])
  bad(
    "jwe.decryption",
    `content by a key of zeros for ${enc}, without that key`,
    sealed(enc, Buffer.alloc(Number(size)), () => randomBytes(256)),
    `RSA-OAEP-256 with ${enc}`,
  );
bad(
  "jwe.decryption",
  "an encrypted key as long as another modulus",
  replaced(rsa, 1, () => randomBytes(512)),
  RSA,
);
bad(
  "jwe.decryption",
  "an encrypted key of one byte",
  replaced(rsa, 1, () => randomBytes(1)),
  RSA,
);

// ── the content ──
const inner = async (code, name, content) =>
  bad(code, name, await encrypted(content, "RSA-OAEP", "A128GCM", "rsa1"), "a header without kid", { content });
await inner("jwe.nested", "an encrypted token in an encrypted token", rsa);
await inner("jws.malformed", "six parts in an encrypted token", `${rsa}.AAAA`);
await inner(
  "jws.malformed",
  "content that is no token",
  "The true sign of intelligence is not knowledge but imagination.",
);
await inner("jws.malformed", "content that is empty", "");
await inner("jws.malformed", "claims without a signature", JSON.stringify(claims));
await inner("jws.alg", "alg none in an encrypted token", `${part({ alg: "none" })}.${part(claims)}.`);
await inner(
  "jws.signature",
  "another key's signature in an encrypted token",
  await signed({}, { header: { kid: "p256a" }, key: "p256b" }),
);
await inner("id_token.nonce", "another nonce in an encrypted token", await signed({ nonce: "x" }));
await inner("id_token.aud", "another audience in an encrypted token", await signed({ aud: "another" }));
await inner("id_token.exp", "an expired token in an encrypted token", await signed({ exp: now - 60 }));

// ── other tokens ──
const about = await signed({ nonce: undefined });
const userinfo = await encrypted(about, "ECDH-ES+A128KW", "A128CBC-HS256", "p384", { kid: "p384 ECDH-ES+A128KW" });
const info = { kind: "userinfo", content: about };
const infoRegistered = { kind: "userinfo", client: { userinfoEncryptedResponseAlg: "ECDH-ES+A128KW" } };
good("an encrypted userinfo answer", userinfo, info);
good("an encrypted userinfo answer of a registered client", userinfo, { ...info, ...infoRegistered });
good("a signed userinfo answer", about, info);
bad(
  "jwe.required",
  "a signed userinfo answer of a registered client",
  about,
  "an encrypted userinfo answer of a registered client",
  infoRegistered,
);
bad(
  "jwe.required",
  "a plain userinfo answer of a registered client",
  JSON.stringify({ sub: claims.sub }),
  "an encrypted userinfo answer of a registered client",
  { ...infoRegistered, contentType: "application/json" },
);
good("a plain userinfo answer", JSON.stringify({ sub: claims.sub }), { ...info, contentType: "application/json" });
bad("jwe.decryption", "a changed userinfo answer", replaced(userinfo, 4, bent), "an encrypted userinfo answer", {
  kind: "userinfo",
});
bad("id_token.encrypted", "an encrypted userinfo answer without keys", userinfo, "an encrypted userinfo answer", {
  kind: "userinfo",
  client: { decryption: null },
});
const another = await signed({ sub: "another", nonce: undefined });
bad(
  "userinfo.sub",
  "an encrypted userinfo answer about another person",
  await encrypted(another, "RSA-OAEP", "A128GCM", "rsa1"),
  "an encrypted userinfo answer",
  { kind: "userinfo", content: another },
);
// OpenID Connect Core §5.3.2: the answer may be encrypted only.
const unsigned = async (content, header = {}) =>
  encrypted(content, "ECDH-ES+A128KW", "A128CBC-HS256", "p384", {
    kid: "p384 ECDH-ES+A128KW",
    cty: undefined,
    ...header,
  });
const plain = { sub: claims.sub, email: "ada@example.com" };
const open = JSON.stringify(plain);
const UNSIGNED = "an encrypted userinfo answer without a signature, of a client registered for it";
const claimsAlone = await unsigned(open);
const unsignedOf = (content) => ({ ...infoRegistered, content });
good(UNSIGNED, claimsAlone, unsignedOf(open));
for (const cty of ["json", "application/json", "JWT"])
  good(`${UNSIGNED}: cty ${cty}`, await unsigned(open, { cty }), unsignedOf(open));
good(`${UNSIGNED}: white space around it`, await unsigned(` \n${open} `), unsignedOf(` \n${open} `));
bad(
  "jws.malformed",
  "an encrypted userinfo answer without a signature, of a client registered for signed ones",
  claimsAlone,
  UNSIGNED,
  {
    ...unsignedOf(open),
    client: { ...infoRegistered.client, userinfoSignedResponseAlg: "ES256" },
  },
);
bad(
  "jws.malformed",
  "an encrypted userinfo answer without a signature, of a client that is not registered",
  claimsAlone,
  UNSIGNED,
  {
    kind: "userinfo",
    content: open,
  },
);
for (const [code, name, content] of [
  ["userinfo.sub", "about another person", JSON.stringify({ ...plain, sub: "another" })],
  ["userinfo.sub", "about nobody", JSON.stringify({ email: plain.email })],
  ["userinfo.sub", "with a number as subject", JSON.stringify({ sub: 248289761001 })],
  ["json.duplicate", "with sub twice", `{"sub":"${claims.sub}","sub":"another"}`],
  ["json.syntax", "with half an object", open.slice(0, -1)],
  ["json.trailing", "with two objects", `${open}${open}`],
  ["jws.malformed", "with an array", `[${open}]`],
  ["jws.malformed", "with a string", `"${claims.sub}"`],
])
  bad(code, `encrypted userinfo without a signature, ${name}`, await unsigned(content), UNSIGNED, unsignedOf(content));
const halfLetter = Buffer.concat([text('{"sub":"'), Buffer.from([0xff]), text('"}')]);
bad(
  "jws.malformed",
  "encrypted userinfo without a signature, with a byte that is no UTF-8",
  await unsigned(halfLetter),
  UNSIGNED,
  {
    ...infoRegistered,
    contentBytes: base64url(halfLetter),
  },
);
bad(
  "jwe.header",
  "cty json, although the claims must be signed",
  await unsigned(open, { cty: "json" }),
  `${UNSIGNED}: cty json`,
  { ...unsignedOf(open), client: { ...infoRegistered.client, userinfoSignedResponseAlg: "ES256" } },
);
bad(
  "jwe.header",
  "cty text/plain",
  await unsigned(open, { cty: "text/plain" }),
  `${UNSIGNED}: cty json`,
  unsignedOf(open),
);
bad(
  "jwe.decryption",
  "a changed userinfo answer without a signature",
  replaced(claimsAlone, 3, bent),
  UNSIGNED,
  infoRegistered,
);
bad(
  "jwe.nested",
  "an encrypted userinfo answer in another",
  await unsigned(claimsAlone),
  UNSIGNED,
  unsignedOf(claimsAlone),
);
bad(
  "jwe.header",
  "an ID token with cty json",
  await encrypted(jws, "RSA-OAEP", "A128GCM", "rsa1", { cty: "json" }),
  RSA,
);

// RFC 9701 §5
const answer = { nonce: undefined, exp: undefined, sub: undefined };
const token_introspection = { active: true, sub: claims.sub };
const typ = "token-introspection+jwt";
const told = await signed({ ...answer, token_introspection }, { header: { typ } });
const introspection = await encrypted(told, "RSA-OAEP-256", "A256GCM", "rsa1");
const asking = { kind: "introspection", client: { introspectionEncryptedResponseAlg: "RSA-OAEP-256" } };
good("an encrypted introspection answer", introspection, { ...asking, content: told });
good("an encrypted introspection answer of a client that named the signature's algorithm", introspection, {
  ...asking,
  client: { ...asking.client, introspectionSignedResponseAlg: "ES256" },
  content: told,
});
const NAMED = "an encrypted introspection answer of a client that named the signature's algorithm";
good("an encrypted introspection answer of a client that is registered for signed ones", introspection, {
  kind: "introspection",
  client: { introspectionSignedResponseAlg: "ES256" },
  content: told,
});
bad(
  "jwe.required",
  "a signed introspection answer of a client registered for encrypted ones",
  told,
  "an encrypted introspection answer",
  asking,
);
bad("jwe.alg", "an introspection answer by another algorithm", introspection, "an encrypted introspection answer", {
  ...asking,
  client: { introspectionEncryptedResponseAlg: "RSA-OAEP" },
});
bad(
  "jwe.decryption",
  "a changed introspection answer",
  replaced(introspection, 3, bent),
  "an encrypted introspection answer",
  asking,
);
bad("jws.alg", "an encrypted introspection answer by another signature algorithm", introspection, NAMED, {
  ...asking,
  client: { ...asking.client, introspectionSignedResponseAlg: "PS256" },
  content: told,
});
const unsignedAnswer = JSON.stringify({ ...claims, token_introspection });
bad(
  "jws.malformed",
  "an encrypted introspection answer without a signature",
  await encrypted(unsignedAnswer, "RSA-OAEP-256", "A256GCM", "rsa1"),
  "an encrypted introspection answer",
  {
    ...asking,
    content: unsignedAnswer,
  },
);
bad("introspection.typ", "an encrypted ID token as introspection answer", rsa, "an encrypted introspection answer", {
  ...asking,
  content: jws,
});
bad(
  "id_token.encrypted",
  "an encrypted introspection answer without keys",
  introspection,
  "an encrypted introspection answer",
  {
    kind: "introspection",
    client: { decryption: null, introspectionSignedResponseAlg: "ES256" },
  },
);
const event = { "http://schemas.openid.net/event/backchannel-logout": {} };
const out = await signed({ nonce: undefined, jti: "1", events: event }, { header: { typ: "logout+jwt" } });
const logout = await encrypted(out, "RSA-OAEP", "A128GCM", "rsa1");
const leaving = { kind: "logout_token", content: out };
good("an encrypted logout token", logout, leaving);
good("an encrypted logout token of a client with the same algorithm for ID tokens", logout, {
  ...leaving,
  ...registered("RSA-OAEP"),
});
good("a plain logout token of a registered client", out, { ...leaving, ...registered("RSA-OAEP") });
bad(
  "jwe.alg",
  "an encrypted logout token with another algorithm than ID tokens",
  logout,
  "an encrypted logout token of a client with the same algorithm for ID tokens",
  { kind: "logout_token", ...registered("ECDH-ES") },
);
bad("id_token.encrypted", "an encrypted access token", rsa, RSA, { kind: "access_token" });

// ── RFC 7516 ──
bad("jws.malformed", "RFC 7516 §A.1, whose content is no token", einstein.token, RSA, {
  content: einstein.content,
  ...decryption({ key: einstein.jwk, alg: "RSA-OAEP" }),
});
bad(
  "jwe.decryption",
  "RFC 7516 §A.1 with another tag",
  replaced(einstein.token, 4, bent),
  RSA,
  decryption({ key: einstein.jwk, alg: "RSA-OAEP" }),
);
for (const { name, alg, jwk: key, token, content } of cookbook) {
  if (!key) {
    bad("jwe.alg", `${name}, ${alg}`, token, RSA);
    continue;
  }
  bad("jws.malformed", `${name}, whose content is no token`, token, RSA, { content, ...decryption({ key, alg }) });
  bad("jwe.decryption", `${name} with another tag`, replaced(token, 4, bent), RSA, decryption({ key, alg }));
}
// The signed token inside is no ID token of this provider, which shows only after its signature.
const nesting = { ...decryption({ key: nested.jwk, alg: nested.alg }), content: nested.content };
const signer = { provider: { id_token_signing_alg_values_supported: ["PS256"] }, jwks: nested.jwks };
bad("id_token.iss", "RFC 7520 §6, whose issuer is another", nested.token, RSA, { ...nesting, ...signer });
const { kty, n, e } = keys.rsa1;
bad("jws.signature", "RFC 7520 §6 at a provider with another key", nested.token, RSA, {
  ...nesting,
  ...signer,
  jwks: { keys: [{ kty, n, e }] },
});
bad("jwe.alg", "RFC 7516 §A.2, RSA1_5", reheaded(rsa, `{"alg":"RSA1_5","enc":"A128CBC-HS256"}`), RSA);
bad("jwe.alg", "RFC 7516 §A.3, A128KW", reheaded(rsa, `{"alg":"A128KW","enc":"A128CBC-HS256"}`), RSA);

const head = {
  source:
    "RFC 7516, RFC 7518 §4 and §5, RFC 8037 §3.2, RFC 8725 §3; jose encrypted the tokens (tests/support/encrypted.mjs)",
  full: true,
  provider,
  client: {
    clientId: "s6BhdRkqt3",
    redirectUri: "https://client.example.com/cb",
    decryption: Object.entries(of).map(([alg, key]) => ({ key, alg, kid: `${key} ${alg}` })),
  },
  now,
  subject: claims.sub,
  nonce: claims.nonce,
};
const lines = cases.map((one) => `    ${JSON.stringify(one)}`);
const top = JSON.stringify(head, null, 2).replace(/\n}$/, "");
await writeFile(join(folder, "encrypted.json"), `${top},\n  "cases": [\n${lines.join(",\n")}\n  ]\n}\n`);
console.log(`encrypted: ${cases.length} cases`);
