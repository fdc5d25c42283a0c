// What is measured on every runtime, a file a case, in the order of a login.
import authorization_url from "./authorization_url.mjs";
import challenge from "./challenge.mjs";
import login from "./login.mjs";
import redirect_fragment from "./redirect_fragment.mjs";
import redirect_id_token from "./redirect_id_token.mjs";
import redirect_query from "./redirect_query.mjs";
import start_login from "./start_login.mjs";
import token_request from "./token_request.mjs";
import token_response from "./token_response.mjs";
import token_response_fetched from "./token_response_fetched.mjs";
import { verifying } from "./verify.mjs";

export const cases = {
  start_login,
  challenge,
  authorization_url,
  redirect_query,
  redirect_fragment,
  redirect_id_token,
  token_request,
  token_response,
  token_response_fetched,
  rs256: verifying("RS256"),
  es256: verifying("ES256"),
  login,
};
