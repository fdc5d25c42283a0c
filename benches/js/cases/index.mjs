// The cases that run on every runtime, one file each, in the order of a login.
import challenge from "./challenge.mjs";
import { wholeLogin } from "./login.mjs";
import redirect from "./redirect.mjs";
import redirect_and_token_request from "./redirect_and_token_request.mjs";
import redirect_id_token from "./redirect_id_token.mjs";
import start from "./start.mjs";
import token_request from "./token_request.mjs";
import token_response from "./token_response.mjs";
import token_response_fetched from "./token_response_fetched.mjs";
import { verifying } from "./verify.mjs";

export const cases = {
  start,
  challenge,
  redirect,
  redirect_id_token,
  token_request,
  redirect_and_token_request,
  token_response,
  token_response_fetched,
  rs256: verifying("RS256"),
  es256: verifying("ES256"),
  login: wholeLogin({ isSigned: false }),
  login_rs256: wholeLogin({ isSigned: true }),
};
