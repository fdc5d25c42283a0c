// The guard and tokens that are bound to a key (RFC 9449). oidc-wasm/full accepts them, other builds reject them.
import { Hono } from "hono";
import { parseChallenges, RelyingParty } from "oidc-wasm";
import { createGuard } from "oidc-wasm/edge";
import { guard as honoGuard } from "oidc-wasm/hono";
import { isFull } from "../../build.js";
import { ok, same, secret, test, throws, withClock } from "../harness.js";
import { base64url, keyPair } from "../tokens.js";
import { createProvider } from "./provider.js";

const issuer = "https://op.test";
const api = "https://api.example.com";
const things = `${api}/things?page=2`;
const now = () => Math.floor(Date.now() / 1000);
const nonceSecret = "a secret for nonces, of 32 characters";

const bytes = (text) => new TextEncoder().encode(text);
const sha256 = async (text) => base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes(text))));
const encoded = (value) => base64url(bytes(JSON.stringify(value)));

/** A sender of tokens: its key, a token bound to it, and its proofs. This code does not use the package. */
async function createSender(changed = (/** @type {string} */ _jkt) => ({})) {
  const op = await createProvider({ issuer });
  const pair = await keyPair();
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const jkt = await sha256(JSON.stringify({ crv, kty, x, y }));
  const claims = { iss: issuer, sub: "alice", aud: api, client_id: "app", iat: now(), exp: now() + 600, scope: "read" };
  const tokenOf = async (changes = {}) =>
    secret(await op.sign({ ...claims, cnf: { jkt }, ...changes }, { typ: "at+jwt" }));
  const token = await tokenOf(changed(jkt));
  let made = 0;
  const proofOf = async (changes = {}, by = pair) => {
    const header = { typ: "dpop+jwt", alg: "ES256", jwk: { kty, crv, x, y } };
    const own = { jti: `proof ${made++}`, htm: "GET", htu: `${api}/things`, iat: now(), ath: await sha256(token) };
    const input = `${encoded(header)}.${encoded({ ...own, ...changes })}`;
    const hash = { name: "ECDSA", hash: "SHA-256" };
    return `${input}.${base64url(new Uint8Array(await crypto.subtle.sign(hash, by.privateKey, bytes(input))))}`;
  };
  /** A request with the token and a proof, or with other values. */
  const asked = async (
    { scheme = "DPoP", proof = {}, headers = {}, url = things, ...init } = /** @type {any} */ ({}),
  ) =>
    new Request(url, {
      ...init,
      headers: {
        authorization: `${scheme} ${init.token ?? token}`,
        ...(proof && { dpop: typeof proof === "string" ? proof : await proofOf(proof) }),
        ...headers,
      },
    });
  /** @returns {{ guard: any, refused: string[] }} */
  const guardOf = (config = {}) => {
    const refused = [];
    const onRefused = ({ code }) => refused.push(code);
    return { guard: createGuard({ issuer, audience: api, fetch: op.fetch, onRefused, ...config }), refused };
  };
  return { op, jkt, token, tokenOf, proofOf, asked, guardOf };
}

/** The content of a rejection: its status, its challenges by scheme, and its nonce. @returns {any} */
function said(response) {
  ok(response instanceof Response, `accepted: ${JSON.stringify(response.claims)}`);
  const header = response.headers.get("www-authenticate") ?? "";
  const challenges = Object.fromEntries(parseChallenges(header).map(({ scheme, parameters }) => [scheme, parameters]));
  return { status: response.status, nonce: response.headers.get("dpop-nonce"), ...challenges };
}

if (!isFull) {
  test("guard, default build: a bound token is rejected by either scheme, with any options", async () => {
    const { asked, tokenOf, guardOf } = await createSender();
    const { guard, refused } = guardOf();
    same(said(await guard(await asked())), { status: 401, nonce: null, Bearer: { realm: api } }, "DPoP");
    const bearer = said(await guard(await asked({ scheme: "Bearer" })));
    same([bearer.status, bearer.Bearer.error], [401, "invalid_token"], "Bearer");
    same(refused, ["bearer.missing", "access_token.cnf"], "codes");
    for (const option of [{ dpop: {} }, { certificate: () => undefined }]) {
      for (const how of [{}, { scheme: "Bearer", token: await tokenOf({ cnf: undefined }), proof: null }]) {
        const { message } = await throws("build.full", async () => guardOf(option).guard(await asked(how)));
        ok(message.includes("oidc-wasm/full"), message);
      }
    }
    same(RelyingParty.dpopAlgorithms, [], "algorithms");
  });
} else {
  const algs = RelyingParty.dpopAlgorithms.join(" ");

  test("guard: a token that is bound to a certificate needs the certificate of the connection", async () => {
    const { asked, guardOf, tokenOf } = await createSender();
    // X.690 §8.1.3: a sequence of 300 bytes.
    const der = (filling) =>
      new Uint8Array(300).fill(filling).fill(0x30, 0, 1).fill(0x82, 1, 2).fill(1, 2, 3).fill(40, 3, 4);
    const hash = base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", der(7))));
    const bound = await tokenOf({ cnf: { "x5t#S256": hash } });
    const judged = async (token, certificate, scheme = "Bearer") => {
      const { guard, refused } = guardOf({ certificate: () => certificate });
      const seen = await guard(await asked({ scheme, token, ...(scheme === "Bearer" && { proof: null }) }));
      if (!(seen instanceof Response)) return seen.claims.sub;
      same(said(seen).status, 401, "status");
      return refused.join();
    };
    same(await judged(bound, der(7)), "alice", "its certificate");
    same(await judged(bound, der(8)), "access_token.certificate", "another certificate");
    const keyed = await createSender();
    for (const none of /** @type {any[]} */ ([undefined, null])) {
      same(await judged(bound, none), "access_token.cnf", "no certificate");
      const { guard } = keyed.guardOf({ certificate: () => none });
      same((await guard(await keyed.asked())).claims?.sub, "alice", "a proof, and no certificate");
    }
    const free = await tokenOf({ cnf: undefined });
    same(await judged(free, der(7)), "access_token.certificate", "a token that is not bound");
    same(await judged(free, undefined), "alice", "a token that is not bound, without a certificate");
    const both = await createSender((jkt) => ({ cnf: { jkt, "x5t#S256": hash } }));
    for (const [filling, code] of [
      [7, ""],
      [8, "access_token.certificate"],
    ]) {
      const { guard, refused } = both.guardOf({ certificate: () => der(filling) });
      const seen = await guard(await both.asked());
      same(
        [seen.claims?.sub ?? seen.status, refused.join()],
        [code ? 401 : "alice", code],
        `beside a proof: ${filling}`,
      );
    }
    const { guard, refused } = guardOf({ certificate: () => der(7), token: () => bound });
    same(said(await guard(await asked({ proof: null }))).status, 401, "beside the option token");
    same(refused, ["access_token.cnf"], "code");
  });

  test("guard: certificate must be a function, whether the token is good or not", async () => {
    const { asked, guardOf, tokenOf } = await createSender();
    for (const claims of [{ cnf: undefined }, { cnf: undefined, exp: 1 }]) {
      const request = await asked({ scheme: "Bearer", token: await tokenOf(claims), proof: null });
      for (const certificate of /** @type {any[]} */ (["", false, {}, null]))
        await throws("argument.certificate", () => guardOf({ certificate }).guard(request), `${certificate}`);
    }
  });

  test("guard: the algorithms of proofs are asymmetric", () => {
    ok(algs.split(" ").includes("ES256") && !/\bHS/.test(algs), algs);
  });

  /** Each row differs from the good request in one value. @type {Record<string, [object, string, string?]>} */
  const table = {
    "no proof": [{ proof: null }, "dpop.proof"],
    "two proofs": [{ headers: { dpop: "a.b.c, a.b.c" } }, "jws.malformed"],
    "a proof for another method": [{ method: "POST" }, "dpop.htm"],
    "a proof for another address": [{ url: `${api}/things/1` }, "dpop.htu"],
    "a proof for another host": [{ url: "https://api.example.org/things" }, "dpop.htu"],
    "an old proof": [{ proof: { iat: now() - 3600 } }, "dpop.iat"],
    "a proof of the future": [{ proof: { iat: now() + 3600 } }, "dpop.iat"],
    "a proof beside another token": [{ proof: { ath: "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo" } }, "dpop.ath"],
    "a proof without a token's hash": [{ proof: { ath: undefined } }, "dpop.ath"],
    "a proof without a name": [{ proof: { jti: undefined } }, "dpop.jti"],
  };
  for (const [name, [change, code, error = "invalid_dpop_proof"]] of Object.entries(table))
    test(`guard: ${name} is rejected with the challenge of DPoP`, async () => {
      const { asked, guardOf } = await createSender();
      const { guard, refused } = guardOf();
      same((await guard(await asked())).claims?.sub, "alice", "the good neighbour");
      const DPoP = { realm: api, error, error_description: code, algs };
      same(said(await guard(await asked(change))), { status: 401, nonce: null, DPoP }, "answer");
      same(refused, [code], "code");
    });

  test("guard: a proof by another key, or with an altered signature", async () => {
    const { asked, proofOf, guardOf } = await createSender();
    const { guard, refused } = guardOf();
    same(said(await guard(await asked({ proof: await proofOf({}, await keyPair()) }))).status, 401, "another key");
    const other = await createSender();
    const { sub } = (await other.guardOf().guard(await other.asked())).claims;
    same(sub, "alice", "the other's own");
    const stolen = await other.proofOf({ ath: await sha256((await asked()).headers.get("authorization").slice(5)) });
    same(said(await guard(await asked({ proof: stolen }))).DPoP.error, "invalid_token", "a thief's valid proof");
    same(refused, ["jws.signature", "access_token.cnf"], "codes");
  });

  test("guard: a bound token is no bearer token, and a request without a token gets both schemes", async () => {
    const { asked, guardOf } = await createSender();
    const { guard, refused } = guardOf();
    const Bearer = { realm: api, error: "invalid_token", error_description: "access_token.cnf" };
    const bearer = await guard(await asked({ scheme: "Bearer" }));
    same(said(bearer), { status: 401, nonce: null, Bearer, DPoP: { algs } }, "Bearer");
    const nothing = said(await guard(new Request(things)));
    same(nothing, { status: 401, nonce: null, Bearer: { realm: api }, DPoP: { algs } }, "no token");
    same(refused, ["access_token.cnf", "bearer.missing"], "codes");
    const malformed = said(await guard(new Request(things, { headers: { authorization: "DPoP a b" } })));
    same([malformed.status, malformed.DPoP.error], [400, "invalid_request"], "malformed");
  });

  test("guard: the scheme of the request decides the challenge, and a nonce is for proofs alone", async () => {
    const { op, tokenOf, asked, guardOf } = await createSender();
    const { guard } = guardOf({ dpop: { nonceSecret } });
    const free = await tokenOf({ cnf: undefined });
    const bearer = await guard(await asked({ scheme: "Bearer", token: free, proof: null }));
    same([bearer.claims?.sub, "dpopNonce" in bearer], ["alice", false], "a bearer token");
    const lacks = said(await guard(await asked({ scheme: "Bearer", token: free, proof: null }), { scope: "write" }));
    same([lacks.status, lacks.Bearer.error, lacks.DPoP], [403, "insufficient_scope", undefined], "a missing scope");
    /** @type {[string, number, string[], string | undefined][]} */
    const rows = [
      ["DPoP", 400, ["DPoP"], "invalid_request"],
      ["dpop x", 401, ["DPoP"], "invalid_dpop_proof"],
      ["DPoPs x", 401, ["Bearer", "DPoP"], undefined],
      ["Bearer dpop", 401, ["Bearer", "DPoP"], "invalid_token"],
    ];
    for (const [authorization, status, schemes, error] of rows) {
      const answer = said(await guard(new Request(things, { headers: { authorization } })));
      const given = ["Bearer", "DPoP"].filter((scheme) => answer[scheme]);
      same([answer.status, given, answer[given[0]].error], [status, schemes, error], authorization);
      same(Boolean(answer.nonce), given[0] === "DPoP", `${authorization}: a nonce`);
    }
    op.break("jwks.down");
    const down = await guardOf().guard(await asked());
    same([down.status, down.headers.get("www-authenticate")], [503, null], "the issuer is down");
  });

  test("guard: a token that is bound to no key, or to more than the key, is rejected beside a proof", async () => {
    for (const cnf of [undefined, {}, { jkt: 5 }, { "x5t#S256": "x" }]) {
      const { asked, guardOf } = await createSender(() => ({ cnf }));
      const { guard, refused } = guardOf();
      // First as a bearer token: the memo must not accept a request with a proof.
      if (!cnf)
        same((await guard(await asked({ scheme: "Bearer", proof: null }))).claims?.sub, "alice", "a bearer token");
      same(said(await guard(await asked())).DPoP.error, "invalid_token", JSON.stringify(cnf));
      same(refused, ["access_token.cnf"], "code");
    }
    const both = await createSender((jkt) => ({ cnf: { jkt, "x5t#S256": "x" } }));
    same(said(await both.guardOf().guard(await both.asked())).DPoP.error, "invalid_token", "a certificate too");
  });

  test("guard: each request has its own proof, though the token is the same", async () => {
    const { asked, guardOf } = await createSender();
    const seen = new Map();
    const replay = async (jti, exp) => {
      ok(exp > now() + 330 && exp < now() + 450, "the end of its storage");
      return seen.size === seen.set(jti, exp).size;
    };
    const { guard, refused } = guardOf({ dpop: { replay } });
    const request = await asked();
    same((await guard(request)).claims?.sub, "alice", "first");
    same((await guard(await asked())).claims?.sub, "alice", "its own proof");
    same(said(await guard(request)).DPoP.error, "invalid_dpop_proof", "again");
    same(refused, ["dpop.jti"], "code");
    const before = seen.size;
    same((await guard(await asked(), { scope: "write" })).status, 403, "a missing scope");
    same(seen.size, before, "replay is checked last");
  });

  test("guard: a replay hook that throws or returns no boolean accepts nothing", async () => {
    const { asked, guardOf } = await createSender();
    const { guard, refused } = guardOf({ dpop: { replay: async () => false } });
    same((await guard(await asked())).claims?.sub, "alice", "the good neighbour");
    for (const seen of [undefined, 1, "OK"]) {
      const { guard } = guardOf({ dpop: { replay: () => seen } });
      await throws("argument.replay", async () => guard(await asked()));
    }
    const full = new Error("the store is full");
    const broken = guardOf({ dpop: { replay: () => Promise.reject(full) } });
    const error = await broken.guard(await asked()).catch((error) => error);
    ok(error === full, `${error}`);
    same([...refused, ...broken.refused], [], "codes");
  });

  test("guard: a nonce is required, changes with time, and is valid in every isolate with the secret", async () => {
    const { asked, guardOf } = await createSender();
    await withClock(1_800_000_000, async (clock) => {
      const { asked, guardOf } = await createSender();
      const { guard, refused } = guardOf({ dpop: { nonceSecret } });
      const first = said(await guard(await asked()));
      same([first.status, first.DPoP.error], [401, "use_dpop_nonce"], "no nonce");
      ok(/^[\da-f]{64}$/.test(first.nonce), "a nonce");
      const other = guardOf({ dpop: { nonceSecret } });
      const seen = await other.guard(await asked({ proof: { nonce: first.nonce } }));
      same([seen.claims?.sub, seen.dpopNonce], ["alice", first.nonce], "another isolate");
      same(
        said(await guard(await asked({ proof: { nonce: `${first.nonce}x` } }))).DPoP.error,
        "use_dpop_nonce",
        "another",
      );
      const old = { proof: { nonce: first.nonce } };
      clock.advance(150);
      const next = await guard(await asked(old));
      ok(
        next.claims?.sub === "alice" && next.dpopNonce !== first.nonce,
        "the previous one is accepted, and a newer one sent",
      );
      clock.advance(150);
      same(said(await guard(await asked(old))).DPoP.error, "use_dpop_nonce", "too old");
      same(refused, ["dpop.nonce", "dpop.nonce", "dpop.nonce"], "codes");
      const moved = guardOf({ dpop: { nonceSecret: [`${nonceSecret}, newer`, nonceSecret] } });
      const fresh = said(await guard(await asked())).nonce;
      const kept = await moved.guard(await asked({ proof: { nonce: fresh } }));
      ok(kept.claims?.sub === "alice" && kept.dpopNonce !== fresh, "a secret during its replacement");
    });
    const [short, enough] = [31, 32].map((count) => "a".repeat(count));
    for (const wrong of [short, "", [short], [], [nonceSecret, null], { length: 32 }])
      await throws("argument.nonceSecret", async () => guardOf({ dpop: { nonceSecret: wrong } }).guard(await asked()));
    ok(said(await guardOf({ dpop: { nonceSecret: enough } }).guard(await asked())).nonce, "a nonce now");
  });

  test("guard: if proofs are required, a bearer token is rejected", async () => {
    const { asked, tokenOf, guardOf } = await createSender();
    const { guard, refused } = guardOf({ dpop: { required: true }, scope: "read" });
    const bearer = await asked({ scheme: "Bearer", token: await tokenOf({ cnf: undefined }), proof: null });
    const DPoP = { realm: api, scope: "read", algs };
    same(said(await guard(bearer)), { status: 401, nonce: null, DPoP }, "a bearer token");
    same((await guard(await asked())).claims?.sub, "alice", "a bound one");
    same(refused, ["bearer.missing"], "code");
    const bare = guardOf({ dpop: { required: true }, audience: [], realm: "" }).guard;
    const { DPoP: fewest } = said(await bare(bearer));
    same(fewest, { realm: issuer, algs }, "without a name of the API");
    same((await guardOf({ dpop: {} }).guard.verify(await tokenOf({ cnf: undefined }))).claims.sub, "alice", "verify");
    await throws("access_token.cnf", async () => guard.verify(await tokenOf({ cnf: undefined })), "verify, required");
    // A token from elsewhere has no proof, so `required` would let it pass.
    const free = await tokenOf({ cnf: undefined });
    const elsewhere = { token: () => free };
    same((await guardOf(elsewhere).guard(bearer)).claims?.sub, "alice", "a token from elsewhere");
    for (const dpop of [{ required: true }, {}]) {
      const { message } = await throws("argument.dpop", () => guardOf({ ...elsewhere, dpop }).guard(bearer));
      ok(message.includes("token"), message);
    }
  });

  test("guard: behind a proxy, the address is the public one", async () => {
    const { asked, guardOf } = await createSender();
    const url = "http://127.0.0.1:8080/things?page=2";
    same(said(await guardOf().guard(await asked({ url }))).DPoP.error_description, "dpop.htu", "as it came");
    same(
      (await guardOf({ dpop: { origin: api } }).guard(await asked({ url }))).claims?.sub,
      "alice",
      "with its origin",
    );
  });

  test("guard: an opaque token that is bound", async () => {
    const { op, jkt, asked, guardOf } = await createSender();
    const fetch = async (...given) =>
      `${given[0]}`.endsWith("introspect")
        ? Response.json({ active: true, aud: api, sub: "alice", cnf: { jkt } })
        : op.fetch(.../** @type {[any]} */ (given));
    const introspection = {
      clientId: "app",
      auth: { method: "client_secret_basic", secret: "a secret" },
      seconds: 300,
    };
    const { guard, refused } = guardOf({ tokens: "opaque", introspection, fetch });
    same((await guard(await asked())).claims?.sub, "alice", "with its proof");
    same(said(await guard(await asked({ scheme: "Bearer" }))).Bearer.error, "invalid_token", "as a bearer token");
    same(
      said(await guard(await asked({ proof: { htm: "PUT" } }))).DPoP.error,
      "invalid_dpop_proof",
      "with another's proof",
    );
    same(refused, ["access_token.cnf", "dpop.htm"], "codes");
  });

  test("guard: errors of scope and step-up, and the metadata, name DPoP too", async () => {
    const { asked, guardOf } = await createSender();
    const { guard } = guardOf({ resource: api, dpop: { required: true } });
    const metadata = await guard.metadata(new Request(`${api}/.well-known/oauth-protected-resource`)).json();
    same(metadata.dpop_signing_alg_values_supported.join(" "), algs, "algorithms");
    same(metadata.dpop_bound_access_tokens_required, true, "required");
    const lacks = said(await guard(await asked(), { scope: "write" }));
    same([lacks.status, lacks.DPoP.error, lacks.DPoP.scope], [403, "insufficient_scope", "write"], "scope");
    const weak = said(await guard(await asked(), { acrValues: "urn:b" }));
    same(
      [weak.status, weak.DPoP.error, weak.DPoP.acr_values],
      [401, "insufficient_user_authentication", "urn:b"],
      "acr",
    );
  });

  test("guard: a token outside the header has no proof", async () => {
    const { token, tokenOf, guardOf } = await createSender();
    const { guard } = guardOf();
    await throws("access_token.cnf", () => guard.verify(token));
    same((await guard.verify(await tokenOf({ cnf: undefined }))).claims.sub, "alice");
  });

  test("hono: a bound token, and the nonce for the next proof", async () => {
    const { op, asked } = await createSender();
    const config = { issuer, audience: api, fetch: op.fetch, dpop: { nonceSecret } };
    const app = new Hono().use(honoGuard(config)).get("/things", (c) => c.text(`${c.get("claims").sub}`));
    const refused = await app.request(await asked());
    const nonce = refused.headers.get("dpop-nonce");
    same([refused.status, said(refused).DPoP.error], [401, "use_dpop_nonce"], "refused");
    const answer = await app.request(await asked({ proof: { nonce } }));
    same([answer.status, await answer.text(), answer.headers.get("dpop-nonce")], [200, "alice", nonce], "taken");
  });
}
