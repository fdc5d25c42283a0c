// Tokens that are bound to a key (RFC 9449) or to a certificate (RFC 8705). Loaded if the engine can verify proofs, or if options need that.
import type { AccessTokenExpected, OidcError } from "oidc-wasm";
import { demand, FLAG, FUNCTION, type Kind } from "./kinds.js";
import type { GuardConfig, Guarded } from "./types.js";

/** Judges a request by the scheme that its token needs, and by the proof's expected values if the token needs a proof. */
export type Judge = (
  scheme?: "bearer" | "dpop",
  proof?: () => Promise<Partial<AccessTokenExpected>>,
) => Promise<Guarded | Response>;

/** Arguments from the guard. An import would load its modules twice. */
interface Tools {
  algs: readonly string[];
  OidcError: typeof OidcError;
}

const isSecret = (given: unknown) => typeof given === "string" && given.length >= 32;

const OPTIONS: Record<string, Kind> = {
  replay: FUNCTION,
  // An empty list would make the nonce optional.
  nonceSecret: ["32 characters or more", (given) => `${given}` !== "" && [given].flat().every(isSecret)],
  required: FLAG,
  // With a slash at its end, no proof would match.
  origin: [
    "an origin, such as https://api.example.com",
    (given) => URL.canParse(`${given}`) && new URL(`${given}`).origin === given,
  ],
};

/** The guard's result for a request whose token may be bound to a key. */
export async function bound(
  request: Request,
  config: GuardConfig,
  { algs, OidcError }: Tools,
  judge: Judge,
): Promise<Guarded | Response> {
  const { dpop = {}, certificate: read, token } = config;
  if (!algs.length) throw new OidcError("build.full");
  // A token from elsewhere has no scheme, so `required` would mean nothing.
  if (token) throw new OidcError("argument", { argument: "dpop", expected: "no option token beside it" });
  // A typo must not make a proof optional.
  if (Object(dpop) !== dpop) throw new OidcError("argument", { argument: "dpop", expected: "an object" });
  demand(OPTIONS, dpop, OidcError, true);
  demand({ certificate: FUNCTION }, config, OidcError);
  const { nonceSecret, required, origin, replay } = dpop;
  // RFC 8705 §3: a token may be bound to the certificate too. A function in JavaScript may return null.
  const certificate = read?.(request) ?? undefined;
  const isDpop = required || /^dpop( |$)/i.test(request.headers.get("authorization") ?? "");
  const secrets = nonceSecret === undefined ? [] : [nonceSecret].flat();
  const proof = async () => {
    const { method, headers } = request;
    const { href, pathname } = new URL(request.url);
    // The URL exactly as the sender wrote it. A proof names no query (RFC 9449 §4.2).
    const url = origin === undefined ? href : origin + pathname;
    const nonce = secrets[0] && (await noncesOf(secrets));
    return { request: { method, url, headers }, nonce, replay, certificate };
  };
  const presented = certificate && (async () => ({ certificate }));
  const result = await (isDpop ? judge("dpop", proof) : judge("bearer", presented));
  const [dpopNonce] = isDpop ? await noncesOf(secrets) : [];
  if (!(result instanceof Response)) return dpopNonce === undefined ? result : { ...result, dpopNonce };
  const { status, headers } = result;
  const challenge = headers.get("www-authenticate");
  if (challenge === null) return result;
  const listed = `algs="${algs.join(" ")}"`;
  // RFC 9449 §7.1. By §7.2, a client that may use either scheme gets both challenges.
  const own = isDpop
    ? `${challenge}, ${listed}`.replace(/^Bearer/, "DPoP")
    : status === 401
      ? `${challenge}, DPoP ${listed}`
      : challenge;
  headers.set("www-authenticate", own);
  if (dpopNonce !== undefined) headers.set("dpop-nonce", dpopNonce);
  return result;
}

/** Seconds until the next nonce. The guard accepts a nonce for twice that time, about as long as a proof. */
const LIFE = 150;

/**
 * The nonces that the guard accepts now, the newest first (§8). The secret and the time determine them, so isolates
 * with the same secret accept each other's nonces and store none. The first secret makes new ones.
 */
async function noncesOf(secrets: string[]): Promise<string[]> {
  const turn = Math.floor(Date.now() / 1000 / LIFE);
  const all = [turn, turn - 1].flatMap((one) => secrets.map((secret) => nonceOf(secret, one)));
  return Promise.all(all);
}

async function nonceOf(secret: string, turn: number): Promise<string> {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const { subtle } = crypto;
  const key = await subtle.importKey("raw", bytes(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mac = new Uint8Array(await subtle.sign("HMAC", key, bytes(`DPoP-Nonce ${turn}`)));
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
