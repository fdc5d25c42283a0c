// What is tried at a server, with each library: one row of the table for each.
import { createPerson } from "./person.mjs";

/**
 * A running server.
 * @typedef {object} Server
 * @property {string} name
 * @property {string} version
 * @property {string} issuer
 * @property {Record<string, any>} clients the client's settings by its authentication; `first` does all else
 * @property {string} first
 * @property {{ username: string, password: string }} person
 * @property {string[]} responses the response types and modes that it offers: "code id_token, form_post"
 * @property {any} [params] of each request
 * @property {any} [refreshParams] of the request whose refresh token is wanted
 * @property {any} [apiParams] of the request whose access token is for an API
 * @property {any} [api] what a resource server expects
 * @property {any} [machine] of client credentials
 * @property {Record<string, string>} [endpoints] that the metadata lack
 * @property {boolean} [refreshWantsTransaction]
 * @property {Record<string, string>} [lacks] services that it does not have, with the reason
 * @property {() => Promise<void>} close
 *
 * @typedef {{ step: string, results: Record<string, string> }} Row `"yes"`, `"–"` for what is not offered, else what went wrong
 */

const authentications = ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"];
const responses = [
  "code, query",
  "code, fragment",
  "code, form_post",
  "id_token, fragment",
  "id_token, form_post",
  "id_token token, fragment",
  "code id_token, fragment",
  "code id_token, form_post",
  "code token, fragment",
  "code id_token token, fragment",
  "code id_token token, form_post",
];

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
  revocation: async ({ party, login }) => party.revoke((await login()).tokens.access_token),
  logout: async ({ party, login }) => {
    if (!(await party.logout(login.person, await login()))) throw new Error("another address");
  },
};

export const steps = [
  ...authentications.map((name) => `client authentication: ${name}`),
  ...responses.map((name) => `response: ${name}`),
  ...Object.keys(services),
];

/** @param {Server} server @param {any[]} libraries @returns {Promise<Row[]>} */
export async function tryServer(server, libraries, tell = (/** @type {Row} */ _row) => {}) {
  const { clients, first, lacks = {}, params } = server;
  const rows = [];
  for (const step of steps) {
    const [, kind, what] = /^(?:(client authentication|response): )?(.*)$/.exec(step);
    const results = {};
    for (const library of libraries) {
      const [responseType, responseMode] = kind === "response" ? what.split(", ") : ["code"];
      const client = kind === "client authentication" ? clients[what] : clients[first];
      const isOffered = kind === "response" ? server.responses.includes(what) : Boolean(client) && !(what in lacks);
      results[library.name] =
        isOffered && library.has(responseType)
          ? await attempt(async () => {
              const person = createPerson(server.person);
              const party = await library.at(server, client);
              const login = Object.assign(
                (/** @type {any} */ more = {}) => party.login(person, { ...params, ...more }),
                { person },
              );
              if (kind === "response") {
                const isDefault = responseMode === (responseType === "code" ? "query" : "fragment");
                const { claims } = await login({ responseType, ...(!isDefault && { responseMode }) });
                if (!claims?.sub) throw new Error("no claims");
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

async function attempt(run) {
  try {
    await run();
    return "yes";
  } catch (error) {
    const { code, name, message } = error;
    return `${code ?? name}: ${String(message).split("\n")[0].slice(0, 300)}`;
  }
}
