// An OpenID Provider for tests: a `fetch` without a server, with real signatures. It follows the specifications and
// uses every freedom that they allow. A test can give it a fault.
import { createClients } from "./clients.js";
import { faults } from "./faults.js";
import { base64url, compact, createKey, halfHash, random, sha256 } from "./jws.js";
import { cors, formPost, invalidClient, invalidRequest, json, kept, located, text, words } from "./messages.js";

export { faults };

/**
 * A token before it is signed. `text` changes it afterwards.
 * @typedef {{ header: any, claims: any, key: any, text: (compact: string) => string }} Token
 * @typedef {{ channel: "front" | "token" | "refresh", grant: any, code?: string, provider: any }} Issued
 * @typedef {{ status: number, headers: Record<string, string>, body: string | Uint8Array | ReadableStream }} Reply
 *
 * The messages that a test can change. Each change is a function that may be asynchronous. `idToken.front` and similar
 * names are for one channel.
 * @typedef {object} Changes
 * @property {(metadata: any) => unknown} [metadata]
 * @property {(keys: any[]) => unknown} [keys] the published keys
 * @property {(parameters: URLSearchParams, response: { mode: string }) => unknown} [redirect]
 * @property {(token: Token, issued: Issued) => unknown} [idToken]
 * @property {(token: Token) => unknown} [accessToken] the token for a resource server
 * @property {(token: Token) => unknown} [logoutToken]
 * @property {(body: any, form: URLSearchParams) => unknown} [tokens] the token response
 * @property {(claims: any, grant: any) => unknown} [userinfo]
 * @property {(body: any) => unknown} [introspection]
 * @property {(parameters: URLSearchParams) => unknown} [loggedOut] the redirect after logout
 * @property {(parameters: URLSearchParams) => unknown} [initiated] a login that the provider starts
 * @property {(authorization: string) => string[]} [credentials] reads a Basic header: id and secret
 * @property {(form: URLSearchParams, grant: any) => object | undefined} [refuse] the error body for a valid token request
 * @property {(endpoint: string, reply: Reply, signal?: AbortSignal) => unknown} [answer] any response
 */

const responseTypes = "code,id_token,token,id_token token,code id_token,code token,code id_token token,none".split(",");

/** Published keys that sign nothing. A relying party must skip unknown and unneeded keys. */
const bystanders = [
  '{"kty":"RSA","e":"AQAB","n":"2dj09_FaguOxI597BufBaPwmEz9nRQuggn6erjlHzmPQ5eXG8poEqw41JOcgtNLqqnqH1cGJYT-yxzk7Plt0RA7p8zgShxZO4nQ6Hx5-29VSeJcIuOUq6JUAaQzSxvHg0jUKTwv99MBRQ3wOSQQQ67gqwObbFkxvxPaO3gd0bkTZ7ExYF1yl-VRLQ7AoKnHVnuvjHEfEjkt7kWHqp96ub-VkZprc5bT0fr6UQyHx06GJXldTk8gYGSUtsfl1Sgn7zITPuGv2_CFKoUASO9U9Tvh2JciSpCZI6-6HDdBXjvSBlFFnXVM6Cj-QDbTRgk876q0SdLbe4Sd9eYYMuwOe6w","use":"enc","kid":"for encryption"}',
  '{"kty":"EC","crv":"P-256","x":"_3gfbpXz4PJaoZGXto140GnsDNYeFSOKU2D7O6EXGO4","y":"AA9qMh26yA-47ZtgprYlUc9J54dR7rodd0yerzCvCUw","use":"enc","kid":"for encryption too"}',
  '{"kty":"EC","crv":"secp256k1","x":"WSbSBmhtkc5yTOuMTR6fZZVbR6Ems8Z0ZyvxOvrxWpU","y":"phNknrIxfcQx--qEsydcZe3be_8iVB7kICr0Lnl0QWw","use":"sig","kid":"of another curve"}',
].map((text) => JSON.parse(text));

/**
 * @param {object} [options]
 * @param {string} [options.issuer]
 * @param {string[]} [options.algorithms] a key for each, in this order; the first signs
 * @param {import("./clients.js").Client[]} [options.clients] default: any client ID and any redirect URI
 * @param {Record<string, object>} [options.users] claims by subject; the first signs in
 * @param {Record<string, string[]>} [options.resources] scopes by resource; default: any
 * @param {number} [options.accessTokenSeconds]
 * @param {number} [options.idTokenSeconds]
 * @param {boolean} [options.rotateRefreshTokens] a refresh token works once, and a second use ends the whole session
 * @param {() => number} [options.now] seconds since the epoch
 * @param {import("./jws.js").Key[]} [options.keys] instead of new ones
 * @param {{ codes: Map<string, any>, accessTokens: Map<string, any>, refreshTokens: Map<string, any>, session?: any }} [options.state] its memory,
 *   for a host that keeps it
 * @param {boolean} [options.terse] sends only required members: no `iss` in the redirect, no `expires_in` and no `scope`
 */
export async function createTestProvider({
  issuer = "https://op.test",
  algorithms = ["RS256"],
  clients: registered,
  users = { alice: { name: "Alice", email: "alice@example.com", email_verified: true } },
  resources,
  accessTokenSeconds = 300,
  idTokenSeconds = 300,
  rotateRefreshTokens = true,
  now = () => Math.floor(Date.now() / 1000),
  keys: given,
  state = { codes: new Map(), accessTokens: new Map(), refreshTokens: new Map() },
  terse = false,
  ...unknown
} = {}) {
  for (const name of Object.keys(unknown)) throw new TypeError(`the provider has no option ${name}`);
  let keys = given ?? (await Promise.all(algorithms.map((alg) => createKey(alg))));
  let changes = [];
  let seen = new Set();
  const requests = [];
  /** The newest session that has ended. */
  let ended;
  const { codes, accessTokens, refreshTokens } = state;

  const address = (name) => `${issuer.replace(/\/$/, "")}/${name}`;
  const metadata = {
    issuer,
    authorization_endpoint: address("authorize"),
    token_endpoint: address("token"),
    userinfo_endpoint: address("userinfo"),
    revocation_endpoint: address("revoke"),
    introspection_endpoint: address("introspect"),
    end_session_endpoint: address("logout"),
    jwks_uri: address("jwks"),
    response_types_supported: responseTypes,
    response_modes_supported: ["query", "fragment", "form_post"],
    grant_types_supported: ["authorization_code", "implicit", "refresh_token", "client_credentials"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: [...new Set(keys.map(({ alg }) => alg)), "HS256"],
    userinfo_signing_alg_values_supported: [...new Set(keys.map(({ alg }) => alg))],
    code_challenge_methods_supported: ["S256"],
    claims_parameter_supported: true,
    backchannel_logout_supported: true,
    ...(!terse && { authorization_response_iss_parameter_supported: true }),
  };
  const clients = createClients(registered, { audiences: [issuer, metadata.token_endpoint], now });

  /** Passes a message to each change. Resolves to the last result. */
  async function change(message, ...given) {
    let answer;
    for (const one of changes.filter((one) => one[message])) {
      seen.add(one[message]);
      answer = (await one[message](...given)) ?? answer;
    }
    return answer;
  }

  // ── the endpoints ──

  /** @type {Record<string, [string, (asked: any) => any]>} */
  const endpoints = {
    jwks_uri: ["jwks", jwks],
    authorization_endpoint: ["authorize", ({ query }) => authorize(query, hinted(query))],
    token_endpoint: ["token", token],
    userinfo_endpoint: ["userinfo", userinfo],
    revocation_endpoint: ["revoke", revoke],
    introspection_endpoint: ["introspect", introspect],
    end_session_endpoint: ["logout", logout],
  };

  /** No person uses this provider, so a hint chooses among its users. */
  const hinted = (query) => (Object.hasOwn(users, query.get("login_hint")) ? { user: query.get("login_hint") } : {});

  /** The endpoint of an address in the current metadata. @returns {Promise<[string, (asked: any) => any]>} */
  async function route({ origin, pathname }) {
    const { origin: own, pathname: path } = new URL(issuer);
    const at = origin + pathname;
    const published = { ...metadata };
    await change("metadata", published);
    const documents = [
      address(".well-known/openid-configuration"),
      `${own}/.well-known/oauth-authorization-server${path.replace(/\/$/, "")}`,
    ];
    if (documents.includes(at)) return ["discovery", () => json(published)];
    const found = Object.entries(endpoints).find(([member]) => published[member] === at);
    if (found) return found[1];
    if (origin !== own) throw new TypeError("fetch failed");
    return ["unknown", () => json({ error: "not_found" }, 404)];
  }

  /** @param {RequestInfo | URL} input @param {RequestInit} [init] */
  async function fetch(input, init) {
    init?.signal?.throwIfAborted();
    const request = new Request(input, init);
    if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: cors });
    const { url, method, headers } = request;
    const body = await request.text();
    const [endpoint, answer] = await route(new URL(url));
    requests.push({ url, method, headers, body, endpoint });
    const { searchParams: query } = new URL(url);
    const reply = await answer({ query, headers, form: new URLSearchParams(body) });
    await change("answer", endpoint, reply, init?.signal);
    const bytes = typeof reply.body === "string" ? new TextEncoder().encode(reply.body) : reply.body;
    const isEmpty = [204, 205, 304].includes(reply.status);
    return new Response(isEmpty ? null : bytes, { status: reply.status, headers: { ...cors, ...reply.headers } });
  }

  async function jwks() {
    const published = [...bystanders, ...keys.map(({ jwk }) => jwk)].map((jwk) => ({ ...jwk }));
    await change("keys", published);
    return json({ keys: published });
  }

  /** @param {URLSearchParams} asked @param {{ user?: string, deny?: string }} [person] @returns {Promise<any>} */
  async function authorize(asked, { user, deny } = {}) {
    const client = clients.find(asked.get("client_id"));
    const redirectUri = asked.get("redirect_uri");
    if (!client) return invalidRequest(`client_id ${asked.get("client_id")} is not registered`);
    if (!redirectUri || client.redirectUris?.includes(redirectUri) === false)
      return invalidRequest(`redirect_uri ${redirectUri} is not registered for ${client.clientId}`);
    const types = words(asked.get("response_type"));
    const parameters = new URLSearchParams(asked.has("state") ? { state: asked.get("state") } : {});
    const error = deny ?? refusal(asked, types) ?? (signIn(asked, user) ? undefined : "login_required");
    if (error) parameters.set("error", error);
    else await answerRequest(asked, client, types, parameters);
    if (!terse) parameters.set("iss", issuer);
    const response = {
      mode: asked.get("response_mode") ?? (/^(code|none)$/.test(types.join()) ? "query" : "fragment"),
    };
    await change("redirect", parameters, response);
    if (response.mode === "form_post")
      return { ...formPost(redirectUri, parameters), back: { url: redirectUri, body: parameters } };
    const url = located(redirectUri, response.mode, parameters);
    return { ...text("", 302, { location: url }), back: { url } };
  }

  /** The session for the request: the present one, a new one if required, or none with `prompt=none`. */
  function signIn(asked, user = state.session?.user ?? Object.keys(users)[0]) {
    const age = now() - state.session?.authTime;
    const isOld =
      state.session?.user !== user ||
      words(asked.get("prompt")).includes("login") ||
      age >= Number(asked.get("max_age") ?? Infinity);
    if (isOld && asked.get("prompt") === "none") return undefined;
    if (isOld) state.session = { user, authTime: now(), sid: random(16) };
    return state.session;
  }

  /** The errors that the specifications require of a provider. */
  function refusal(asked, types) {
    const [type, mode, method] = ["response_type", "response_mode", "code_challenge_method"].map((name) =>
      asked.get(name),
    );
    const isHidden = !types.includes("token") && !types.includes("id_token");
    const isOpenid = words(asked.get("scope")).includes("openid") && asked.get("nonce");
    const hasChallenge = asked.get("code_challenge")?.length === 43 && method === "S256";
    if (!responseTypes.includes(type)) return "unsupported_response_type";
    if (!asked.get("state") || (mode === "query" && !isHidden)) return "invalid_request";
    if (types.includes("id_token") && !isOpenid) return "invalid_request";
    if (types.includes("code") && !hasChallenge) return "invalid_request";
    return asked.getAll("resource").every(isResource) ? undefined : "invalid_target";
  }

  const isResource = (resource) => !resources || Object.hasOwn(resources, resource);

  async function answerRequest(asked, client, types, parameters) {
    const { id_token: wanted = {} } = JSON.parse(asked.get("claims") ?? "{}");
    const grant = {
      ...state.session,
      client,
      scope: asked.get("scope") ?? "",
      resources: asked.getAll("resource"),
      nonce: asked.get("nonce") ?? undefined,
      redirectUri: asked.get("redirect_uri"),
      challenge: asked.get("code_challenge"),
      acr: wanted.acr?.value ?? wanted.acr?.values?.[0],
      claims: [...Object.keys(wanted), ...(asked.has("max_age") ? ["auth_time"] : [])],
    };
    const code = types.includes("code") ? kept(codes, "code", grant) : undefined;
    const accessToken = types.includes("token") ? await createAccessToken(grant) : undefined;
    if (code) parameters.set("code", code);
    if (accessToken) {
      parameters.set("access_token", accessToken);
      parameters.set("token_type", "Bearer");
      if (!terse) parameters.set("expires_in", `${accessTokenSeconds}`);
    }
    if (types.includes("id_token"))
      parameters.set("id_token", await createIdToken("front", grant, { accessToken, code }));
    parameters.set("session_state", `${state.session.sid}.${random(8)}`);
  }

  async function token({ form, headers }) {
    const client = await authenticated(form, headers);
    if (!client) return invalidClient();
    const type = form.get("grant_type");
    const { error, ...found } = (await grants[type]?.(form, client)) ?? { error: "unsupported_grant_type" };
    const { grant } = found;
    const resource = form.get("resource") ?? undefined;
    const isGranted =
      !resource || (isResource(resource) && (!grant?.resources?.length || grant.resources.includes(resource)));
    const scope = form.get("scope") ?? grant?.scope;
    // RFC 6749 §6: a refresh may ask for less, and not for more.
    const isLarger = grant && !words(scope).every((word) => words(grant.scope).includes(word));
    const wrong = error ?? (isGranted ? isLarger && "invalid_scope" : "invalid_target");
    const refused = wrong ? { error: wrong } : await change("refuse", form, grant);
    if (refused) return json(refused, 400);

    const accessToken = await createAccessToken(grant, resource, scope);
    /** @type {any} */
    const body = { access_token: accessToken, token_type: "Bearer" };
    if (!terse) Object.assign(body, { expires_in: accessTokenSeconds, scope });
    const refreshed = type === "refresh_token";
    if (grant.user)
      body.refresh_token =
        refreshed && !rotateRefreshTokens ? form.get("refresh_token") : kept(refreshTokens, "refresh", grant);
    if (grant.user && words(grant.scope).includes("openid"))
      body.id_token = await createIdToken(refreshed ? "refresh" : "token", grant, {
        accessToken,
        code: form.get("code"),
      });
    await change("tokens", body, form);
    return json(body);
  }

  const isOf = (grant, client) => grant?.client.clientId === client.clientId;

  /** The grant of a token request, or its error. */
  const grants = {
    async authorization_code(form, client) {
      const grant = codes.get(form.get("code"));
      codes.delete(form.get("code"));
      const challenge = base64url(await sha256(form.get("code_verifier") ?? ""));
      const isGood =
        isOf(grant, client) && form.get("redirect_uri") === grant.redirectUri && challenge === grant.challenge;
      return isGood ? { grant } : { error: "invalid_grant" };
    },
    refresh_token(form, client) {
      const value = form.get("refresh_token");
      const grant = refreshTokens.get(value);
      if (isOf(grant, client) && rotateRefreshTokens) {
        grant.spent ??= new Set();
        grant.ended ||= grant.spent.has(value);
        grant.spent.add(value);
      }
      return isOf(grant, client) && !grant.ended ? { grant } : { error: "invalid_grant" };
    },
    client_credentials: (form, client) =>
      client.secret || client.key
        ? { grant: { client, scope: form.get("scope") ?? "" } }
        : { error: "unauthorized_client" },
  };

  async function userinfo({ headers }) {
    const grant = active(/^Bearer (.+)$/i.exec(headers.get("authorization") ?? "")?.[1]);
    if (!grant?.user || grant.resource)
      return json({ error: "invalid_token" }, 401, { "www-authenticate": 'Bearer error="invalid_token"' });
    const { client, user } = grant;
    const alg = client.userinfoSignedResponseAlg;
    const claims = { sub: user, ...users[user], ...(alg && { iss: issuer, aud: client.clientId }) };
    await change("userinfo", claims, grant);
    return alg
      ? text(await signed({ alg }, claims, keyFor(alg, client)), 200, { "content-type": "application/jwt" })
      : json(claims);
  }

  async function revoke({ form, headers }) {
    const client = await authenticated(form, headers);
    if (!client) return invalidClient();
    const token = form.get("token");
    if (isOf(accessTokens.get(token), client)) accessTokens.delete(token);
    if (isOf(refreshTokens.get(token), client)) refreshTokens.get(token).ended = true;
    return text("");
  }

  async function introspect({ form, headers }) {
    if (!(await authenticated(form, headers))) return invalidClient();
    const { client, user: sub, scope, expires: exp, resource: aud, acr, authTime } = active(form.get("token")) ?? {};
    const body = {
      active: Boolean(client),
      ...(client && { iss: issuer, sub, aud, client_id: client.clientId, scope, exp, acr, auth_time: authTime }),
    };
    await change("introspection", body);
    return json(body);
  }

  function signOut() {
    ended = state.session?.sid ?? ended;
    state.session = undefined;
  }

  async function logout({ query }) {
    signOut();
    const back = query.get("post_logout_redirect_uri");
    if (!back) return text("You are signed out.");
    const parameters = new URLSearchParams(query.has("state") ? { state: query.get("state") } : {});
    await change("loggedOut", parameters);
    return text("", 302, { location: located(back, "query", parameters) });
  }

  const authenticated = async (form, headers) => {
    const authorization = headers.get("authorization");
    return clients.authenticated(form, authorization, authorization && (await change("credentials", authorization)));
  };

  // ── tokens ──

  const keyOf = (alg) => keys.find((key) => key.alg === alg);

  /**
   * The key of a client's tokens. HS256, HS384 and HS512 take its secret (OpenID Connect Core 1.0 §10.1).
   * @param {string} alg
   * @param {{ secret?: string }} client
   */
  function keyFor(alg, { secret }) {
    const key = alg.startsWith("HS") ? secret && { privateKey: secret } : keyOf(alg);
    if (!key) throw new Error(`there is no key for ${alg}`);
    return key;
  }

  /** Signs the result of all changes to this kind of token. */
  async function signed(header, claims, key, ...changing) {
    const token = { header: { kid: key.kid, ...header }, claims, key: key.privateKey, text: (compact) => compact };
    for (const [message, ...given] of changing) await change(message, token, ...given);
    return token.text(await compact(token.header, token.claims, token.key));
  }

  async function createIdToken(channel, grant, { accessToken, code }) {
    const { client, user, sid, nonce, acr, authTime: auth_time } = grant;
    const alg = client.idTokenSignedResponseAlg ?? keys[0].alg;
    const known = { ...users[user], acr, auth_time };
    const claims = {
      iss: issuer,
      sub: user,
      aud: client.clientId,
      exp: now() + idTokenSeconds,
      iat: now(),
      nonce: channel === "refresh" ? undefined : nonce,
      sid,
      at_hash: accessToken && (await halfHash(alg, accessToken)),
      c_hash: channel === "front" && code ? await halfHash(alg, code) : undefined,
      ...Object.fromEntries(grant.claims.map((name) => [name, known[name]])),
    };
    const issued = { channel, grant, code, provider };
    return signed({ alg }, claims, keyFor(alg, client), ["idToken", issued], [`idToken.${channel}`, issued]);
  }

  /** Opaque for the provider itself, a JWT for a resource server (RFC 9068). */
  async function createAccessToken(grant, resource, scope = grant.scope) {
    const { client, user = client.clientId } = grant;
    const expires = now() + accessTokenSeconds;
    const granted = words(scope)
      .filter((word) => !resource || (resources?.[resource] ?? [word]).includes(word))
      .join(" ");
    const how = grant.user && { acr: grant.acr, auth_time: grant.authTime };
    const whose = { iss: issuer, sub: user, aud: resource, client_id: client.clientId, scope: granted, ...how };
    const claims = { ...whose, exp: expires, iat: now(), jti: random() };
    const header = { alg: keys[0].alg, typ: "at+jwt" };
    const value = resource ? await signed(header, claims, keys[0], ["accessToken"]) : `access_${random()}`;
    accessTokens.set(value, { ...grant, grant, resource, scope: granted, expires });
    return value;
  }

  function active(value) {
    const token = accessTokens.get(value);
    return token && token.expires > now() && !token.grant.ended ? token : undefined;
  }

  // ── the interface for tests ──

  const provider = {
    issuer,
    metadata,
    fetch,
    /** Acts as the person at the authorization URL. Returns the redirect (`body` for form_post). */
    async authorize(url, options) {
      const user = options?.user;
      if (user !== undefined && !users[user]) throw new Error(`there is no user ${user}`);
      requests.push({ url, method: "GET", headers: new Headers(), body: "", endpoint: "authorize" });
      const { searchParams: query } = new URL(url);
      const reply = await authorize(query, { ...hinted(query), ...options });
      if (reply.back) return reply.back;
      throw new Error(`the provider returned ${reply.status} ${reply.body}`);
    },
    /** Ends the session at the provider. */
    signOut,
    /** A signed token of any content. */
    async sign(claims, header = {}) {
      const key = keys.find(({ kid }) => kid === header.kid) ?? keyOf(header.alg ?? keys[0].alg);
      if (!key) throw new Error(`there is no key for ${header.alg}`);
      return compact({ alg: key.alg, kid: key.kid, ...header }, claims, key.privateKey);
    },
    /** Replaces every key. */
    async rotateKeys({ keepKid = false } = {}) {
      keys = await Promise.all(keys.map(({ alg, kid }) => createKey(alg, keepKid ? kid : undefined)));
    },
    /** The requests in order. */
    requests,
    /** Adds a fault. `channel` limits a fault of ID tokens to one channel. @param {string} fault @param {{ channel?: string }} [where] */
    break(fault, { channel } = {}) {
      if (!Object.hasOwn(faults, fault)) throw new Error(`there is no fault ${fault}`);
      const { idToken, ...others } = faults[fault];
      provider.change(channel && idToken ? { ...others, [`idToken.${channel}`]: idToken } : faults[fault]);
    },
    /** Removes all faults and changes. */
    mend() {
      changes = [];
      seen = new Set();
    },
    /** Adds the test's own changes. @param {Changes} more */
    change(more) {
      changes.push(more);
    },
    /** The changes that no message has used. */
    get idle() {
      const all = changes.flatMap((one) => Object.entries(one));
      return all.filter(([, value]) => typeof value === "function" && !seen.has(value)).map(([message]) => message);
    },
    keyOf,
    /** A back-channel logout token (OpenID Connect Back-Channel Logout 1.0 §2.4). */
    async logoutToken(clientId, sid = state.session?.sid ?? ended ?? random(16)) {
      const client = clients.find(clientId);
      if (!client) throw new Error(`there is no client ${clientId}`);
      const alg = client.idTokenSignedResponseAlg ?? keys[0].alg;
      const events = { "http://schemas.openid.net/event/backchannel-logout": {} };
      const claims = { iss: issuer, aud: clientId, iat: now(), exp: now() + 120, jti: random(), sid, events };
      const unheardOf = { "https://op.test/reason": "signed out" };
      return signed({ alg }, { ...claims, ...unheardOf }, keyFor(alg, client), ["logoutToken", { provider }]);
    },
    /** The URL with which the provider starts a login (OpenID Connect Core 1.0 §4). */
    async initiateLogin(initiateLoginUri, parameters = {}) {
      const sent = new URLSearchParams({ iss: issuer, ...parameters });
      await change("initiated", sent);
      return located(initiateLoginUri, "query", sent);
    },
  };
  return provider;
}
