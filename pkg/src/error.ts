import { HELP } from "./generated/help.js";
import { CALL_RULES, KEY_RULES, loginRules, TIME_RULES, usualRules } from "./generated/rules.js";
import type { Challenge, RenewedTokens } from "./types.js";

/** A value, if it is known. */
type Known<T> = T | null | undefined;

/** Details beyond the broken rule. */
export interface Detail {
  argument?: Known<string>;
  member?: Known<string>;
  expected?: Known<string>;
  found?: Known<string>;
  hint?: Known<string>;
  /** The URL of the response, without its query. */
  endpoint?: Known<string>;
  error?: Known<string>;
  error_description?: Known<string>;
  error_uri?: Known<string>;
  status?: Known<number>;
  challenges?: Known<Challenge[]>;
  retryAfter?: Known<number>;
  members?: Known<Record<string, unknown>>;
}

/** Only the known members. */
export const known = <T extends object>(all: T): { [Name in keyof T]?: NonNullable<T[Name]> } =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== null)) as never;

/** The rules of the imported entries, by number. */
let rules = loginRules;

/** A rule's code, section and sentence: by its number, by its code, or from an entry's own table. */
export function describe(rule: number | string): readonly string[] {
  const row =
    typeof rule === "number"
      ? rules[rule]
      : rule.includes("|")
        ? rule
        : rules.find((row) => row.startsWith(`${rule}|`));
  return (row ?? "").split("|");
}

/** Adds the rules that oidc-wasm/login lacks, and `more`. The longest table has the rules of all others. */
export function addRules(more: readonly string[] = []): void {
  const all = [...loginRules, ...usualRules, ...more];
  if (all.length > rules.length) rules = all;
}

const FACTS = ["member", "expected", "found", "error", "error_description", "status", "endpoint"] as const;

/** The sentence of a rule with the compared values. `Display` in src/error.rs writes the same. */
export function worded(sentence: string, detail: Detail): string {
  const told = known(detail);
  const { argument, expected, hint } = told;
  if (argument !== undefined)
    return `Invalid option ${shown(argument)}: ${expected ? `expected ${shown(expected)}` : "unknown option"}.`;
  const facts = FACTS.filter((name) => name in told).map((name) => `${name}: ${shown(`${told[name]}`)}`);
  return `${sentence}${hint ? ` ${hint}` : ""}${facts.length ? ` (${facts.join("; ")})` : ""}`;
}

/** A value from a provider or caller, safe for one line of a log: no invisible characters. */
const shown = (text: string) =>
  text
    .slice(0, 256)
    .replace(
      /[\p{Cc}\p{Cs}\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu,
      "\u{FFFD}",
    );

/** The tokens of errors. A member would be enumerable, printed and cloned. */
const renewed = new WeakMap<OidcError, RenewedTokens>();

/**
 * The only error that this package throws for a broken rule.
 *
 * @example
 * ```ts
 * try {
 *   await rp.callback(location.href, transaction);
 * } catch (error) {
 *   if (error instanceof OidcError && error.error === "access_denied") showSignInAgain();
 *   else throw error;
 * }
 * ```
 */
export class OidcError extends Error {
  override readonly name = "OidcError";
  /** Stable and dotted: `"redirect.state"`, `"token.oauth_error"`, `"id_token.exp"`, `"argument.redirectUri"`… */
  readonly code: string;
  /** The section of the rule; `oidc-wasm` for this package's own rules. */
  readonly spec: string;
  /** The provider's OAuth error code, such as `"invalid_grant"`. After `verifyAccessToken`: the error for your API's response. */
  declare readonly error?: string;
  declare readonly error_description?: string;
  declare readonly error_uri?: string;
  /**
   * The HTTP status of the provider's response; 0 if a browser hides a redirect's. After `verifyAccessToken`, unless the code is
   * `http.*`: the status for your API's response, 401 or 403.
   */
  declare readonly status?: number;
  /** The URL that responded, or did not respond, without its query. */
  declare readonly endpoint?: string;
  /** The challenges in the `WWW-Authenticate` header of the response. */
  declare readonly challenges?: Challenge[];
  /** Seconds to wait before the next request, from `Retry-After`. */
  declare readonly retryAfter?: number;
  /** Other members of the provider's error response. */
  declare readonly members?: Record<string, unknown>;
  /** The wrong member of a JSON object. */
  declare readonly member?: string;
  /** The expected value and the found one, unless they are secret. */
  declare readonly expected?: string;
  declare readonly found?: string;
  /**
   * Only after {@link RelyingParty.refresh}, if keys were unavailable (also the key of `jwe.key`) or a clock is wrong: the new tokens
   * without the unverified ID token. The old refresh token may be invalid, so store the new one. Not enumerable, printed or cloned.
   */
  declare readonly tokens?: RenewedTokens;

  static {
    // TypeScript cannot declare an optional accessor.
    // biome-ignore lint/complexity/noThisInStatic: a bundler would rename a class that names itself.
    Object.defineProperty(this.prototype, "tokens", {
      get(this: OidcError) {
        return renewed.get(this);
      },
      configurable: true,
    });
  }

  /** The link to cause, example and remedy: the paragraph of this code in docs/errors.md. */
  get help(): string {
    return HELP + this.code.replace(/^(argument)\..*/, "$1");
  }

  constructor(rule: number | string, detail: Detail = {}, options?: ErrorOptions) {
    const [code = "", spec = "", sentence = ""] = describe(rule);
    super(worded(sentence, detail), options);
    const { argument, hint: _, ...told } = known(detail);
    this.code = argument === undefined ? code : `${code}.${argument}`;
    this.spec = spec;
    Object.assign(this, told);
  }
}

/** The same error for another call, or with more details. Each call throws its own error object. */
export function again(error: OidcError, more?: Detail): OidcError {
  const options = "cause" in error ? { cause: error.cause } : undefined;
  if (describe(error.code)[0]) return new OidcError(error.code, { ...error, ...more } as Detail, options);
  // The rule of a hook or of another entry. Only the message has its sentence.
  return Object.assign(new OidcError(`||${error.message}`, more, options), error, more);
}

/** The same error with the tokens of a refresh. */
export function withTokens(error: OidcError, tokens: RenewedTokens): OidcError {
  const own = again(error);
  renewed.set(own, tokens);
  return own;
}

/** An error that a host's exception has caused. */
export const causedBy = (code: string, cause: unknown): OidcError => new OidcError(code, {}, { cause });

/** The caller's signal has ended the call. */
export const aborted = (signal: AbortSignal | undefined): OidcError => causedBy("http.aborted", signal?.reason);

/** A wrong argument with its expected type. Without a type: an unknown option. */
export function wrongArgument(argument: string, expected?: string, cause?: unknown): OidcError {
  return new OidcError("argument", { argument, expected }, cause === undefined ? undefined : { cause });
}

/** Is the caller's input wrong? */
export const isOfCall = (error: unknown): error is OidcError => isOf(CALL_RULES, error);

/** May a new key set resolve it? */
export const isOfKeys = (error: unknown): error is OidcError => isOf(KEY_RULES, error);

/** True if keys were missing or a clock is wrong: the token may be valid. */
export const isUnjudged = (error: unknown): error is OidcError =>
  isOf(["http.", "json.", "jwks.", ...TIME_RULES], error);

function isOf(codes: readonly string[], error: unknown): error is OidcError {
  return error instanceof OidcError && codes.some((code) => error.code.startsWith(code));
}
