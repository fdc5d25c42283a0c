import { type CookieLine, cookieLine } from "./cookies.js";
import type { LoginConfig } from "./login_types.js";
import type { Place } from "./place.js";

/** The cookies of a configuration: their names and attributes for this server's address. */
export interface Jar {
  name: string;
  /** The cookie of one started login. */
  loginName(state: string): string;
  line(seconds: number, sameSite?: string): CookieLine;
}

/** With the prefix `__Host-`, browsers hide a cookie from every other host (RFC 6265bis §4.1.3.2). */
export function jarOf(config: LoginConfig, { origin }: Place): Jar {
  // The sign-in refuses null by its name.
  const cookie = config.cookie ?? {};
  const { domain, path = "/", sameSite: usual = "lax" } = cookie;
  const isSecure = origin.startsWith("https:");
  const prefix = !isSecure ? "" : domain || path !== "/" ? "__Secure-" : "__Host-";
  const { name = `${prefix}oidc` } = cookie;
  const where = `; Path=${path}${domain ? `; Domain=${domain}` : ""}`;
  return {
    name,
    loginName: (state) => `${name}-l-${state.replace(/[^\w-]/g, "").slice(0, 16)}`,
    line(seconds, sameSite = usual) {
      // On http://localhost browsers accept Secure cookies too. SameSite=None and the prefixes need them.
      const secure = isSecure || sameSite === "none" || /^__(host|secure)-/i.test(name) ? "; Secure" : "";
      return cookieLine(`${where}; SameSite=${sameSite}${secure}`, seconds);
    },
  };
}
