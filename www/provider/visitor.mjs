/**
 * A person at the provider's pages, without a browser: for tests that log in over HTTP.
 * It stores cookies between calls, as a browser does.
 */
export function createVisitor({ username = "mara", allow = true } = {}) {
  const cookies = new Map();

  async function visit(url, form) {
    const reply = await fetch(url, {
      redirect: "manual",
      method: form ? "POST" : "GET",
      headers: { accept: "text/html", cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      body: form && new URLSearchParams(form),
    });
    for (const line of reply.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value) cookies.set(name, value);
      else cookies.delete(name);
    }
    return reply;
  }

  /** Follows redirects of the provider to a page, or to the first address outside. */
  async function follow(url, form) {
    const { origin } = new URL(url);
    let reply = await visit(url, form);
    let at = url;
    while (reply.headers.has("location")) {
      at = new URL(reply.headers.get("location"), at).href;
      if (!at.startsWith(`${origin}/`)) return { at };
      reply = await visit(at);
    }
    return { at, page: await reply.text(), status: reply.status };
  }

  /** Signs in, then allows or refuses, where the provider asks for it. */
  async function answered(stop) {
    for (let pages = 0; pages < 3 && stop.at.includes("/interaction/"); pages++) {
      const signingIn = stop.page.includes('name="username"');
      stop = await follow(
        stop.at,
        signingIn ? { username, password: "any" } : allow ? { allow: "yes" } : { refuse: "yes" },
      );
    }
    return stop;
  }

  return {
    /**
     * Opens an authorization request, signs in, allows or refuses.
     * Resolves to the redirect back to the client, or for `form_post` to that page's `{ action, form }`.
     */
    async signIn(url) {
      const stop = await answered(await follow(url));
      if (stop.page === undefined) return stop.at;
      const action = /<form method="post" action="([^"]+)"/.exec(stop.page)?.[1];
      if (!action) throw new Error(`The provider stopped at ${stop.at} (${stop.status}):\n${stop.page}`);
      return { action: plain(action), form: new URLSearchParams(hiddenFields(stop.page)) };
    },

    /** Opens the address of a device login with its code. Confirms the code, signs in, then allows or refuses. */
    async activate(url) {
      let stop = await answered(await follow(url));
      for (let pages = 0; pages < 4; pages++) {
        // The page that asks for the code has it in a field to be seen.
        const typed = /<input\s+value="([^"]+)" [^>]*name="user_code"/.exec(stop.page)?.[1];
        const form = [...hiddenFields(stop.page), ...(typed ? [["user_code", plain(typed)]] : [])];
        const action = /action="([^"]+)"/.exec(stop.page)?.[1];
        // A page that asks for a code again follows a refusal.
        if (!action || !form.some(([name]) => name === "user_code")) return;
        stop = await answered(await follow(new URL(plain(action), stop.at).href, form));
      }
      throw new Error(`The provider stopped at ${stop.at} (${stop.status}):\n${stop.page}`);
    },

    /** Opens an end-session URL and signs out. Resolves to the address that it ends at. */
    async signOut(url) {
      const { page, at } = await follow(url);
      const action = /<form method="post" action="([^"]+)"/.exec(page ?? "")?.[1];
      if (!action) return at;
      const end = await follow(plain(action), [...hiddenFields(page), ["logout", "yes"]]);
      return end.at;
    },
  };
}

function hiddenFields(page) {
  return [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [
    name,
    plain(value),
  ]);
}

const entities = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };
const plain = (text) => text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity]);
