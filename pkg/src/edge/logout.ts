// Signing out, loaded at the first sign-out. The login passes shared functions, because a bundler makes an extra file
// for each shared import.
import { formOf } from "./form.js";
import type { Desk } from "./login.js";

const REPLAY = "logout_token.jti|Back-Channel Logout 1.0 §2.6|This logout token was used before.";

/** Milliseconds that people wait for the revocation of their refresh token. */
const PATIENCE = 3_000;

/** Ends a session here, then redirects to the provider's logout (OpenID Connect RP-Initiated Logout 1.0 §2). */
export async function endSession(
  { config, party, sessions, placeOf, jarOf, writeChunks, isForeign, isRefusal, foreign, text, redirect }: Desk,
  request: Request,
): Promise<Response> {
  if (request.method !== "POST") return text("Sign out by POST.", 405, { allow: "POST" });
  const place = placeOf(request, config);
  if (isForeign(request, place)) return foreign();
  const { name, line } = jarOf(config, place);
  const { key, kept, cookies } = await sessions.load(request, place);
  if (key && kept) await config.store?.delete(key);
  if (kept?.refreshToken) (await sessions.tokenPart()).forget(kept.refreshToken);
  const lines = writeChunks(cookies, name, "", line(0), "");
  const home = config.postLogoutRedirectUri ?? `${place.origin}/`;
  try {
    const rp = await party();
    const { revocation_endpoint, end_session_endpoint } = rp.provider;
    const signal = AbortSignal.timeout(PATIENCE);
    const options = { signal, ...(config.fetch && { fetch: config.fetch }) };
    // A token that cannot be revoked expires.
    if (kept?.refreshToken && revocation_endpoint) await rp.revoke(kept.refreshToken, options).catch(() => {});
    const hint = kept?.idToken ? { idTokenHint: kept.idToken } : {};
    const address = end_session_endpoint && kept && rp.endSessionUrl({ ...hint, postLogoutRedirectUri: home });
    return redirect(address || home, lines);
  } catch (problem) {
    if (!isRefusal(problem) || problem.code.startsWith("argument")) throw problem;
    // The local session has ended, even if the provider is unavailable.
    return redirect(home, lines);
  }
}

/** Accepts a logout token once (OpenID Connect Back-Channel Logout 1.0 §2.5). */
export async function logoutToken(desk: Desk, request: Request): Promise<Response> {
  const { party, hashed, refusal, isRefusal } = desk;
  const { store, fetch, clockTolerance = 30 } = desk.config;
  const headers = { "cache-control": "no-store" };
  try {
    const token = (request.method === "POST" && (await formOf(request)).get("logout_token")) || "";
    const rp = await party();
    const { iss, sub, sid, jti, iat, exp } = await rp.verifyLogoutToken(token, fetch && { fetch });
    const once = await hashed(`logout ${iss} ${jti}`);
    if (await store?.get(once)) throw refusal(REPLAY, 400, null);
    const end = () => store?.deleteBy?.(typeof sid === "string" ? { sid } : { sub: `${sub}` });
    await end();
    // Without exp, the relaxation logout-without-exp accepts the token for 300 seconds.
    const until = Number(exp ?? Number(iat) + 300) + clockTolerance;
    // A little longer than the token's validity.
    await store?.put(once, "{}", Math.ceil(until - Date.now() / 1000 + 300));
    // A request that had read its session before may have written it again.
    await end();
    return new Response(null, { headers });
  } catch (problem) {
    if (!isRefusal(problem)) throw problem;
    // §2.8: also for a logout that failed, for example without the provider's keys.
    return Response.json({ error: "invalid_request", error_description: problem.code }, { status: 400, headers });
  }
}
