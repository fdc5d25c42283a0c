// @ts-check
/** A login at a provider, with the settings that it needs. */

const quoted = (/** @type {string} */ text) => JSON.stringify(text);

/** @param {{ issuer: string, clientId: string, scope: string, relax: string[], expectedIssuer?: string }} settings */
export const loginCode = ({
  issuer,
  clientId,
  scope,
  relax,
  expectedIssuer,
}) => `import { RelyingParty } from "oidc-wasm";

const rp = await RelyingParty.discover(${quoted(issuer)}, {
  clientId: ${quoted(clientId)},
  redirectUri: "https://app.example/cb",${relax.length ? `\n  relax: [${relax.map(quoted).join(", ")}],` : ""}
}${expectedIssuer ? `, { expectedIssuer: ${quoted(expectedIssuer)} }` : ""});
const { url, state, transaction } = rp.authorizationRequest({ scope: ${quoted(scope)} });
// Keep \`transaction\` under \`state\`, and send the person to \`url\`. They come back to \`back\`:
const { tokens, claims } = await rp.callback(back, transaction);
`;
