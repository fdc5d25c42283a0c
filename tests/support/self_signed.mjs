// Certificates for tests of mutual TLS.
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

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
export const pem = (label, bytes) =>
  `-----BEGIN ${label}-----\n${bytes
    .toString("base64")
    .match(/.{1,64}/g)
    ?.join("\n")}\n-----END ${label}-----\n`;

/** A certificate for 127.0.0.1 that its own key signs (RFC 5280 §4.1): as PEM with its key, and as a JWK. */
export function selfSigned(commonName) {
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
