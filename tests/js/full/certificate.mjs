// Mutual TLS at oidc-provider and at an API: real connections, and certificates that this file makes.
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { createServer, request } from "node:https";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startProvider } from "../../../www/provider/index.mjs";
import { listening } from "../../support/listening.mjs";
import { same } from "../lib.mjs";
import { project } from "../project.mjs";

const audience = "https://api.example.com";
const clientId = "a service with a certificate";

/** One value of X.690, with its tag and length. */
function der(tag, ...parts) {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

const sequence = (...parts) => der(0x30, ...parts);
const oid = (hex) => der(6, Buffer.from(hex, "hex"));
const time = (ms) =>
  der(
    0x17,
    Buffer.from(
      `${new Date(ms)
        .toISOString()
        .replace(/[-:T]|\.\d+/g, "")
        .slice(2)}`,
    ),
  );
const pem = (label, bytes) =>
  `-----BEGIN ${label}-----\n${bytes
    .toString("base64")
    .match(/.{1,64}/g)
    ?.join("\n")}\n-----END ${label}-----\n`;

/** A certificate for 127.0.0.1 that its own key signs (RFC 5280 §4.1). */
function selfSigned(commonName) {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = sequence(oid("2a8648ce3d040302"));
  const name = sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(commonName)))));
  const address = sequence(oid("551d11"), der(4, sequence(der(0x87, Buffer.from([127, 0, 0, 1])))));
  const tbs = sequence(
    der(0xa0, der(2, Buffer.from([2]))),
    der(2, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    sequence(time(Date.now() - 3_600_000), time(Date.now() + 3_600_000)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(address)),
  );
  const signature = der(3, Buffer.from([0]), sign("sha256", tbs, privateKey));
  const bytes = sequence(tbs, algorithm, signature);
  const key = /** @type {string} */ (privateKey.export({ type: "pkcs8", format: "pem" }));
  const jwk = {
    ...publicKey.export({ format: "jwk" }),
    x5c: [bytes.toString("base64")],
    "x5t#S256": createHash("sha256").update(bytes).digest("base64url"),
  };
  return { key, cert: pem("CERTIFICATE", bytes), jwk };
}

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
