//! The request to the userinfo endpoint (OpenID Connect Core §5.3.1).

use crate::error::Error;
use crate::message::http::HttpRequest;
use crate::party::relying_party::RelyingParty;
use crate::wire::text::concat;

impl RelyingParty {
    /// Asks for the claims that an access token gives access to.
    ///
    /// # Errors
    /// `request.endpoint`; `argument.accessToken` when it is empty or cannot stand in a header (RFC 6749 §A.12).
    pub fn userinfo_request(&self, access_token: &str) -> Result<HttpRequest, Error> {
        // Some providers' tokens have marks that RFC 6750 §2.1 leaves out. A space would end the token.
        if access_token.is_empty() || !access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::argument("accessToken", "an access token as the provider gave it"));
        }
        let mut request = HttpRequest::get(self.provider.userinfo_endpoint()?, "application/json, application/jwt");
        request.headers.push(("Authorization", concat(&["Bearer ", access_token]).into()));
        Ok(request)
    }
}
