//! The request to the userinfo endpoint (OpenID Connect Core §5.3.1).

use alloc::string::String;

use crate::error::Error;
use crate::message::http::{Draft, HttpRequest};
use crate::message::token::{BEARER, DPOP};
use crate::party::provider::USERINFO_ENDPOINT;
use crate::party::relying_party::RelyingParty;
use crate::rule::Rule;
use crate::wire::text::concat;

impl RelyingParty {
    /// A request for the claims of the access token's person. Without `token_type` the token is bound if the client has a key.
    ///
    /// # Errors
    /// `request.endpoint`; `token.token_type`; `profile.sender_constraint`; `argument.accessToken` if it is empty or cannot stand in a header (RFC 6749
    /// §A.12).
    pub fn userinfo_request(&self, access_token: &str, token_type: Option<&str>) -> Result<HttpRequest, Error> {
        let mut draft = Draft::default();
        self.draft_userinfo(&mut draft, access_token, token_type)?;
        Ok(draft.into())
    }

    /// The same before it becomes a request.
    pub(crate) fn draft_userinfo<'p>(
        &'p self,
        draft: &mut Draft<'p>,
        access_token: &str,
        token_type: Option<&str>,
    ) -> Result<(), Error> {
        draft.read_endpoint(&self.provider, USERINFO_ENDPOINT)?;
        draft.accept = Some("application/json, application/jwt");
        let scheme = self.scheme(token_type.unwrap_or(if self.client.has_dpop_key() { DPOP } else { BEARER }))?;
        draft.authorization = Some(credentials("accessToken", scheme, access_token)?);
        Ok(())
    }

    /// The scheme of a token's type, with a space behind (RFC 6750 §2.1, RFC 9449 §7.1).
    pub(crate) fn scheme(&self, token_type: &str) -> Result<&'static str, Error> {
        if !self.takes_token_type(token_type) {
            return Err(Rule::TokenTokenType.into());
        }
        #[cfg(feature = "fapi")]
        self.permit_token_type(token_type)?;
        Ok(if !cfg!(feature = "dpop") || token_type.eq_ignore_ascii_case(BEARER) { "Bearer " } else { "DPoP " })
    }
}

/// The value of `Authorization`. `name` is the argument with the token.
pub(crate) fn credentials(name: &'static str, scheme: &str, token: &str) -> Result<String, Error> {
    // Some providers' tokens have characters that RFC 6750 §2.1 omits. A space would end the token.
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::argument(name, "an access token of the provider"));
    }
    Ok(concat(&[scheme, token]))
}
