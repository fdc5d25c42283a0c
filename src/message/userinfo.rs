//! The request to the userinfo endpoint (OpenID Connect Core §5.3.1).

use alloc::string::String;

use crate::error::Error;
use crate::message::http::HttpRequest;
use crate::party::relying_party::RelyingParty;
use crate::wire::text::concat;

impl RelyingParty {
    /// A request for the claims of the access token's person.
    ///
    /// # Errors
    /// `request.endpoint`; `argument.accessToken` if it is empty or cannot stand in a header (RFC 6749 §A.12).
    pub fn userinfo_request(&self, access_token: &str) -> Result<HttpRequest, Error> {
        let mut request = HttpRequest::get(self.provider.userinfo_endpoint()?, "application/json, application/jwt");
        let scheme = if self.client.has_dpop_key { "DPoP " } else { "Bearer " };
        request.headers.push(("Authorization", credentials(scheme, access_token)?.into()));
        Ok(request)
    }
}

/// The value of `Authorization` (RFC 6750 §2.1, RFC 9449 §7.1).
pub(crate) fn credentials(scheme: &str, access_token: &str) -> Result<String, Error> {
    // Some providers' tokens have characters outside RFC 6750 §2.1. A space would end the token.
    if access_token.is_empty() || !access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::argument("accessToken", "an access token of the provider"));
    }
    Ok(concat(&[scheme, access_token]))
}
