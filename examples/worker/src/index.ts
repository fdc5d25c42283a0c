import { createLogin, type Session } from "oidc-wasm/edge";

interface Env {
  ISSUER: string;
  CLIENT_ID: string;
  CLIENT_SECRET?: string;
  COOKIE_SECRET: string;
}

const login = createLogin((env: Env) => ({
  issuer: env.ISSUER,
  clientId: env.CLIENT_ID,
  ...(env.CLIENT_SECRET && { auth: { method: "client_secret_basic", secret: env.CLIENT_SECRET } }),
  cookieSecret: env.COOKIE_SECRET,
  scope: "openid profile",
  userInfo: true,
  keep: "id_token",
}));

export default { fetch: login.protect(home, { optional: true }) };

function home(request: Request, session: Session | null): Response {
  if (new URL(request.url).pathname !== "/") return page("Not found", "<a href='/'>Home</a>", 404);
  if (!session) return page("Hello", "<a href='/login'>Sign in</a>");
  const name = escapeHtml(String(session.claims.name ?? session.claims.sub));
  return page(`Hello, ${name}`, "<form method='post' action='/logout'><button>Sign out</button></form>");
}

function page(title: string, body: string, status = 200): Response {
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  };
  const html = `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${body}</html>`;
  return new Response(html, { status, headers });
}

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
