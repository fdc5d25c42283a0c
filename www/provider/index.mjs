/**
 * A real OpenID Provider (npm oidc-provider) for the demo and the tests: in memory, on loopback, with its own pages.
 * It forgets everything when it is closed.
 */
import { generateKeyPair, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { promisify } from "node:util";
// The package's own entry adds a warning on Node 20, although the provider works there.
import { InvalidTarget } from "oidc-provider/lib/helpers/errors.js";
import { Provider } from "oidc-provider/lib/provider.js";
import { demoResources } from "../clients.mjs";
import { interactions } from "./interactions.mjs";
import { localPages } from "./languages.mjs";
import { claimsOfScopes, createPeople } from "./people.mjs";
import { createStore } from "./store.mjs";

export { demoResources };

const algorithms = ["RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"];

/**
 * @param {object} [options]
 * @param {number} [options.port] 0 takes any free port
 * @param {string} [options.host]
 * @param {object[]} [options.clients] registered clients, in the words of OpenID Connect Dynamic Registration: `client_id`, `client_secret`, `redirect_uris`,
 *   `token_endpoint_auth_method` ("none", "client_secret_basic", "client_secret_post", …), `grant_types`, `response_types`, `id_token_signed_response_alg`…
 * @param {Record<string, string>} [options.resources] resource server → scopes
 * @param {object} [options.features] further features of oidc-provider's
 * @param {{ key: string, cert: string }} [options.tls] serves https, and asks each client for a certificate (RFC 8705)
 * @param {object} [options.settings] anything else of oidc-provider's configuration, laid over this one's top level
 */
export async function startProvider({
  port = 0,
  host = "127.0.0.1",
  clients = [],
  resources = demoResources,
  features = {},
  settings = {},
  tls,
} = {}) {
  const server = tls ? createSecureServer({ ...tls, requestCert: true, rejectUnauthorized: false }) : createServer();
  const [jwks] = await Promise.all([createKeys(), listen(server, port, host)]);
  const issuer = `${tls ? "https" : "http"}://${host}:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
  const people = createPeople(issuer);

  const provider = new Provider(issuer, {
    adapter: createStore(),
    jwks,
    clients,
    clientDefaults: {
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      id_token_signed_response_alg: "RS256",
      token_endpoint_auth_method: "client_secret_basic",
    },
    cookies: { keys: [randomBytes(32)] },
    claims: { acr: null, auth_time: null, iss: null, sid: null, ...claimsOfScopes },
    scopes: ["openid", "offline_access"],
    // All response types of oidc-provider. It does not support `token` alone.
    responseTypes: ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token", "none"],
    enabledJWA: {
      idTokenSigningAlgValues: [...algorithms, "HS256"],
      userinfoSigningAlgValues: [...algorithms, "HS256"],
    },
    features: {
      devInteractions: { enabled: false },
      claimsParameter: { enabled: true },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      backchannelLogout: { enabled: true },
      jwtUserinfo: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx) => {
          const { client, session } = ctx.oidc;
          const action = ctx.oidc.urlFor("end_session_confirm");
          ctx.body = localPages(ctx).signOut({
            action,
            secret: session.state.secret,
            client,
            person: people.find(session.accountId),
          });
        },
        postLogoutSuccessSource: (ctx) => {
          ctx.body = localPages(ctx).signedOut();
        },
      },
      resourceIndicators: {
        enabled: true,
        // If a login names several resources and the token request names none, the first one counts.
        defaultResource: (_ctx, _client, oneOf) => oneOf?.[0],
        getResourceServerInfo: (_ctx, resource) => {
          if (!Object.hasOwn(resources, resource)) throw new InvalidTarget("there is no such resource server here");
          return {
            scope: resources[resource],
            audience: resource,
            accessTokenFormat: "jwt",
            accessTokenTTL: 600,
            jwt: { sign: { alg: "ES256" } },
          };
        },
      },
      ...features,
    },
    // A client that registered for refresh tokens gets one. Without `offline_access` it ends with the session.
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed("refresh_token"),
    clientBasedCORS: (_ctx, origin, client) => client.redirectUris.some((uri) => new URL(uri).origin === origin),
    findAccount: (_ctx, sub) => {
      const person = people.find(sub);
      return person && { accountId: sub, claims: () => person };
    },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    renderError: (ctx, out) => {
      ctx.type = "html";
      ctx.body = localPages(ctx).problem(out);
    },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      BackchannelAuthenticationRequest: 600,
      ClientCredentials: 600,
      DeviceCode: 600,
      Grant: 86_400,
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
    ...settings,
  });

  allowHttpOnLoopback(provider);
  provider.use(demandRegisteredMethod);
  provider.use(interactions(provider, people));
  server.on("request", provider.callback());

  return {
    issuer,
    /** The `Provider` itself, for a test that reads its events. */
    provider,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Response types with a token in the fragment are registered for https only; the demo's and the tests' addresses are loopback. */
function allowHttpOnLoopback(provider) {
  const schema = provider.Client.Schema.prototype;
  const invalidate = schema.invalidate;
  schema.invalidate = function (message, code) {
    if (code !== "implicit-force-https" && code !== "implicit-forbid-localhost") invalidate.call(this, message, code);
  };
}

/** oidc-provider accepts a secret in header or body, whatever the client registered. This provider accepts the registered way only, as many do. */
async function demandRegisteredMethod(ctx, next) {
  await next();
  // This request has a client's metadata, which may include its secret.
  if (ctx.path.startsWith("/reg")) return;
  const registered = ctx.oidc?.client?.clientAuthMethod;
  if (!["client_secret_basic", "client_secret_post"].includes(registered)) return;
  const sent = ctx.get("authorization").startsWith("Basic ")
    ? "client_secret_basic"
    : ctx.oidc.body?.client_secret && "client_secret_post";
  if (!sent || sent === registered) return;
  ctx.status = 401;
  ctx.body = { error: "invalid_client", error_description: `this client is registered for ${registered}` };
}

/** New keys of several kinds. The RSA one comes first, as most providers have it. */
async function createKeys() {
  const generate = promisify(generateKeyPair);
  const pairs = await Promise.all([
    generate("rsa", { modulusLength: 2048 }),
    generate("ec", { namedCurve: "P-256" }),
    generate("ec", { namedCurve: "P-384" }),
    generate("ed25519"),
  ]);
  return { keys: pairs.map(({ privateKey }) => ({ ...privateKey.export({ format: "jwk" }), use: "sig" })) };
}

function listen(server, port, host) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
}
