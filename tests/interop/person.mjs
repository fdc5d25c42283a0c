// A person without a browser: follows redirects, keeps cookies, fills in the provider's forms.

const redirectUri = "http://127.0.0.1:45877/cb";
const home = "http://127.0.0.1:45877/";
/** The client's address. No server listens there, because the person reads the address. */
export const places = { redirectUri, home };

const entities = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  "#39": "'",
  "#x27": "'",
  "#034": '"',
  "#x2F": "/",
  "#x3D": "=",
  "#x26": "&",
};
const plain = (text) => text.replace(/&([#\w]+);/g, (all, name) => entities[name] ?? all);
const attribute = (tag, name) => {
  const found = new RegExp(`\\b${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, "i").exec(tag);
  return found && plain(found[1] ?? found[2] ?? found[3]);
};

/** The forms of a page: the target, the fields and the buttons of each. */
function formsOf(page, at) {
  return [...page.matchAll(/(<form[^>]*>)(.*?)<\/form>/gis)].map(([, open, inside]) => ({
    action: new URL(attribute(open, "action") || at, at).href,
    method: (attribute(open, "method") ?? "get").toLowerCase(),
    tags: [...inside.matchAll(/<(?:input|button)\b[^>]*>/gi)].map(([tag]) => ({
      name: attribute(tag, "name"),
      value: attribute(tag, "value") ?? "",
      type: (attribute(tag, "type") ?? (/^<button/i.test(tag) ? "submit" : "text")).toLowerCase(),
    })),
  }));
}

const refuses = /cancel|deny|refuse|reject|decline|stay|^no$/i;

/** @param {{ username: string, password: string }} who */
export function createPerson({ username, password }) {
  const jars = new Map();

  async function visit(url, form) {
    const { origin } = new URL(url);
    if (!jars.has(origin)) jars.set(origin, new Map());
    const jar = jars.get(origin);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const reply = await fetch(url, {
      redirect: "manual",
      method: form ? "POST" : "GET",
      headers: { accept: "text/html", cookie, ...(form && { referer: url, origin }) },
      body: form && new URLSearchParams(form),
    });
    for (const line of reply.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value && !/max-age=0\b/i.test(line)) jar.set(name, value);
      else jar.delete(name);
    }
    return reply;
  }

  /** The person sends the hidden fields unchanged, the credentials, and the first button that agrees. */
  function filled({ tags }) {
    const fields = tags
      .filter(({ name, type }) => name && !["submit", "button", "image", "reset"].includes(type))
      .map(({ name, value, type }) => {
        if (type === "password" || name === "password") return [name, password];
        if (["text", "email"].includes(type) && /user|login|email|name/i.test(name)) return [name, username];
        return [name, type === "checkbox" ? value || "on" : value];
      });
    const agrees = ({ name, value, type }) => type === "submit" && !refuses.test(name) && !refuses.test(value);
    const pressed = tags.find(agrees);
    return pressed?.name ? [...fields, [pressed.name, pressed.value]] : fields;
  }

  return {
    /** Opens an address, and follows the provider's pages to the client. Resolves to the address or the posted fields. */
    async go(url) {
      let at = url;
      let reply = await visit(url);
      for (let steps = 0; steps < 25; steps++) {
        const location = reply.headers.get("location");
        if (location) {
          at = new URL(location, at).href;
          if (at.startsWith(home)) return at;
          reply = await visit(at);
          continue;
        }
        const page = await reply.text();
        const forms = formsOf(page, at);
        const form =
          forms.find(({ tags }) => tags.some(({ name, type }) => type === "password" || name === "password")) ??
          forms[0];
        if (!form) return { at, status: reply.status, page };
        const fields = filled(form);
        if (form.action.startsWith(home)) return new URLSearchParams(fields);
        at = form.action;
        if (form.method === "post") reply = await visit(at, fields);
        else reply = await visit(`${at.split("?")[0]}?${new URLSearchParams(fields)}`);
      }
      throw new Error(`the provider's pages have no end: ${at}`);
    },
  };
}

/** True if there is an address or a form: the person has returned. */
export function arrived(end) {
  if (typeof end === "string" || end instanceof URLSearchParams) return end;
  const words = end.page.replace(/<script.*?<\/script>|<style.*?<\/style>|<[^>]+>/gis, " ").replace(/\s+/g, " ");
  throw new Error(`the person is stuck at ${end.at} (${end.status}): ${words.trim().slice(0, 200)}`);
}
