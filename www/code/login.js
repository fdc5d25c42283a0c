// Every message of a login, in order, with the package. The demo shows each step beside its message.

// step: discovery
import { RelyingParty } from "oidc-wasm";

const rp = await RelyingParty.discover("https://op.example", {
  clientId: "app",
  redirectUri: "https://app.example/cb",
});

// step: authorization
const { url, state, transaction } = rp.authorizationRequest({ scope: "openid profile email" });
sessionStorage.setItem(state, transaction);

// step: person
location.assign(url); // the page ends here, and begins again at its redirect URI

// step: redirect
const back = new URL(location.href);
const kept = sessionStorage.getItem(back.searchParams.get("state"));
const { code } = rp.authorizationResponse(back, kept);

// step: token_request
const grant = { type: "authorization_code", code, transaction: kept };
const request = rp.tokenRequest(grant);
const reply = await fetch(request.url, request);

// step: token_response
const { status, headers } = reply;
const tokens = rp.tokenResponse({ status, headers, body: await reply.text() }, grant);

// step: keys
// verifyIdToken() below fetches the key set, once, and keeps it for ten minutes.
console.log(rp.provider.jwks_uri);

// step: front_token
// callback() does all of this. It sends no code before the ID token beside it has passed.
// const { claims, tokens } = await rp.callback(location.href, kept);

// step: id_token
const expected = { transaction: kept, accessToken: tokens.access_token };
const claims = await rp.verifyIdToken(tokens.id_token, expected);

// step: report
const report = rp.checkIdToken(tokens.id_token, expected);
for (const { verdict, rule, spec, message } of report.checks) console.log(verdict, rule, spec, message);

// step: userinfo
const person = await rp.userInfo(tokens.access_token, claims.sub);

// step: resources
const resource = "https://api.example.com";
const forTheApi = await rp.refresh(tokens.refresh_token, { resource, previous: claims });
// At the API:
await rp.verifyAccessToken(forTheApi.tokens.access_token, { audience: resource });

// step: refresh
const renewed = await rp.refresh(forTheApi.tokens.refresh_token, { previous: claims });

// step: sign_out
const leaving = rp.endSessionUrl({
  idTokenHint: tokens.id_token,
  postLogoutRedirectUri: "https://app.example/bye",
  state: crypto.randomUUID(),
});
sessionStorage.setItem("leaving", new URL(leaving).searchParams.get("state"));
location.assign(leaving);

// step: signed_out
const isOurs = rp.endSessionReturned(location.href, sessionStorage.getItem("leaving"));

// end
export { claims, isOurs, person, renewed, report };
