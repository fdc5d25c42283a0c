// The registered clients, and their authentication (OpenID Connect Core 1.0 §9).
import { decoded, isSigned } from "./jws.js";

/**
 * @typedef {object} Client
 * @property {string} clientId
 * @property {string} [secret]
 * @property {string[]} [redirectUris] default: any
 * @property {string} [auth] the client authentication; default: Basic with a secret, none without
 * @property {JsonWebKey & { alg: string }} [key] the key that verifies its assertions
 * @property {string} [idTokenSignedResponseAlg]
 * @property {string} [userinfoSignedResponseAlg]
 */

/**
 * @param {Client[] | undefined} registered without them, any client ID works without authentication
 * @param {{ audiences: string[], now: () => number }} provider
 */
export function createClients(registered, { audiences, now }) {
  const assertions = new Set();

  /** @returns {Client | undefined} */
  const find = (clientId) =>
    registered?.find((one) => one.clientId === clientId) ?? (registered ? undefined : { clientId });

  /** RFC 7523 §3. */
  async function isAssertion(client, jwt) {
    const { header, claims } = decoded(jwt);
    const { iss, sub, aud, exp, jti } = claims;
    const isNew = jti && !assertions.has(jti);
    assertions.add(jti);
    return (
      iss === client.clientId &&
      sub === client.clientId &&
      audiences.includes(aud) &&
      exp > now() &&
      isNew &&
      header.alg === (client.key?.alg ?? "HS256") &&
      isSigned(jwt, header.alg, client.key ?? client.secret)
    );
  }

  return {
    find,
    /** The client of a request, or undefined. `read` replaces the reading of its header: id and secret. */
    async authenticated(form, authorization, read) {
      const assertion = form.get("client_assertion");
      const [id, secret] = authorization
        ? (read ?? basic(authorization))
        : [form.get("client_id"), form.get("client_secret")];
      const client = find(id);
      if (!client || !registered) return client;
      const { auth = client.secret ? "client_secret_basic" : "none" } = client;
      if (assertion) return /_jwt$/.test(auth) && (await isAssertion(client, assertion)) ? client : undefined;
      const used = authorization ? "client_secret_basic" : secret ? "client_secret_post" : "none";
      return auth === used && (secret ?? undefined) === client.secret ? client : undefined;
    },
  };
}

/** RFC 6749 §2.3.1: both halves form-encoded, then Basic. Rejects unencoded credentials. */
function basic(authorization) {
  const pair = /^Basic (\S+)$/.exec(authorization)?.[1] ?? "";
  const halves = atob(pair).split(":");
  if (halves.length !== 2 || !halves.every((half) => /^[\w.~+%*-]*$/.test(half))) return [];
  return halves.map((half) => new URLSearchParams(`half=${half}`).get("half"));
}
