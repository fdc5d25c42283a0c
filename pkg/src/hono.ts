import type { Context, MiddlewareHandler } from "hono";
import type { Claims, IdTokenClaims } from "oidc-wasm";
import {
  createGuard,
  createLogin,
  type ExecutionContextLike,
  type GuardConfig,
  type LoginConfig,
  type Session,
} from "oidc-wasm/edge";

/**
 * Guards an API: the claims of the access token under `c.get("claims")`. A function of the bindings is called once.
 *
 * @example
 * ```ts
 * const app = new Hono()
 *   .use(guard({ issuer: "https://op.example", audience: "https://api.example.com" }, { scope: "read" }))
 *   .get("/", (c) => c.json({ hello: c.get("claims").sub }));
 * ```
 */
export function guard<Env extends object = object>(
  config: GuardConfig | ((env: Env) => GuardConfig),
  options: { scope?: string | string[] } = {},
): MiddlewareHandler<{ Bindings: Env; Variables: { claims: Claims } }> {
  let made = typeof config === "function" ? undefined : createGuard(config);
  return async (c, next) => {
    made ??= createGuard((config as (env: Env) => GuardConfig)(c.env));
    const context = contextOf(c);
    const seen = made.metadata(c.req.raw) ?? (await made(c.req.raw, { ...options, ...(context && { context }) }));
    // Some servers replace the global `Response`, so its class decides nothing.
    if (!("claims" in seen)) return seen;
    c.set("claims", seen.claims);
    await next();
    if (seen.dpopNonce) c.header("DPoP-Nonce", seen.dpopNonce);
    return undefined;
  };
}

/**
 * Signs people in. It answers the login's paths. `c.get("session")` has the session and `c.get("user")` its claims. With
 * `optional`, anonymous people pass, and both are undefined.
 *
 * @example
 * ```ts
 * const app = new Hono<{ Bindings: Env }>()
 *   .use(login((env: Env) => ({ issuer: env.ISSUER, clientId: env.CLIENT_ID, cookieSecret: env.COOKIE_SECRET })))
 *   .get("/", (c) => c.text(`Hello, ${c.get("user").sub}`));
 * ```
 */
export function login<Env extends object = object>(
  config: LoginConfig | ((env: Env) => LoginConfig),
  options: { optional?: boolean } = {},
): MiddlewareHandler<{ Bindings: Env; Variables: { session: Session; user: IdTokenClaims } }> {
  const part = createLogin<Env>(config);
  // Before any request, because it refuses options that it lacks.
  part.protect(() => new Response(), options);
  return async (c, next) => {
    // Headers of earlier middleware, such as CORS. After this read Hono copies each response, and an upgrade's has no copy.
    let earlier = c.req.header("upgrade") ? undefined : [...c.res.headers];
    const protect = part.protect(async (_request, session) => {
      if (session) {
        c.set("session", session);
        c.set("user", session.claims);
      }
      await next();
      // Hono has caught it. The login answers an expired token.
      if ((c.error as { code?: string } | undefined)?.code === "session.expired") throw c.error;
      // The application's own response has them already.
      earlier = [];
      return c.res;
    }, options);
    const response = await protect(c.req.raw, c.env, contextOf(c));
    for (const [name, value] of earlier ?? c.res.headers)
      if (name === "set-cookie" || !response.headers.has(name)) response.headers.append(name, value);
    // Replaces the earlier response. Merging would lose its cookies.
    c.res = undefined;
    c.res = response;
  };
}

/** Outside of Workers Hono throws. */
function contextOf(c: Context): ExecutionContextLike | undefined {
  try {
    return c.executionCtx;
  } catch {
    return undefined;
  }
}
