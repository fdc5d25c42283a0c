// A user's program with the strictest settings: correct code compiles, and each mistake is an error.
import init, {
  type Challenge,
  type ClientInformation,
  codeChallenge,
  createPkce,
  type Downscoping,
  downscope,
  type InitiatedLogin,
  type Login,
  manageClient,
  OidcError,
  parseChallenges,
  RelyingParty,
  type TokenReport,
} from "oidc-wasm";

export async function signIn(): Promise<string> {
  await init();
  const rp = await RelyingParty.discover(new URL("https://op.example"), {
    clientId: "app",
    redirectUri: "https://app.example/cb",
    auth: { method: "client_secret_basic", secret: "secret" },
  });
  const { url, state, transaction } = rp.authorizationRequest({ scope: ["openid", "email"], extra: { audience: "x" } });
  sessionStorage.setItem(state, transaction);
  return url;
}

export async function back(rp: RelyingParty, transaction: string): Promise<string | undefined> {
  try {
    const login: Login = await rp.callback(location.href, sessionStorage.getItem(transaction), {
      signal: AbortSignal.timeout(5000),
      resource: undefined,
      parameters: { audience: ["x"] },
    });
    const { claims, tokens, report, kept, expiresAt } = login;
    const subject: string = claims.sub;
    const mail: string | undefined = claims.email;
    const again: Login = await rp.refresh(tokens.refresh_token ?? "", { previous: login, transaction });
    const bare = await rp.refresh(tokens.refresh_token ?? "", { previous: claims });
    // If the refresh returns no ID token, there may be no claims.
    const perhaps: string | undefined = bare.claims?.sub;
    console.log(subject, mail, again.claims.sub, perhaps, kept?.length, expiresAt?.toFixed());
    const oauth = await rp.callback<"code", undefined>(location, undefined);
    await rp.refresh("token", { previous: oauth });
    await rp.callback(new FormData(), null);
    const checked: TokenReport | undefined = report;
    const implicit = await rp.callback<"id_token">(location.href, transaction);
    const maybe: string | undefined = implicit.tokens.access_token;
    const user = await rp.userInfo(tokens.access_token, claims.sub);
    return `${checked?.valid} ${maybe} ${user.email} ${tokens.expires_in?.toFixed()}`;
  } catch (error) {
    if (error instanceof OidcError && error.code === "redirect.oauth_error") return error.error_description;
    throw error;
  }
}

export const challenge: string = codeChallenge(createPkce().verifier);

export async function signing(key: CryptoKey): Promise<RelyingParty> {
  const rp = await RelyingParty.discover("https://op.example", {
    clientId: "app",
    auth: { method: "private_key_jwt", key, kid: "2026" },
    requireAuthTime: true,
  });
  await rp.grant({ type: "client_credentials", scope: "read", parameters: { audience: "x" } });
  await rp.grant({ type: "password", username: "u", password: "p", resource: undefined, parameters: undefined });
  return rp;
}

/** A resource server's response to a request. */
export async function gate(rp: RelyingParty, jwt: string): Promise<Response> {
  try {
    const { sub } = await rp.verifyAccessToken(jwt, { audience: "https://api.example", scope: ["read"] });
    return Response.json(sub);
  } catch (error) {
    if (!(error instanceof OidcError) || !error.error || !error.status) throw error;
    return new Response(error.error, { status: error.status });
  }
}

export async function signOut(rp: RelyingParty, kept: KeyStore, request: Request): Promise<string> {
  const keys: string | undefined = rp.exportKeys();
  if (keys !== undefined) await kept.put("keys", keys);
  rp.importKeys((await kept.get("keys")) ?? "");
  const { sid } = await rp.verifyLogoutToken(await request.text(), { now: 1311281000 });
  await rp.revoke("token", { signal: request.signal });
  const { active } = await rp.introspect("token");
  const returned: boolean = rp.endSessionReturned(request.url, `${sid}`);
  const { loginHint }: InitiatedLogin = rp.initiatedLogin(new URL(request.url));
  if (rp.isFrontChannelLogout(request.url, { sid: undefined })) await rp.revoke("token");
  return `${rp.endSessionUrl({ uiLocales: "de", extra: { logout_uri: "https://app.example/" } })} ${active} ${returned} ${loginHint}`;
}

interface KeyStore {
  get(name: string): Promise<string | null>;
  put(name: string, value: string): Promise<void>;
}

export const { table, dropped }: Downscoping = downscope({ scope: "openid read" }, { "https://api.example": ["read"] });
export const challenges: Challenge[] = parseChallenges('Bearer error="invalid_token"');

export async function mistakes(rp: RelyingParty): Promise<void> {
  // @ts-expect-error a client needs its clientId
  new RelyingParty({ issuer: "https://op.example" }, { redirectUri: "https://app.example/cb" });
  // @ts-expect-error a scope is no number
  rp.authorizationRequest({ scope: 5 });
  // @ts-expect-error there is no such response type
  rp.authorizationRequest({ responseType: "tokens" });
  // @ts-expect-error the transaction is missing
  rp.authorizationResponse(location.href);
  // @ts-expect-error a code grant needs its transaction
  rp.tokenRequest({ type: "authorization_code", code: "x" });
  // @ts-expect-error the subject is missing
  await rp.userInfo("token");
  const { tokens } = await rp.callback<"id_token">(location.href, "");
  const oauth = await rp.callback<"code", undefined>(location.href, "");
  // @ts-expect-error the request asks for no ID token, so there may be no claims
  const subject: string = oauth.claims.sub;
  void subject;
  // @ts-expect-error there is no such relaxation
  new RelyingParty({ issuer: "x" }, { clientId: "app", relax: ["everything"] });
  // @ts-expect-error the request asks for no access token, so there may be none
  const token: string = tokens.access_token;
  void token;
  // @ts-expect-error the audience is missing
  await rp.verifyAccessToken("token", {});
  // @ts-expect-error the state is missing
  rp.endSessionReturned(location.href);
  // @ts-expect-error each resource server needs a list of scopes
  downscope({ scope: "openid" }, { "https://api.example": "read" });
  // @ts-expect-error the key is a CryptoKey
  new RelyingParty({ issuer: "x" }, { clientId: "app", auth: { method: "private_key_jwt", key: "PEM" } });
  // @ts-expect-error the metadata is read-only
  rp.provider = { issuer: "x" };
}

export async function manage(client: ClientInformation): Promise<ClientInformation> {
  const now = await manageClient(client, "read", undefined, { fetch });
  await manageClient(client, "remove");
  return manageClient(now, "update", { ...now, client_name: "App" });
}
