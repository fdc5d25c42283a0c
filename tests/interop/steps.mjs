// The steps at a server, with each library: one row of the table for each.
import { createPerson } from "./person.mjs";

/**
 * A running server.
 * @typedef {object} Server
 * @property {string} name
 * @property {string} version
 * @property {string} issuer
 * @property {Record<string, any>} clients the client's settings, by its authentication or another name. A setting
 * `issuer` is for servers with several. `first` makes all other requests
 * @property {string} first
 * @property {{ username: string, password: string }} person
 * @property {string[]} responses the supported response types and modes: "code id_token, form_post"; `everyResponse` has them all
 * @property {any} [params] parameters of each request
 * @property {any} [refreshParams] parameters of the request for a refresh token
 * @property {any} [apiParams] parameters of the request for an API's access token
 * @property {any} [api] the expected values of a resource server
 * @property {any} [machine] parameters of client credentials
 * @property {Record<string, string>} [clientFor] the client's name for a response type or a service, if it is not `first`
 * @property {Record<string, string>} [endpoints] endpoints that the metadata lack
 * @property {boolean} [refreshWantsTransaction]
 * @property {Record<string, string>} [lacks] services that the server does not have, with the reason
 * @property {Record<string, { code: string, reason: string }>} [faults] steps at which the server breaks a standard, with our error code
 * @property {() => Promise<void>} close
 *
 * @typedef {{ step: string, results: Record<string, string> }} Row `"yes"`, `"–"` for a missing feature, `"refused"`
 * for a server's fault, otherwise the error
 */

const authentications = ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"];
/** Response types, each with its default mode and its other allowed modes. */
const fragment = ["fragment", "form_post"];
const modes = {
  code: ["query", "fragment", "form_post"],
  id_token: fragment,
  "id_token token": fragment,
  "code id_token": fragment,
  "code token": fragment,
  "code id_token token": fragment,
  token: fragment,
  none: ["query"],
};
export const everyResponse = Object.entries(modes).flatMap(([type, modes]) => modes.map((mode) => `${type}, ${mode}`));

/** @type {Record<string, (given: { server: Server, party: any, login: any }) => Promise<unknown>>} */
const services = {
  refresh: async ({ server, party, login }) => {
    const renewed = await party.refresh(await login(server.refreshParams));
    if (!renewed.tokens.access_token) throw new Error("no access token");
  },
  userinfo: async ({ party, login }) => {
    const done = await login();
    if ((await party.userInfo(done)).sub !== done.claims.sub) throw new Error("another subject");
  },
  "client credentials": async ({ server, party }) => {
    if (!(await party.clientCredentials(server.machine)).access_token) throw new Error("no access token");
  },
  "verify an access token": async ({ server, party, login }) => {
    const { tokens } = await login(server.apiParams);
    await party.verifyAccessToken(tokens.access_token, server.api);
  },
  introspection: async ({ party, login }) => {
    const { tokens } = await login();
    if ((await party.introspect(tokens.access_token)).active !== true) throw new Error("not active");
  },
  revocation: async ({ server, party, login }) => {
    const { tokens } = await login();
    await party.revoke(tokens.access_token);
    if (server.lacks?.introspection) return;
    if ((await party.introspect(tokens.access_token)).active !== false) throw new Error("still active");
  },
  logout: async ({ party, login }) => {
    if (!(await party.logout(login.person, await login()))) throw new Error("another address");
  },
};

export const steps = [
  ...authentications.map((name) => `client authentication: ${name}`),
  ...everyResponse.map((name) => `response: ${name}`),
  ...Object.keys(services),
];

/** @param {Server} server @param {any[]} libraries @returns {Promise<Row[]>} */
export async function tryServer(server, libraries, tell = (/** @type {Row} */ _row) => {}) {
  const { clients, first, lacks = {}, faults = {}, params } = server;
  const rows = [];
  for (const step of steps) {
    const [, kind, what] = /^(?:(client authentication|response): )?(.*)$/.exec(step);
    const results = {};
    for (const library of libraries) {
      const [responseType, responseMode] = kind === "response" ? what.split(", ") : ["code"];
      const named = kind === "client authentication" ? what : (server.clientFor?.[kind ? responseType : what] ?? first);
      const client = clients[named];
      const isOffered = kind === "response" ? server.responses.includes(what) : Boolean(client) && !(what in lacks);
      results[library.name] =
        isOffered && library.has(responseType)
          ? await attempt(faults[step], async () => {
              const person = createPerson(server.person);
              const { issuer = server.issuer, ...settings } = client;
              const party = await library.at({ ...server, issuer }, settings);
              const login = Object.assign(
                (/** @type {any} */ more = {}) => party.login(person, { ...params, ...more }),
                { person },
              );
              if (kind === "response") {
                const isDefault = responseMode === modes[responseType][0];
                const { claims, tokens } = await login({ responseType, ...(!isDefault && { responseMode }) });
                if (/code|id_token/.test(responseType) && !claims?.sub) throw new Error("no claims");
                if (/\btoken|code/.test(responseType) && !tokens.access_token) throw new Error("no access token");
              } else if (kind) await login();
              else await services[what]({ server, party, login });
            })
          : "–";
    }
    rows.push({ step, results });
    tell(rows.at(-1));
  }
  return rows;
}

/** @param {{ code: string } | undefined} fault @param {() => Promise<void>} run */
async function attempt(fault, run) {
  try {
    await run();
    return fault ? `accepted, in spite of ${fault.code}` : "yes";
  } catch (error) {
    const { code, name, message } = error;
    if (fault && code === fault.code) return "refused";
    return `${code ?? name}: ${String(message).split("\n")[0].slice(0, 300)}`;
  }
}
