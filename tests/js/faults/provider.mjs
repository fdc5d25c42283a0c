// A provider of its own making: node:http, node:crypto and nothing of the engine under test. It behaves well and is awkward only
// where the specifications leave it free to be; a fault bends one message at a time.
import { createHash, createHmac, generateKeyPair, randomBytes, randomUUID, sign } from "node:crypto";
import { createServer } from "node:http";
import { promisify } from "node:util";
import { listening } from "../../support/listening.mjs";

const path = "/tenants/one/";
const wellKnown = ".well-known/openid-configuration";

/**
 * Where a message can be bent: a function that changes what it is given.
 * @typedef {object} Faults
 * @property {(metadata: object) => void} [metadata]
 * @property {(jwks: object[], other: object[]) => void} [keys] the published keys, and those of the other set
 * @property {(parameters: URLSearchParams) => void} [redirect]
 * @property {BendToken} [front] the ID token in the redirect
 * @property {BendToken} [back] the ID token that the code buys
 * @property {BendToken} [refreshed] the ID token of a refresh
 * @property {(body: object, form: URLSearchParams) => void} [token] the token response
 * @property {(claims: object) => void} [userinfo]
 * @property {(parameters: URLSearchParams) => void} [loggedOut] the way back from the end-session endpoint
 * @property {(endpoint: string, answer: { status?: number, headers: object, body?: string }) => void} [answer] whatever is sent
 * @property {(authorization: string) => string[]} [credentials] another reading of Basic: id and secret
 * @property {(form: URLSearchParams, grant: object) => object | undefined} [refuse] the error body for a token request that is otherwise good
 *
 * @typedef {{ header: object, claims: object, key: object, signature: (bytes: Buffer) => Buffer }} Token
 * @typedef {(token: Token, context: { provider: object, grant?: object, code?: string }) => void} BendToken
 */

/**
 * @param {object[]} clients in the words of OpenID Connect Dynamic Registration
 * @param {object[]} [more] other keys that it signs with
 */
export async function startFakeProvider(clients, more = []) {
  const [current, spare] = await Promise.all([createKeys(), createKeys()]);
  current.push(...more);
  let keys = current;
  /** @type {Faults} */
  let faults = {};
  let requests = {};
  let seen = new Set();
  let session = randomUUID();
  let jwksPath = randomUUID();
  const codes = new Map();
  const accessTokens = new Map();
  const refreshTokens = new Map();

  const server = createServer(async (request, response) => {
    let answer;
    try {
      answer = await route(request);
    } catch (error) {
      answer = json({ error: "server_error", error_description: String(error.stack) }, 500);
    }
    response.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
  });
  const { origin, close } = await listening(server);
  const issuer = origin + path;

  const endpoints = {
    [wellKnown]: ["discovery", discovery],
    authorize: ["authorize", authorize],
    token: ["token", token],
    userinfo: ["userinfo", userinfo],
    logout: ["logout", logout],
  };

  async function route(request) {
    const { pathname, searchParams: query } = new URL(request.url, origin);
    const name = pathname.startsWith(path) && pathname.slice(path.length);
    const [counted, answer] = name === jwksPath ? ["jwks", jwks] : (endpoints[name] ?? ["unknown", notFound]);
    requests[counted] = (requests[counted] ?? 0) + 1;
    let body = "";
    for await (const chunk of request) body += chunk;
    const answered = answer({ query, headers: request.headers, form: new URLSearchParams(body) });
    faults.answer?.(counted, answered);
    return answered;
  }

  // ── the endpoints ──

  function discovery() {
    const metadata = {
      issuer,
      authorization_endpoint: `${issuer}authorize`,
      token_endpoint: `${issuer}token`,
      userinfo_endpoint: `${issuer}userinfo`,
      end_session_endpoint: `${issuer}logout`,
      check_session_iframe: `${issuer}session`,
      jwks_uri: issuer + jwksPath,
      response_types_supported: [
        "code",
        "id_token",
        "id_token token",
        "code id_token",
        "code token",
        "code id_token token",
      ],
      response_modes_supported: ["query", "fragment", "form_post"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["none", "RS256", "ES256", "ES256K", "EdDSA", "HS256"],
      userinfo_signing_alg_values_supported: ["RS256", "ES256"],
      backchannel_logout_supported: true,
    };
    faults.metadata?.(metadata);
    return json(metadata);
  }

  function jwks() {
    const published = keys.map(({ jwk }) => jwk);
    faults.keys?.(
      published,
      spare.map(({ jwk }) => jwk),
    );
    return json({ keys: published });
  }

  function authorize({ query }) {
    const asked = Object.fromEntries(query);
    const client = clients.find(({ client_id }) => client_id === asked.client_id);
    if (!client?.redirect_uris.includes(asked.redirect_uri)) return json({ error: "invalid_request" }, 400);
    const types = new Set(asked.response_type.split(" "));
    const mode = asked.response_mode ?? (asked.response_type === "code" ? "query" : "fragment");
    const parameters = new URLSearchParams({ state: asked.state });
    const problem = wrong(asked, types);
    if (problem) for (const [name, value] of Object.entries(problem)) parameters.set(name, value);
    else answerRequest({ asked, client, types, parameters });
    faults.redirect?.(parameters);

    if (mode === "form_post") return formPost(asked.redirect_uri, parameters);
    const back = new URL(asked.redirect_uri);
    if (mode === "fragment") back.hash = parameters.toString();
    else for (const [name, value] of parameters) back.searchParams.append(name, value);
    return { status: 302, headers: { location: back.href } };
  }

  function answerRequest({ asked, client, types, parameters }) {
    const grant = {
      client,
      scope: asked.scope,
      nonce: asked.nonce,
      redirect_uri: asked.redirect_uri,
      challenge: asked.code_challenge,
    };
    const code = types.has("code") ? keep(codes, grant) : undefined;
    const access_token = types.has("token") ? keep(accessTokens, grant) : undefined;
    if (code) parameters.set("code", code);
    if (access_token) {
      parameters.set("access_token", access_token);
      parameters.set("token_type", "Bearer");
    }
    if (types.has("id_token")) parameters.set("id_token", idToken(grant, { access_token, code }, "front"));
    parameters.set("session_state", sessionState(client, new URL(asked.redirect_uri).origin, randomUUID()));
  }

  function token({ form, headers }) {
    const client = authenticated(form, headers);
    if (!client) return json({ error: "invalid_client" }, 401, { "www-authenticate": 'Basic realm="fake"' });
    const [tokens, name, channel] =
      form.get("grant_type") === "refresh_token"
        ? [refreshTokens, "refresh_token", "refreshed"]
        : [codes, "code", "back"];
    const grant = take(tokens, form.get(name));
    if (grant?.client !== client) return json({ error: "invalid_grant" }, 400);
    if (name === "code") {
      if (form.get("redirect_uri") !== grant.redirect_uri)
        return json({ error: "invalid_grant", error_description: "redirect_uri" }, 400);
      if (sha256(form.get("code_verifier") ?? "").toString("base64url") !== grant.challenge)
        return json({ error: "invalid_grant", error_description: "code_verifier" }, 400);
    }
    const refused = faults.refuse?.(form, grant);
    if (refused) return json(refused, 400);
    const access_token = keep(accessTokens, grant);
    const refreshed = { ...grant, nonce: undefined, first: grant.first ?? grant.nonce };
    const body = {
      access_token,
      token_type: "Bearer",
      refresh_token: keep(refreshTokens, refreshed),
      id_token: idToken(channel === "back" ? grant : refreshed, { access_token, code: form.get("code") }, channel),
    };
    faults.token?.(body, form);
    return json(body);
  }

  function userinfo({ headers }) {
    const grant = accessTokens.get(/^Bearer (.+)$/.exec(headers.authorization)?.[1]);
    if (!grant) return json({ error: "invalid_token" }, 401, { "www-authenticate": 'Bearer error="invalid_token"' });
    const { client } = grant;
    const alg = client.userinfo_signed_response_alg;
    const claims = { sub: "mara", email: "mara@example.com" };
    if (alg) Object.assign(claims, { iss: issuer, aud: client.client_id });
    faults.userinfo?.(claims);
    if (!alg) return json(claims);
    const key = keyOf(alg);
    return { headers: { "content-type": "application/jwt" }, body: jws({ kid: key.kid, alg }, claims, key) };
  }

  function logout({ query }) {
    const back = new URL(query.get("post_logout_redirect_uri"));
    const parameters = new URLSearchParams(query.has("state") ? { state: query.get("state") } : {});
    faults.loggedOut?.(parameters);
    back.search = parameters.toString();
    session = randomUUID();
    return { status: 302, headers: { location: back.href } };
  }

  // ── clients ──

  function authenticated(form, { authorization }) {
    const [id, secret, method] = authorization
      ? [...(faults.credentials ?? basic)(authorization), "client_secret_basic"]
      : [
          form.get("client_id"),
          form.get("client_secret") ?? undefined,
          form.has("client_secret") ? "client_secret_post" : "none",
        ];
    return clients.find(
      (one) => one.client_id === id && one.client_secret === secret && one.token_endpoint_auth_method === method,
    );
  }

  // ── tokens ──

  function keyOf(alg, from = keys) {
    return from.find((key) => key.alg === alg);
  }

  function idToken(grant, { access_token, code }, channel) {
    const { client, nonce } = grant;
    const alg = client.id_token_signed_response_alg;
    const iat = Math.floor(Date.now() / 1000);
    const key = alg === "HS256" ? { alg, secret: client.client_secret } : keyOf(alg);
    const token = {
      header: { kid: key.kid, alg },
      claims: {
        iss: issuer,
        sub: "mara",
        aud: client.client_id,
        exp: iat + 300,
        iat,
        nonce,
        at_hash: access_token && halfHash(alg, access_token),
        c_hash: channel === "front" && code ? halfHash(alg, code) : undefined,
      },
      key,
      signature: (bytes) => bytes,
    };
    faults[channel]?.(token, { provider: fake, grant, code });
    return jws(token.header, token.claims, token.key, token.signature);
  }

  // ── session management ──

  /** OpenID Connect Session Management 1.0 §4.2: a hash that only the provider's own frame can make again. */
  function sessionState({ client_id }, clientOrigin, salt) {
    return `${sha256(`${client_id} ${clientOrigin} ${session} ${salt}`).toString("hex")}.${salt}`;
  }

  const fake = {
    issuer,
    close,
    /** How often each endpoint was asked since the last `behave()`. */
    get requests() {
      return requests;
    },
    /** The faults that no message came by. */
    get idle() {
      return Object.keys(faults).filter((name) => !seen.has(name));
    },
    /** From now on, with these faults; the counts start again. */
    behave(next = {}) {
      seen = new Set();
      const noted = ([name, bend]) => [name, (...given) => seen.add(name) && bend(...given)];
      faults = Object.fromEntries(
        Object.entries(next)
          .filter(([, bend]) => bend)
          .map(noted),
      );
      requests = {};
      keys = current;
    },
    /** Every key is another from now on. */
    replaceKeys() {
      keys = keys === current ? spare : current;
    },
    /** The key set is somewhere else from now on. */
    moveKeys() {
      jwksPath = randomUUID();
    },
    keyOf: (alg, other) => keyOf(alg, other ? spare : keys),
    /** Somebody else is signed in now. */
    changeSession() {
      session = randomUUID();
    },
    /** What the provider's frame answers a client's (Session Management 1.0 §3.2). */
    checkSession(client, clientOrigin, state) {
      return state === sessionState(client, clientOrigin, state.split(".")[1]) ? "unchanged" : "changed";
    },
    /** A back-channel logout token (OpenID Connect Back-Channel Logout 1.0 §2.4). */
    logoutToken(client, bend) {
      const alg = client.id_token_signed_response_alg;
      const iat = Math.floor(Date.now() / 1000);
      const key = keyOf(alg);
      const token = {
        header: { kid: key.kid, alg },
        claims: {
          iss: issuer,
          aud: client.client_id,
          iat,
          exp: iat + 120,
          jti: randomUUID(),
          sid: session,
          events: { "http://schemas.openid.net/event/backchannel-logout": {} },
          "https://op.example/reason": "the person signed out elsewhere",
        },
        key,
      };
      bend?.(token, { provider: fake });
      return jws(token.header, token.claims, token.key, token.signature);
    },
  };
  return fake;
}

/** A person's browser: opens an address of the provider's. Resolves to the redirect, or to the fields of a form_post page. */
export async function visit(url) {
  const reply = await fetch(url, { redirect: "manual" });
  if (reply.headers.has("location")) return reply.headers.get("location");
  const page = await reply.text();
  if (!page.startsWith("<form")) throw new Error(`the fake provider says ${reply.status} ${page}`);
  return new URLSearchParams(
    [...page.matchAll(/name="([^"]*)" value="([^"]*)"/g)].map(([, name, value]) => [name, decodeURIComponent(value)]),
  );
}

// ── keys and signatures ──

const generate = promisify(generateKeyPair);

export async function createKey(use, alg, type, options) {
  const { privateKey, publicKey } = await generate(type, options);
  const kid = randomUUID();
  return { kid, alg: use === "sig" && alg, privateKey, jwk: { ...publicKey.export({ format: "jwk" }), use, kid } };
}

async function createKeys() {
  return Promise.all([
    createKey("enc", "RSA-OAEP", "rsa", { modulusLength: 2048 }),
    createKey("enc", "ECDH-ES", "ec", { namedCurve: "P-256" }),
    createKey("sig", "ES256K", "ec", { namedCurve: "secp256k1" }),
    createKey("sig", "RS256", "rsa", { modulusLength: 2048 }),
    createKey("sig", "RS256", "rsa", { modulusLength: 2048 }),
    createKey("sig", "ES256", "ec", { namedCurve: "P-256" }),
    createKey("sig", "ES256", "ec", { namedCurve: "P-256" }),
    createKey("sig", "EdDSA", "ed25519"),
  ]);
}

const signers = {
  RS256: (input, { privateKey }) => sign("sha256", input, privateKey),
  ES256: (input, { privateKey }) => sign("sha256", input, { key: privateKey, dsaEncoding: "ieee-p1363" }),
  ES384: (input, { privateKey }) => sign("sha384", input, { key: privateKey, dsaEncoding: "ieee-p1363" }),
  EdDSA: (input, { privateKey }) => sign(null, input, privateKey),
  HS256: (input, { secret }) => createHmac("sha256", secret).update(input).digest(),
  none: () => Buffer.alloc(0),
};

export function jws(header, claims, key, signature = (bytes) => bytes) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${signature(signers[header.alg](Buffer.from(input), key)).toString("base64url")}`;
}

const sha256 = (value) => createHash("sha256").update(value).digest();

/** The left half of a hash (OpenID Connect Core 1.0 §3.1.3.6); Ed25519 hashes with SHA-512. */
export function halfHash(alg, value) {
  const bits = alg === "EdDSA" ? 512 : alg.slice(2);
  const hash = createHash(`sha${bits}`).update(value).digest();
  return hash.subarray(0, hash.length / 2).toString("base64url");
}

// ── messages ──

const json = (body, status = 200, headers = {}) => ({
  status,
  headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
  body: JSON.stringify(body),
});
const notFound = () => json({ error: "not_found" }, 404);

function formPost(action, parameters) {
  const field = ([name, value]) => `<input type="hidden" name="${name}" value="${encodeURIComponent(value)}">`;
  const body = `<form method="post" action="${action}">${[...parameters].map(field).join("")}</form>`;
  return { headers: { "content-type": "text/html" }, body };
}

/** What the specifications make a provider refuse. */
function wrong({ scope = "", nonce, state, code_challenge, code_challenge_method }, types) {
  if (!state) return { error: "invalid_request", error_description: "state" };
  if (types.has("id_token") && !(scope.split(" ").includes("openid") && nonce))
    return { error: "invalid_request", error_description: "openid and nonce" };
  if (types.has("code") && !(code_challenge?.length === 43 && code_challenge_method === "S256"))
    return { error: "invalid_request", error_description: "code_challenge" };
  return undefined;
}

/** RFC 6749 §2.3.1: both halves form-encoded, then Basic. Whoever sends them raw is not known. */
function basic(authorization) {
  const pair = /^Basic (\S+)$/.exec(authorization)?.[1] ?? "";
  const halves = Buffer.from(pair, "base64").toString("latin1").split(":");
  if (halves.length !== 2 || !halves.every((half) => /^[\w.~+%*-]*$/.test(half))) return [];
  return halves.map((half) => new URLSearchParams(`half=${half}`).get("half"));
}

function keep(tokens, grant) {
  const value = randomBytes(24).toString("base64url");
  tokens.set(value, grant);
  return value;
}

function take(tokens, value) {
  const grant = tokens.get(value);
  tokens.delete(value);
  return grant;
}
