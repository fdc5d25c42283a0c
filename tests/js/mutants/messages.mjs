// Every mutant of a login: `{ message, at, change }` and the `replies` or the `redirect` with that change.
import { encode } from "../../support/provider/jws.js";
import { compactMutants, jsonMutants, redirectMutants, replyMutants } from "./change.mjs";
import { client, issuer, published, signedReply } from "./login.mjs";

const keyNames = { RS256: ["rsa2"], ES256: ["p256b"], PS256: ["rsa1"], EdDSA: ["ed25519"] };

/** The keys and algorithms of a forger. */
async function* resigned(good, keys, sign) {
  const claims = JSON.stringify(good.claims);
  const mutant = async (change, header, how) => ({
    at: "signature",
    change,
    token: await sign(JSON.stringify({ ...good.header, ...header }), claims, how),
  });
  for (const [alg, names] of Object.entries(keyNames)) {
    for (const key of names) {
      yield mutant(`by ${key}, alg ${alg}`, { alg }, { alg, key });
      yield mutant(`by ${key}, alg ${alg}, its kid`, { alg, kid: keys[key].kid }, { alg, key });
      yield mutant(`by ${key}, alg ${alg}, its key in the header`, { alg, jwk: published(keys[key]) }, { alg, key });
      yield mutant(`by ${key}, alg ${alg}, no kid`, { alg, kid: undefined }, { alg, key });
      if (alg !== "RS256") yield mutant(`by ${key} under RS256`, {}, { alg, key });
    }
  }
  // The classic attack: a public value as the shared secret.
  for (const [name, secret] of Object.entries({
    "the modulus": keys.rsa1.n,
    "the public key": JSON.stringify(published(keys.rsa1)),
    "the client identifier": client.clientId,
    // HMAC pads a short key with zero bytes. WebCrypto accepts no empty key.
    nothing: "\0",
  }))
    for (const alg of ["HS256", "HS384", "HS512"]) yield mutant(`${alg} with ${name}`, { alg }, { alg, secret });
  for (const alg of ["none", "None", "NONE", ""]) {
    const header = encode({ ...good.header, alg });
    yield { at: "signature", change: `none, alg "${alg}"`, token: `${header}.${encode(claims)}.` };
  }
  for (const alg of ["RS384", "RS512", "PS384", "PS512"])
    yield mutant(`by the right key, alg ${alg}`, { alg }, { alg });
}

async function* tokenMutants(good, keys, sign) {
  const [header, claims] = [good.header, good.claims].map((value) => JSON.stringify(value));
  yield* compactMutants(good.tokens.id_token);
  yield* resigned(good, keys, sign);
  for (const { at, change, text } of jsonMutants(good.header))
    yield { at: `header ${at}`, change, token: await sign(text, claims) };
  for (const [name, value] of Object.entries({
    crit: ["exp"],
    b64: false,
    jku: "https://evil.example",
    x5c: [""],
    zip: "DEF",
    cty: "JWT",
  }))
    yield {
      at: `header ${name}`,
      change: "added",
      token: await sign(JSON.stringify({ ...good.header, [name]: value }), claims),
    };
  for (const { at, change, text } of jsonMutants(good.claims))
    yield { at: `claims ${at}`, change, token: await sign(header, text) };
}

/** Every mutant: the message, the place, the change, and the replies or the redirect of its login. */
export async function* everyMutant(good, keys, sign) {
  const replaced = (path, other) => ({ replies: { ...good.replies, [path]: other } });
  const tokens = good.replies["/token"];
  const bodies = {
    metadata: ["/.well-known/openid-configuration", good.metadata],
    jwks: ["/jwks", good.jwks],
    "token response": ["/token", good.tokens],
    userinfo: ["/userinfo", good.info],
  };
  for (const [message, [path, value]] of Object.entries(bodies)) {
    for (const { at, change, text } of jsonMutants(value))
      yield { message, at, change, ...replaced(path, { ...good.replies[path], body: text }) };
    for (const { at, change, reply } of replyMutants(good.replies[path]))
      yield { message, at, change, ...replaced(path, reply) };
  }
  for (const { at, change, url } of redirectMutants(good.redirect))
    yield { message: "redirect", at, change, redirect: url };
  for await (const { at, change, token } of tokenMutants(good, keys, sign))
    yield {
      message: "ID token",
      at,
      change,
      token,
      ...replaced("/token", { ...tokens, body: JSON.stringify({ ...good.tokens, id_token: token }) }),
    };
  const jwt = (token) => replaced("/userinfo", signedReply(token));
  for (const { at, change, token } of compactMutants(good.signedInfo))
    yield { message: "signed userinfo", at, change, ...jwt(token) };
  const header = JSON.stringify(good.header);
  for (const { at, change, text } of jsonMutants({ iss: issuer, aud: client.clientId, ...good.info }))
    yield { message: "signed userinfo", at: `claims ${at}`, change, ...jwt(await sign(header, text)) };
}

/** The same for the part that only a hybrid login has: a redirect with tokens. */
export async function* hybridMutants(good, keys, sign) {
  for (const { at, change, url } of redirectMutants(good.redirect))
    yield { message: "hybrid redirect", at, change, redirect: url };
  for await (const { at, change, token } of tokenMutants(good, keys, sign)) {
    const redirect = good.redirect.replace(good.tokens.id_token, encodeURIComponent(token));
    yield { message: "hybrid ID token", at, change, token, redirect };
  }
}
