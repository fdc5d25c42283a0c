// @ts-check
/** The colours that the visitor chose, before anything is drawn. */
const { documentElement: page } = document;
const key = "colour scheme";

/** Storage may be forbidden. */
function kept() {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

page.dataset.scheme = kept();
addEventListener("DOMContentLoaded", () => {
  const select = /** @type {HTMLSelectElement | null} */ (document.getElementById("scheme"));
  if (!select) return;
  select.value = page.dataset.scheme ?? "";
  select.addEventListener("change", () => {
    page.dataset.scheme = select.value;
    try {
      localStorage.setItem(key, select.value);
    } catch {
      // Then it lasts until the page is left.
    }
  });
});
