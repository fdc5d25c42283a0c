// @ts-check
/**
 * A message on its way to the inspector, with what it is judged by. Session storage belongs to this tab and sends nothing.
 * @typedef {object} Handed
 * @property {string} message
 * @property {string} [keys]
 * @property {string} [issuer]
 * @property {string} [clientId]
 * @property {string} [nonce]
 * @property {string} [transaction]
 */
const key = "handed over";

/** @param {Handed} handed */
export const handOver = (handed) => sessionStorage.setItem(key, JSON.stringify(handed));

/** Takes it once. @returns {Handed | undefined} */
export function takeOver() {
  const text = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  return text ? JSON.parse(text) : undefined;
}
