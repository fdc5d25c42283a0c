// @ts-check
/**
 * The provider's answer: in the address this page was opened with, or in the form that was posted to it.
 * @typedef {object} Answer
 * @property {"query" | "fragment" | "form_post"} mode
 * @property {URLSearchParams} parameters
 * @property {URL | URLSearchParams} response as the package takes it
 */

/** @param {URL} address @param {string} form @returns {Answer} */
export function readAnswer(address, form) {
  if (form) {
    const parameters = new URLSearchParams(form);
    return { mode: "form_post", parameters, response: parameters };
  }
  if (address.hash.length > 1)
    return { mode: "fragment", parameters: new URLSearchParams(address.hash.slice(1)), response: address };
  return { mode: "query", parameters: address.searchParams, response: address };
}

/** The same answer with one parameter altered. @param {Answer} answer @param {string} name @param {string} value @returns {Answer} */
export function altered({ mode, parameters, response }, name, value) {
  const changed = new URLSearchParams(parameters);
  changed.set(name, value);
  if (!(response instanceof URL)) return { mode, parameters: changed, response: changed };
  const address = new URL(response);
  if (mode === "fragment") address.hash = `${changed}`;
  else address.search = `${changed}`;
  return { mode, parameters: changed, response: address };
}
