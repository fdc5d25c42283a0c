// Writes and reads HTTP messages.
import { random } from "./jws.js";

export const json = (body, status = 200, headers = {}) => ({
  status,
  headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
  body: JSON.stringify(body),
});

export const text = (body, status = 200, headers = {}) => ({ status, headers, body });

/** Allows requests from pages of other origins. */
export const cors = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "authorization, content-type, dpop",
};

export const invalidClient = () => json({ error: "invalid_client" }, 401, { "www-authenticate": 'Basic realm="op"' });

export const invalidRequest = (error_description) => json({ error: "invalid_request", error_description }, 400);

/** A page that posts the parameters itself (OAuth 2.0 Form Post Response Mode). */
export function formPost(action, parameters) {
  const escaped = (value) => value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
  const field = ([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`;
  const form = `<form method="post" action="${escaped(action)}">${[...parameters].map(field).join("")}</form>`;
  return text(`${form}<script>document.forms[0].submit()</script>`, 200, { "content-type": "text/html" });
}

/** An address with the parameters added to its query, or in its fragment. */
export function located(address, mode, parameters) {
  const url = new URL(address);
  if (mode === "fragment") url.hash = `${parameters}`;
  else for (const [name, value] of parameters) url.searchParams.append(name, value);
  return url.href;
}

export const words = (value) => value?.split(" ").filter(Boolean) ?? [];

/** Stores a value under a new name. */
export function kept(map, kind, value) {
  const name = `${kind}_${random()}`;
  map.set(name, value);
  return name;
}
