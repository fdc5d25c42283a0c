// @ts-check
/** The standards that are no RFCs, by the start of their names. @type {[name: string, address: string][]} */
const standards = [
  ["OpenID Connect Core", "https://openid.net/specs/openid-connect-core-1_0.html"],
  ["OpenID Connect Discovery", "https://openid.net/specs/openid-connect-discovery-1_0.html"],
  ["OpenID Connect Back-Channel Logout", "https://openid.net/specs/openid-connect-backchannel-1_0.html"],
  ["Back-Channel Logout", "https://openid.net/specs/openid-connect-backchannel-1_0.html"],
  ["OpenID Connect Front-Channel Logout", "https://openid.net/specs/openid-connect-frontchannel-1_0.html"],
  ["OpenID Connect RP-Initiated Logout", "https://openid.net/specs/openid-connect-rpinitiated-1_0.html"],
  ["RP-Initiated Logout", "https://openid.net/specs/openid-connect-rpinitiated-1_0.html"],
  ["OpenID Connect Session Management", "https://openid.net/specs/openid-connect-session-1_0.html"],
  ["OAuth 2.0 Multiple Response Types", "https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html"],
  ["OAuth 2.0 Form Post Response Mode", "https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html"],
  ["Financial-grade API 1.0 Part 2", "https://openid.net/specs/openid-financial-api-part-2-1_0.html"],
  ["Web Cryptography API", "https://www.w3.org/TR/WebCryptoAPI/"],
  ["Content Security Policy", "https://www.w3.org/TR/CSP3/"],
];

/** The address of a section. The documents of both series have an anchor for each. @param {string} spec */
export function standardOf(spec) {
  const [, number] = /^RFC (\d+)/.exec(spec) ?? [];
  const [, section] = /§([\d.]+\d)/.exec(spec) ?? [];
  if (number) return `https://www.rfc-editor.org/rfc/rfc${number}${section ? `#section-${section}` : ""}`;
  const address = standards.find(([name]) => spec.startsWith(name))?.[1];
  return address && section && address.startsWith("https://openid.net/")
    ? `${address}#rfc.section.${section}`
    : address;
}
