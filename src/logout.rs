//! Signing out at the provider (OpenID Connect RP-Initiated Logout 1.0 §2).

use alloc::string::String;

use crate::client::RedirectUri;
use crate::error::Error;
use crate::relying_party::RelyingParty;
use crate::wire::form;

/// What to tell the provider. Everything may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndSessionParams<'a> {
    /// The ID token of the session that ends.
    pub id_token_hint: Option<&'a str>,
    /// Where the browser is sent afterwards; the provider must know it.
    pub post_logout_redirect_uri: Option<RedirectUri>,
    /// Comes back with the browser.
    pub state: Option<&'a str>,
    /// Who signs out.
    pub logout_hint: Option<&'a str>,
}

impl RelyingParty {
    /// The address that ends the person's session at the provider.
    ///
    /// # Errors
    /// `request.endpoint`
    pub fn end_session_url(&self, params: &EndSessionParams<'_>) -> Result<String, Error> {
        let mut url = String::from(self.provider.end_session_endpoint()?);
        form::start_query(&mut url);
        for (name, value) in [
            ("id_token_hint", params.id_token_hint),
            // The provider finds the client by it where there is no hint.
            ("client_id", Some(self.client.client_id.as_str())),
            ("post_logout_redirect_uri", params.post_logout_redirect_uri.as_ref().map(RedirectUri::as_str)),
            ("state", params.state),
            ("logout_hint", params.logout_hint),
        ] {
            if let Some(value) = value {
                form::push(&mut url, name, value);
            }
        }
        Ok(url)
    }
}
