// Instantiation, PKCE, and the public form of objects.
import init, * as api from "oidc-wasm";
import { ok, outcome, same, secret, test, throws } from "./harness.js";

const { codeChallenge, createPkce, OidcError, RelyingParty } = api;

// The first case: the module must not run yet.
test("before init: not_initialized, or ready at import, by entry", async ({ readyAtImport }) => {
  const calls = {
    createPkce: () => createPkce(),
    codeChallenge: () => codeChallenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    RelyingParty: () => new RelyingParty({ issuer: "https://op.example.com" }, { clientId: "app" }),
  };
  for (const [name, call] of Object.entries(calls)) {
    if (readyAtImport) ok(call(), name);
    else await throws("not_initialized", call, name);
  }
});

test("init: a source of the wrong type is rejected, and init works again; at import it needs no source", async ({
  readyAtImport,
}) => {
  for (const source of [5, null, {}, true, "", new Uint8Array(8)]) {
    const { error } = await outcome(() => init(source));
    const code = source instanceof Uint8Array || source === "" ? "init.failed" : "argument.source";
    same(error?.code, readyAtImport ? undefined : code, `init(${JSON.stringify(source)})`);
  }
});

test("init twice at once and once more", async () => {
  const results = await Promise.all([init(), init()]);
  results.push(await init());
  same(results, [undefined, undefined, undefined]);
  createPkce();
});

test("createPkce: a fresh verifier each time, and its challenge", () => {
  const pairs = Array.from({ length: 50 }, () => createPkce());
  for (const { verifier, challenge, method } of pairs) {
    ok(/^[A-Za-z0-9_-]{43,128}$/.test(secret(verifier)), "a verifier of 43 or more characters");
    same(challenge, codeChallenge(verifier), "challenge");
    same(method, "S256");
  }
  same(new Set(pairs.map(({ verifier }) => verifier)).size, 50, "different verifiers");
});

test("OidcError: an Error with name, code, section and sentence", async () => {
  // An array, because Safari's engine drops a function from the stack if its last action is a call.
  function theCaller() {
    return [codeChallenge("short")];
  }
  const error = await throws("pkce.verifier", theCaller);
  ok(error instanceof Error && error instanceof OidcError);
  same(error.name, "OidcError");
  same(error.spec, "RFC 7636 §4.1");
  ok(error.message.length > 20 && error.message !== error.code, "a sentence");
  ok(error.stack?.includes("theCaller"), "a stack with the caller");
});

test("provider: the caller's metadata, as a copy", () => {
  const metadata = {
    issuer: "https://op.example.com",
    token_endpoint: "https://op.example.com/token",
    scopes_supported: ["openid"],
    "x-own": { deep: [1, null] },
  };
  const rp = new RelyingParty(metadata, { clientId: "app" });
  same(rp.provider, metadata);
  metadata.issuer = "https://evil.example";
  same(rp.provider.issuer, "https://op.example.com");
  // A change of the copy changes no verdict.
  try {
    rp.provider.token_endpoint = "https://evil.example/token";
  } catch {
    // A frozen copy is fine too.
  }
  const { url } = rp.tokenRequest({ type: "refresh_token", refreshToken: secret("refresh-token") });
  same(url, "https://op.example.com/token");
});

test("two relying parties reject each other's transactions", async () => {
  const make = (issuer, clientId) =>
    new RelyingParty(
      { issuer, authorization_endpoint: `${issuer}/authorize` },
      { clientId, redirectUri: "https://app.example.com/cb" },
    );
  const one = make("https://one.example.com", "app");
  const { state, transaction } = one.authorizationRequest();
  secret(transaction);
  const response = `https://app.example.com/cb?code=the-code-of-one&state=${state}`;
  same(one.authorizationResponse(response, transaction), { code: secret("the-code-of-one") });
  // Another instance of the same relying party accepts the transaction, because the object keeps nothing.
  same(make("https://one.example.com", "app").authorizationResponse(response, transaction), {
    code: "the-code-of-one",
  });
  for (const other of [make("https://two.example.com", "app"), make("https://one.example.com", "other")]) {
    await throws("transaction.mismatch", () => other.authorizationResponse(response, transaction));
  }
});

test("free: releases at once, twice is harmless, then a clear error", async () => {
  const rp = new RelyingParty({ issuer: "https://op.example.com" }, { clientId: "app" });
  rp.free();
  rp.free();
  await throws("relying_party.freed", () => rp.authorizationRequest());
  await throws("relying_party.freed", () => rp.checkIdToken("a.b.c"));
  await throws("relying_party.freed", () => rp.refresh("refresh-token"));
});

test("free: the next relying party may have the same memory, and has its own token endpoint", () => {
  for (const issuer of ["https://one.example.com", "https://two.example.com"]) {
    const rp = new RelyingParty({ issuer, token_endpoint: `${issuer}/token` }, { clientId: "app" });
    same(rp.tokenRequest({ type: "refresh_token", refreshToken: "refresh-token" }).url, `${issuer}/token`);
    rp.free();
  }
});

test("Symbol.dispose; free() in a runtime without it", async () => {
  const rp = new RelyingParty({ issuer: "https://op.example.com" }, { clientId: "app" });
  rp[Symbol.dispose ?? "free"]();
  await throws("relying_party.freed", () => rp.authorizationRequest());
});
