// Two guards of one API: ours, and one written by hand with jose. The same file runs in Node and in workerd.
import { createLocalJWKSet, jwtVerify } from "jose";
import { createGuard } from "oidc-wasm/edge";

const audience = "https://api.example.com";
let guards;

function setUp({ issuer, jwks }) {
  const provider = { issuer, jwks_uri: `${issuer}/jwks` };
  const fetch = async () => Response.json(jwks);
  const ours = createGuard({ provider, audience, scope: "read", fetch });
  const keys = createLocalJWKSet(jwks);
  // As RFC 9068 §4 requires. Ours also checks nonce, cnf and nbf, and remembers the token.
  const rules = { issuer, audience, typ: "at+jwt", clockTolerance: 30, requiredClaims: ["sub", "exp", "iat"] };

  async function jose(request) {
    const [, token] = /^Bearer ([\w.~+/-]+=*)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
    if (!token) return new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } });
    try {
      const { payload } = await jwtVerify(token, keys, rules);
      if (payload.scope.split(" ").includes("read")) return { claims: payload };
      return new Response(null, { status: 403 });
    } catch {
      return new Response(null, { status: 401, headers: { "www-authenticate": 'Bearer error="invalid_token"' } });
    }
  }
  guards = { ours, jose };
}

const asked = (token) => new Request(audience, { headers: { authorization: `Bearer ${token}` } });

/** `/setup`; `/calls/<who>`: a guard checks the tokens of the body, one after the other. `/<who>`: one request to a guarded API. */
export async function handle(request) {
  const [, first, who] = new URL(request.url).pathname.split("/");
  if (first === "setup") return Response.json(setUp(await request.json()) ?? {});
  if (first === "calls") {
    const { tokens, times } = await request.json();
    const requests = tokens.map(asked);
    let passed = 0;
    for (let time = 0; time < times; time++)
      for (const one of requests) passed += Number(!((await guards[who](one)) instanceof Response));
    return Response.json(passed);
  }
  const seen = await guards[first](request);
  return seen instanceof Response ? seen : Response.json({ hello: seen.claims.sub });
}

export default { fetch: handle };
