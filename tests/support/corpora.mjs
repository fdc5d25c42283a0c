// Published test data as vector files: node tests/support/corpora.mjs <checkout of wycheproof> <of JSONTestSuite> <of wpt>
// The files are committed, so no test needs the network. exceptions.json lists the inputs that this engine rejects on purpose.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const [wycheproof, jsonTestSuite, wpt] = process.argv.slice(2);
const folder = join(import.meta.dirname, "../vectors");
const read = async (...path) => JSON.parse(await readFile(join(...path), "utf8"));
const exceptions = await read(import.meta.dirname, "exceptions.json");
const base64url = (bytes) => Buffer.from(bytes).toString("base64url");
const hex = (text) => base64url(Buffer.from(text, "hex"));

const provider = {
  issuer: "https://op.example",
  authorization_endpoint: "https://op.example/authorize",
  token_endpoint: "https://op.example/token",
  jwks_uri: "https://op.example/jwks",
};
const client = { clientId: "app", redirectUri: "https://app.example/cb" };

/** The verdict on a case: from exceptions.json with its reason, otherwise from its corpus. */
function expected(corpus, name, usual) {
  const listed = exceptions[corpus].find(({ cases }) => cases.includes(name));
  const code = listed ? listed.code : usual;
  return code ? { error: { code } } : { ok: true };
}

async function write(name, head, cases) {
  const lines = cases.map((one) => `    ${JSON.stringify(one)}`);
  const top = JSON.stringify(head, null, 2).replace(/\n}$/, "");
  await writeFile(join(folder, `${name}.json`), `${top},\n  "cases": [\n${lines.join(",\n")}\n  ]\n}\n`);
  console.log(`${name}: ${cases.length} cases`);
}

// ── JSONTestSuite ──

/** Valid JSON that is no token response: not an object, or an object without an access token. */
function judged(text) {
  const value = JSON.parse(text);
  const isObject = value !== null && typeof value === "object" && !Array.isArray(value);
  return { code: isObject ? "token.access_token" : "json.object" };
}

const parsing = (await readdir(join(jsonTestSuite, "test_parsing"))).filter((name) => name.endsWith(".json")).sort();
const documents = await Promise.all(
  parsing.map(async (file) => {
    const name = file.replace(/\.json$/, "");
    const bytes = await readFile(join(jsonTestSuite, "test_parsing", file));
    const text = bytes.toString("utf8");
    const isText = Buffer.from(text, "utf8").equals(bytes) && !text.startsWith("\ufeff");
    const document = isText ? { document: text } : { document_base64url: base64url(bytes) };
    const { error = judged(text) } = expected("json", name, name.startsWith("n_") ? "json.syntax" : undefined);
    return { name, rule: error.code, ...document, expect: { error } };
  }),
);
await write(
  "json_test_suite",
  { source: "JSONTestSuite by Nicolas Seriot (MIT licence, licences/JSONTestSuite), test_parsing", like: "json" },
  documents,
);

// ── Wycheproof ──

function jwsCases({ testGroups }) {
  return testGroups.flatMap((group) => {
    const { comment, public: published, private: own, tests } = group;
    const jwk = published ?? own;
    // An HMAC key is a client secret here, and a secret is a string.
    if (jwk.kty === "oct" && !secretOf(jwk)) return [];
    return tests.flatMap(({ tcId, comment: what, result, jws }) => {
      // OpenID Connect messages use only the compact serialisation, never the JSON one.
      if (typeof jws !== "string") return [];
      const name = `${tcId} ${comment}, ${what}`;
      const expect = expected("jws", tcId, result === "valid" ? undefined : "jws.signature");
      const secret = jwk.kty === "oct" && {
        client: { auth: { method: "client_secret_basic", secret: secretOf(jwk) }, idTokenSignedResponseAlg: jwk.alg },
      };
      return [{ name, rule: "jws.signature", ...secret, token: jws, jwk: secret ? undefined : jwk, expect }];
    });
  });
}

function secretOf({ k }) {
  const bytes = Buffer.from(k, "base64url");
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? text : undefined;
}

await write(
  "wycheproof_jws",
  {
    source: "Project Wycheproof (Apache-2.0, licences/Wycheproof), json_web_signature_test.json",
    like: "jws",
    provider: {
      ...provider,
      id_token_signing_alg_values_supported: "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA".split(" "),
    },
    client,
  },
  jwsCases(await read(wycheproof, "testvectors_v1/json_web_signature_test.json")),
);

// An encrypted token of RFC 7516 and RFC 7520 contains no signed one, so the last error of a good case is about its content.
const supported = {
  alg: ["RSA-OAEP", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"],
  enc: ["A128GCM", "A256GCM", "A128CBC-HS256", "A256CBC-HS512"],
};

function headerOf(token) {
  try {
    return JSON.parse(Buffer.from(token.split(".")[0], "base64url").toString("utf8"));
  } catch {
    return {};
  }
}

function jweCases({ testGroups }) {
  return testGroups.flatMap(({ comment, private: own, tests }) => {
    const { kty, crv, x, y, d, n, e, p, q, dp, dq, qi } = own;
    const key = JSON.parse(JSON.stringify({ kty, crv, x, y, d, n, e, p, q, dp, dq, qi }));
    // A client has no key for another algorithm.
    const alg = supported.alg.includes(own.alg) ? own.alg : kty === "EC" ? "ECDH-ES" : "RSA-OAEP-256";
    // No shared key decrypts a provider's token.
    const client = kty !== "oct" && { client: { decryption: [{ key, alg }] } };
    return tests.map(({ tcId, comment: what, result, jwe, pt }) => {
      const header = headerOf(jwe);
      const isSupported = supported.alg.includes(header.alg) && supported.enc.includes(header.enc);
      const isValid = result === "valid" && isSupported;
      const usual = isValid ? "jws.malformed" : isSupported ? "jwe.decryption" : "jwe.alg";
      const content = isValid && { content: Buffer.from(pt, "hex").toString("utf8") };
      const expect = expected("jwe", tcId, usual);
      return {
        name: `${tcId} ${comment}, ${what}`,
        rule: expect.error.code,
        token: jwe,
        ...client,
        ...content,
        expect,
      };
    });
  });
}

await write(
  "wycheproof_jwe",
  {
    source:
      "Project Wycheproof (Apache-2.0, licences/Wycheproof), json_web_encryption_test.json, with RFC 7520 §5.1, §5.2 and §5.4 to §5.9",
    like: "encrypted",
    full: true,
    provider,
    client: { ...client, decryption: [{ key: "rsa1", alg: "RSA-OAEP-256" }] },
    now: 1_700_000_000,
    subject: "248289761001",
    nonce: "n-0S6_WzA2Mj",
  },
  jweCases(await read(wycheproof, "testvectors_v1/json_web_encryption_test.json")),
);

const algorithms = {
  ES256: ["ecdsa_secp256r1_sha256_p1363"],
  ES384: ["ecdsa_secp384r1_sha384_p1363"],
  ES512: ["ecdsa_secp521r1_sha512_p1363"],
  EdDSA: ["ed25519"],
  RS256: [
    "rsa_signature_2048_sha256",
    "rsa_signature_3072_sha256",
    "rsa_signature_4096_sha256",
    "rsa_signature_8192_sha256",
  ],
  RS384: [
    "rsa_signature_2048_sha384",
    "rsa_signature_3072_sha384",
    "rsa_signature_4096_sha384",
    "rsa_signature_8192_sha384",
  ],
  RS512: [
    "rsa_signature_2048_sha512",
    "rsa_signature_3072_sha512",
    "rsa_signature_4096_sha512",
    "rsa_signature_8192_sha512",
  ],
  PS256: ["rsa_pss_2048_sha256_mgf1_32", "rsa_pss_3072_sha256_mgf1_32", "rsa_pss_4096_sha256_mgf1_32"],
  PS384: ["rsa_pss_2048_sha384_mgf1_48", "rsa_pss_4096_sha384_mgf1_48"],
  PS512: ["rsa_pss_4096_sha512_mgf1_64"],
};

/** The number in the form of RFC 7518 §6.3.1: without leading zero octets. */
const number = (text) => hex(text.replace(/^(00)+/, ""));

function keyOf({ publicKey, publicKeyJwk, keyJwk }) {
  const known = publicKeyJwk ?? keyJwk;
  if (known) return known;
  if (publicKey.modulus) return { kty: "RSA", n: number(publicKey.modulus), e: number(publicKey.publicExponent) };
  const crv = `P-${publicKey.curve.match(/\d+/)[0]}`;
  // The first octet only marks an uncompressed point.
  const point = Buffer.from(publicKey.uncompressed, "hex").subarray(1);
  const half = point.length / 2;
  return { kty: "EC", crv, x: base64url(point.subarray(0, half)), y: base64url(point.subarray(half)) };
}

for (const [alg, files] of Object.entries(algorithms)) {
  const cases = [];
  const keys = {};
  for (const file of files) {
    const { testGroups } = await read(wycheproof, `testvectors_v1/${file}_test.json`);
    for (const [at, group] of testGroups.entries()) {
      const key = `${file} ${at}`;
      const { kty, crv, x, y, n, e } = keyOf(group);
      keys[key] = { kty, crv, x, y, n, e };
      for (const { tcId, comment, msg, sig, result } of group.tests) {
        // Wycheproof marks a signature as acceptable if its standard does not allow it.
        const expect = expected("signature", `${file} ${tcId}`, result === "valid" ? undefined : "jws.signature");
        const name = `${file} ${tcId} ${comment}`;
        const one = { name, rule: "jws.signature", key, message: hex(msg), signature: hex(sig), expect };
        // Deno verifies with RSA keys of at most 4096 bits. Before, the engine compares the signature with the modulus.
        const [value, modulus] = [Buffer.from(sig, "hex"), Buffer.from(n ?? "", "base64url")];
        const isLong = modulus.length > 512 && value.length === modulus.length && value.compare(modulus) < 0;
        cases.push(isLong ? { ...one, differs: { deno: "jws.unsupported_key" } } : one);
      }
    }
  }
  await write(
    `wycheproof_${alg.toLowerCase()}`,
    {
      source: `Project Wycheproof (Apache-2.0, licences/Wycheproof), ${files.join(", ")}`,
      like: "signature",
      alg,
      provider: { ...provider, id_token_signing_alg_values_supported: [alg] },
      client,
      now: 1_700_000_000,
      claims: {
        iss: provider.issuer,
        sub: "248289761001",
        aud: client.clientId,
        iat: 1_700_000_000,
        exp: 1_700_000_060,
      },
      keys,
    },
    cases,
  );
}

// ── Web platform tests ──

const data = await read(wpt, "url/resources/urlencoded-parser-data.json");
await write(
  "wpt_urlencoded",
  {
    source:
      "Web platform tests (BSD-3-Clause, licences/wpt), url/resources/urlencoded-parser-data.json; null is no UTF-8",
    like: "form",
  },
  data.map(({ input, output }) => ({
    name: JSON.stringify(input),
    rule: "redirect.malformed",
    form: input,
    expect: { ok: output.map((pair) => pair.map((text) => (text.includes("\ufffd") ? null : text))) },
  })),
);
