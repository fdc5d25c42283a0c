// Mutual TLS at oidc-provider and at an API: real connections, and certificates that this test makes.
import { createServer, request } from "node:https";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startProvider } from "../../../www/provider/index.mjs";
import { listening } from "../../support/listening.mjs";
import { pem, selfSigned } from "../../support/self_signed.mjs";
import { same } from "../lib.mjs";
import { project } from "../project.mjs";

const audience = "https://api.example.com";
const clientId = "a service with a certificate";

/** `fetch` with the certificate of `settings`, if it has one. */
const presenting = (settings) => async (input, init) => {
  const asked = new Request(input, init);
  const { url, method, signal } = asked;
  const body = Buffer.from(await asked.arrayBuffer());
  const headers = Object.fromEntries(asked.headers);
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...settings, agent: false, method, headers, signal }, async (incoming) => {
      const chunks = Buffer.concat(await incoming.toArray());
      const named = Object.entries(incoming.headers).map(([name, value]) => [name, `${value}`]);
      resolve(new Response(chunks, { status: incoming.statusCode, headers: Object.fromEntries(named) }));
    });
    sent.on("error", reject).end(body);
  });
};

/** The certificate that the other side of the connection has presented. */
const certificateOf = ({ socket }) => socket.getPeerCertificate().raw;

export async function certificates(check) {
  await check("node: a certificate on TLS connections authenticates the client and binds its tokens", async () => {
    const { certified, createBoundApi } = await import(pathToFileURL(join(project, "js/full/certified.js")).href);
    const [server, own, other] = ["127.0.0.1", clientId, "somebody else"].map(selfSigned);
    const ca = server.cert;
    const provider = await startProvider({
      tls: server,
      settings: { clientAuthMethods: ["self_signed_tls_client_auth"] },
      clients: [
        {
          client_id: clientId,
          redirect_uris: [],
          response_types: [],
          grant_types: ["client_credentials"],
          token_endpoint_auth_method: "self_signed_tls_client_auth",
          tls_client_certificate_bound_access_tokens: true,
          jwks: { keys: [own.jwk] },
        },
      ],
      features: {
        fapi: { enabled: true, profile: "2.0" },
        mTLS: {
          enabled: true,
          certificateBoundAccessTokens: true,
          selfSignedTlsClientAuth: true,
          getCertificate: (ctx) => {
            const bytes = certificateOf(ctx.req);
            return bytes && pem("CERTIFICATE", bytes);
          },
        },
      },
    });
    const { issuer } = provider;
    const answer = await createBoundApi({ issuer, audience, fetch: presenting({ ca }) });
    const api = await listening(
      createServer({ ...server, requestCert: true, rejectUnauthorized: false }, async (incoming, outgoing) => {
        const { status, body } = await answer(incoming.headers.authorization, certificateOf(incoming));
        outgoing.writeHead(status).end(body);
      }),
    );
    try {
      const seen = await certified({
        issuer,
        audience,
        api: api.origin.replace("http:", "https:"),
        clientId,
        own: presenting({ ca, ...own }),
        other: presenting({ ca, ...other }),
        none: presenting({ ca }),
      });
      same(seen, {
        type: "Bearer",
        own: `200 ${clientId}`,
        other: "401 access_token.certificate",
        none: "401 access_token.cnf",
        refused: Array(2).fill(["token.oauth_error", "invalid_client"]),
      });
    } finally {
      await Promise.all([provider.close(), api.close()]);
    }
  });
}
