// A provider for the documentation's examples: one function from request to answer, with real signatures, at whatever address it is asked.
import { createHash, generateKeyPairSync, randomUUID, sign } from "node:crypto";

export function createCannedProvider() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const logins = new Map();
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const json = (body, status = 200) => Response.json(body, { status, headers: { "cache-control": "no-store" } });

  function idToken(iss, { clientId, nonce }) {
    const now = Math.floor(Date.now() / 1000);
    const input = `${part({ alg: "ES256", kid: "k" })}.${part({ iss, sub: "mara", aud: clientId, iat: now, exp: now + 600, auth_time: now, nonce, email: "mara@example.com" })}`;
    return `${input}.${sign("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
  }

  function token(origin, form) {
    const id = form.get("code") ?? form.get("refresh_token");
    const login = logins.get(id);
    if (!login) return json({ error: "invalid_grant" }, 400);
    if (form.has("code")) {
      logins.delete(id);
      const challenge = createHash("sha256")
        .update(form.get("code_verifier") ?? "")
        .digest("base64url");
      if (challenge !== login.challenge) return json({ error: "invalid_grant", error_description: "PKCE" }, 400);
    }
    logins.set("the-refresh-token", { ...login, nonce: undefined });
    return json({
      access_token: "the-access-token",
      token_type: "Bearer",
      expires_in: 600,
      refresh_token: "the-refresh-token",
      id_token: idToken(origin, login),
    });
  }

  return {
    /** The person signs in: the redirect back. */
    signIn(address) {
      const { origin, searchParams: asked } = new URL(address);
      const code = randomUUID();
      logins.set(code, {
        clientId: asked.get("client_id"),
        nonce: asked.get("nonce") ?? undefined,
        challenge: asked.get("code_challenge"),
      });
      const back = new URL(asked.get("redirect_uri"));
      for (const [name, value] of Object.entries({ code, state: asked.get("state"), iss: origin }))
        back.searchParams.set(name, value);
      return back.href;
    },
    /** @param {Request} request */
    async answer(request) {
      const { origin, pathname } = new URL(request.url);
      switch (pathname) {
        case "/.well-known/openid-configuration":
          return json({
            issuer: origin,
            authorization_endpoint: `${origin}/authorize`,
            token_endpoint: `${origin}/token`,
            userinfo_endpoint: `${origin}/userinfo`,
            end_session_endpoint: `${origin}/logout`,
            jwks_uri: `${origin}/jwks`,
            id_token_signing_alg_values_supported: ["ES256"],
            authorization_response_iss_parameter_supported: true,
          });
        case "/jwks":
          return json({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k" }] });
        case "/token":
          return token(origin, new URLSearchParams(await request.text()));
        case "/userinfo":
          return json({ sub: "mara", name: "Mara Lindqvist", email: "mara@example.com" });
        default:
          return json({ error: "not_found" }, 404);
      }
    },
  };
}
