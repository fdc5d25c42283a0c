// @ts-check
/**
 * What a login asks for.
 * @typedef {import("oidc-wasm/full").ResponseType} ResponseType
 * @typedef {"none" | "client_secret_basic" | "client_secret_post" | "client_secret_jwt" | "private_key_jwt"} Method
 * @typedef {object} Asked
 * @property {ResponseType} responseType
 * @property {"" | "query" | "fragment" | "form_post"} responseMode empty: the response type's own
 * @property {string[]} scope
 * @property {string[]} resource
 * @property {Method} method how this site shows who it is
 */

/** @type {Asked} */
export const usual = {
  responseType: "code",
  responseMode: "",
  scope: ["openid", "profile", "email"],
  resource: [],
  method: "none",
};

/** Whether a response type brings this: `code`, `id_token` or `token`. @param {ResponseType} type @param {string} what */
export const brings = (type, what) => type.split(" ").includes(what);

/** Tokens in an address's query would be written into logs (OAuth 2.0 Multiple Response Types §3). @param {ResponseType} type */
export const keepsOutOfQuery = (type) => brings(type, "id_token") || brings(type, "token");

/** Where the answer comes. @param {Asked} asked */
export const modeOf = ({ responseType, responseMode }) =>
  responseMode || (keepsOutOfQuery(responseType) ? "fragment" : "query");
