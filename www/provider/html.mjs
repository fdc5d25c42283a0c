/** HTML as a tagged template: every value is escaped unless it is itself a template's result. */
class Html extends String {}

const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** @param {unknown} value @returns {string} */
function text(value) {
  if (value instanceof Html) return value.toString();
  if (Array.isArray(value)) return value.map(text).join("");
  if (value === undefined || value === null || value === false) return "";
  return String(value).replace(/[&<>"']/g, (character) => entities[character]);
}

export const html = (strings, ...values) => new Html(String.raw({ raw: strings }, ...values.map(text)));
