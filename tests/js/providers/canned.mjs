// A provider that answers as its file in tests/vectors/providers describes. It makes new keys, signs tokens, and checks
// the client's requests: credentials, redirect URI, code verifier and required parameters.
import { base64url, compact, createKey, decoded, halfHash, random, sha256 } from "../../support/provider/jws.js";
import { located } from "../../support/provider/messages.js";
import { same } from "../lib.mjs";

const now = () => Math.floor(Date.now() / 1000);

/** One key of each kind signs for all providers, because key generation takes longer than a login. */
const made = new Map();
export function keyFor(alg) {
  const kind = /^[RP]S/.test(alg) ? "RS256" : alg;
  if (!made.has(kind)) made.set(kind, createKey(kind));
  return made.get(kind);
}

/** A copy with filled placeholders. `{now+60}` alone becomes a number. A member without a value is left out. */
export function filled(value, values) {
  if (Array.isArray(value)) return value.map((one) => filled(one, values));
  if (value !== null && typeof value === "object")
    return Object.fromEntries(
      Object.entries(value)
        .map(([name, one]) => [name, filled(one, values)])
        .filter(([, one]) => one !== undefined),
    );
  if (typeof value !== "string") return value;
  const [, sign, seconds = "0"] = /^\{now(?:([+-])(\d+))?\}$/.exec(value) ?? [undefined];
  if (/^\{now/.test(value)) return now() + Number(`${sign ?? "+"}${seconds}`);
  const [, name] = /^\{(\w+)\}$/.exec(value) ?? [];
  if (name && name in values) return values[name];
  return value.replaceAll(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

/** The parameters that a provider requires of a message. `null` means a forbidden parameter. */
function requires(found, wanted = {}, values = {}, what = "") {
  for (const [name, value] of Object.entries(filled(wanted, values))) same(found.get(name), value, `${what} ${name}`);
}

/** @param {any} vector */
export function createCanned(vector) {
  const { metadata, client, id_token, access_token } = vector;
  const asked = new Set();
  /** @type {{ claims?: (claims: any) => unknown, token?: (compact: string) => string }} */
  let bend = {};
  let grant;
  let code;

  const address = vector.metadata_url ?? `${metadata.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;

  const json = (reply, values = {}) => {
    const { status = 200, headers = {}, body } = reply;
    const type = { "content-type": "application/json" };
    return new Response(typeof body === "string" ? body : JSON.stringify(filled(body, values)), {
      status,
      headers: { ...type, ...headers },
    });
  };

  async function published() {
    const keys = await Promise.all(
      vector.keys.map(async ({ alg, jwk }) => {
        const { kty, n, e, crv, x, y } = (await keyFor(alg)).jwk;
        return JSON.parse(JSON.stringify({ kty, n, e, crv, x, y, ...jwk }));
      }),
    );
    return keys;
  }

  const keySigning = async (header) =>
    header.alg.startsWith("HS") ? client.secret : (await keyFor(header.alg)).privateKey;

  const signed = async (token, values) => {
    const { header, claims } = filled(token, values);
    return compact(header, claims, await keySigning(header));
  };

  /** The values of a reply. The tokens come from the vector's parts. */
  async function issued(source = vector, more = {}) {
    /** @type {any} */
    const values = { nonce: grant.nonce, state: grant.state, code, client_id: client.id, ...more };
    const { access_token: text } = (source === vector ? vector.token : source).body;
    values.access_token =
      text === "{access_token}" ? (access_token ? await signed(access_token, values) : random()) : text;
    const idToken = source.id_token ?? (source === vector ? id_token : undefined);
    if (!idToken) return values;
    const { alg } = idToken.header;
    values.at_hash = await halfHash(alg, values.access_token);
    values.c_hash = await halfHash(alg, code);
    const { header, claims } = filled(idToken, values);
    bend.claims?.(claims);
    const token = await compact(header, claims, await keySigning(header));
    return { ...values, id_token: bend.token ? bend.token(token) : token };
  }

  /** RFC 6749 §2.3.1, or this provider's reading of it. */
  function authenticated(form, headers, client) {
    const authorization = headers.get("authorization");
    const decode = (half) => (client.reads === "raw" ? half : new URLSearchParams(`half=${half}`).get("half"));
    const [id, secret] = authorization
      ? atob(authorization.replace(/^Basic /, ""))
          .split(":")
          .map(decode)
      : [form.get("client_id"), form.get("client_secret")];
    const assertion = form.get("client_assertion");
    if (assertion) {
      const { header, claims } = decoded(assertion);
      const members = { ...header, ...claims };
      const wanted = { iss: client.id, sub: client.id, ...client.assertion };
      return client.auth === "assertion" && Object.entries(wanted).every(([name, value]) => members[name] === value);
    }
    const used = authorization ? "basic" : secret === null ? "none" : "post";
    if (id !== client.id || used !== client.auth) return false;
    // The client signs this secret itself, as Apple requires.
    if (client.secret_header) return JSON.stringify(decoded(secret).header) === JSON.stringify(client.secret_header);
    return (secret ?? undefined) === client.secret;
  }

  async function token(form, headers) {
    const { client: asking = client } = vector[form.get("grant_type")] ?? {};
    if (!authenticated(form, headers, asking)) return json({ status: 401, body: { error: "invalid_client" } });
    const type = form.get("grant_type");
    if (type === "authorization_code") {
      asked.add("token");
      same(form.get("code"), code, "code");
      same(form.get("redirect_uri"), grant.redirectUri, "redirect_uri");
      const challenge = base64url(await sha256(form.get("code_verifier") ?? ""));
      if (grant.challenge) same(challenge, grant.challenge, "challenge of the verifier");
      grant.verifier = form.get("code_verifier");
      requires(form, vector.token.requires, {}, "token request:");
      return json(vector.token, await issued());
    }
    const name = type === "refresh_token" ? "refresh" : type;
    const section = vector[name] ?? { status: 400, body: { error: "unsupported_grant_type" } };
    asked.add(name);
    if (name === "refresh" && form.get("refresh_token") !== vector.token.body.refresh_token)
      return json({ status: 400, body: { error: "invalid_grant" } });
    const wanted = filled(section.requires ?? {}, { verifier: grant?.verifier });
    if (Object.entries(wanted).some(([member, value]) => form.get(member) !== value))
      return json(section.otherwise ?? { status: 400, body: { error: "invalid_request" } });
    grant ??= {};
    return json(section, await issued(section));
  }

  /** @param {any} input @param {RequestInit} [init] */
  async function fetch(input, init) {
    const request = new Request(input, init);
    const { url, headers } = request;
    const form = new URLSearchParams(await request.text());
    if (url === address) return json({ ...vector.metadata_reply, body: metadata });
    if (url === metadata.jwks_uri)
      return json({ ...vector.jwks_reply, body: vector.jwks_reply?.body ?? { keys: await published() } });
    if (url === (vector.token_endpoint ?? metadata.token_endpoint)) return token(form, headers);
    const service = {
      userinfo: "userinfo_endpoint",
      revocation: "revocation_endpoint",
      introspection: "introspection_endpoint",
    };
    const [name] =
      Object.entries(service).find(([name, member]) => url === (vector[name]?.url ?? metadata[member])) ?? [];
    if (!name || !vector[name]) throw new TypeError(`no reply for ${url}`);
    asked.add(name);
    return json(vector[name], { nonce: grant?.nonce, client_id: client.id });
  }

  return {
    fetch,
    /** The person's browser follows the redirect, or posts the form. */
    async authorize(url) {
      const { origin, pathname, searchParams: query } = new URL(url);
      same(origin + pathname, metadata.authorization_endpoint.split("?")[0], "authorization endpoint");
      requires(query, vector.authorization, {}, "authorization request:");
      same(query.get("client_id"), client.id, "client_id");
      code = random();
      grant = {
        nonce: query.get("nonce") ?? undefined,
        state: query.get("state"),
        challenge: query.get("code_challenge"),
        redirectUri: query.get("redirect_uri"),
      };
      const isHybrid = /token/.test(query.get("response_type"));
      const values = isHybrid ? await issued() : { code, state: grant.state, client_id: client.id };
      const parameters = new URLSearchParams(filled(vector.redirect, values));
      const mode = query.get("response_mode") ?? (isHybrid ? "fragment" : "query");
      if (mode === "form_post") return parameters;
      return located(grant.redirectUri, mode, parameters);
    },
    /** Adds a fault: `claims` changes the ID token's claims before the signature, `token` changes the signed token. */
    bend(changes) {
      bend = changes;
    },
    /** The replies of the file that no request used. */
    get idle() {
      return ["token", "refresh", "client_credentials", "userinfo", "revocation", "introspection"].filter(
        (name) => vector[name] && !asked.has(name),
      );
    },
  };
}
