// A browser without a network. It keeps cookies by RFC 6265bis and sends W3C Fetch Metadata.
import { fail } from "../harness.js";

/** @returns {any} */
const attributesOf = (line) => {
  const [pair, ...attributes] = line.split("; ");
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair);
  const read = attributes.map((one) => one.split("=")).map(([key, content]) => [key.toLowerCase(), content ?? true]);
  return { name, value, ...Object.fromEntries(read) };
};

/** @param {string} home the origin that it visits @param {(request: Request) => Promise<Response>} serve */
export function createBrowser(home, serve) {
  const cookies = new Map();
  const isSecure = home.startsWith("https:");

  function keep(line) {
    if (line.length > 4096) fail(`a cookie of ${line.length} characters`);
    const cookie = attributesOf(line);
    const { name, value, secure, path, domain, samesite, httponly } = cookie;
    if (!httponly) fail(`a cookie for scripts: ${line}`);
    // With another value, it is a cookie of the browser's session (RFC 6265 §5.2.2).
    if (!/^\d+$/.test(cookie["max-age"] ?? "0")) fail(`a cookie without a life: ${line}`);
    if (secure && !isSecure && !home.startsWith("http://localhost")) return;
    if (name.startsWith("__Host-") && !(secure && path === "/" && !domain))
      fail(`a cookie that browsers drop: ${line}`);
    if (name.startsWith("__Secure-") && !secure) fail(`a cookie that browsers drop: ${line}`);
    if (/^none$/i.test(samesite) && !secure) fail(`a cookie that browsers drop: ${line}`);
    if (Number(cookie["max-age"]) <= 0) cookies.delete(name);
    // An existing cookie keeps its position (RFC 6265 §5.3).
    else cookies.set(name, { ...cookie, value });
  }

  /** The cookies of a request. `site` is its origin. */
  function sent({ site, method, isTop }) {
    return [...cookies].filter(([, { samesite }]) => {
      if (site !== "cross-site" || /^none$/i.test(samesite)) return true;
      return /^lax$/i.test(samesite) && isTop && method === "GET";
    });
  }

  const browser = {
    cookies,
    names: () => [...cookies.keys()],
    /** One request. It returns redirects and does not follow them. @param {string} path @param {any} [how] */
    async go(path, how = {}) {
      const { site = "same-origin", mode = "navigate", dest, method = "GET", headers = {}, body, origin } = how;
      const isTop = mode === "navigate";
      const cookie = sent({ site, method, isTop })
        .map(([name, { value }]) => `${name}=${value}`)
        .join("; ");
      const request = new Request(new URL(path, home), {
        method,
        body,
        headers: {
          "sec-fetch-site": site,
          "sec-fetch-mode": mode,
          "sec-fetch-dest": dest ?? (isTop ? "document" : "empty"),
          ...(method !== "GET" && { origin: origin ?? home }),
          ...(cookie && { cookie }),
          ...headers,
        },
      });
      const reply = await serve(request);
      for (const line of reply.headers.getSetCookie()) keep(line);
      return {
        status: reply.status,
        location: reply.headers.get("location"),
        lines: reply.headers.getSetCookie(),
        headers: reply.headers,
        text: await reply.text(),
      };
    },
    /** A call of a page's script. */
    call: (path, how = {}) => browser.go(path, { mode: "cors", ...how }),
    /** From a page that needs a session, through the provider, and back. Resolves to the page's output. @param {any} [person] */
    async signIn(op, path = "/", person = {}) {
      const asked = await browser.go(path);
      const { url, body } = await op.authorize(asked.location, person);
      const how = body
        ? {
            method: "POST",
            site: "cross-site",
            origin: op.issuer,
            body: `${body}`,
            headers: { "content-type": "application/x-www-form-urlencoded" },
          }
        : { site: "cross-site" };
      return browser.go(url, how);
    },
    copy() {
      const other = createBrowser(home, serve);
      for (const [name, cookie] of cookies) other.cookies.set(name, { ...cookie });
      return other;
    },
  };
  return browser;
}
