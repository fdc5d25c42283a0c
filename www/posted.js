/** Puts the answer that a provider posted into the page's text. The page's script takes it from there. */
const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escaped = (text) => text.replace(/[&<>"]/g, (character) => entities[character]);

/** @param {string} page @param {string} form */
export const filled = (page, form) =>
  page.replace('<meta name="oidc-form" content="">', () => `<meta name="oidc-form" content="${escaped(form)}">`);
