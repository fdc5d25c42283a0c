//! Signing out at the provider (OpenID Connect RP-Initiated Logout 1.0 §2).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::error::Error;
use crate::message::extra;
use crate::party::provider::END_SESSION_ENDPOINT;
use crate::party::redirect_uri::RedirectUri;
use crate::party::relying_party::RelyingParty;
use crate::secret::same;
use crate::wire::form::{self, Form};
use crate::wire::text::{has_word, query};

/// The request's parameters. All are optional.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct EndSessionParams<'a> {
    /// The session's ID token.
    pub id_token_hint: Option<&'a str>,
    /// The address to return to. It must be registered at the provider.
    pub post_logout_redirect_uri: Option<RedirectUri>,
    /// The provider returns it in the redirect.
    pub state: Option<&'a str>,
    /// The person who signs out.
    pub logout_hint: Option<&'a str>,
    /// Languages in order of preference, separated by spaces.
    pub ui_locales: Option<&'a str>,
    /// Further parameters, in order, such as `logout_uri` for Cognito. They must not name one that the library sets.
    pub extra: Vec<(&'a str, &'a str)>,
}

/// It may contain an ID token, so printing it shows no contents.
impl fmt::Debug for EndSessionParams<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndSessionParams").finish_non_exhaustive()
    }
}

const RESERVED: &str = "id_token_hint client_id post_logout_redirect_uri state logout_hint ui_locales";

impl RelyingParty {
    /// The address that ends the person's session at the provider.
    ///
    /// # Errors
    /// `request.endpoint`, `request.reserved`
    pub fn end_session_url(&self, params: &EndSessionParams<'_>) -> Result<String, Error> {
        let mut url = String::with_capacity(512);
        let own = extra::start(&mut url, &self.provider, END_SESSION_ENDPOINT, RESERVED)?;
        let redirect_uri = params.post_logout_redirect_uri.as_ref().map(RedirectUri::as_str);
        form::push_optional(&mut url, "&id_token_hint=", params.id_token_hint);
        // Without a hint, the provider identifies the client by this.
        form::push(&mut url, "&client_id=", self.client.id()?);
        form::push_optional(&mut url, "&post_logout_redirect_uri=", redirect_uri);
        form::push_optional(&mut url, "&state=", params.state);
        form::push_optional(&mut url, "&logout_hint=", params.logout_hint);
        form::push_optional(&mut url, "&ui_locales=", params.ui_locales);
        extra::push(&mut url, &params.extra, &|name| has_word(RESERVED, name) || own.has(name))?;
        Ok(url)
    }

    /// Whether an address is the return from signing out with this state (§3). False for any other address.
    pub fn end_session_returned(&self, address: &str, state: &str) -> bool {
        let form = Form::parse(query(address).unwrap_or_default());
        let is_single = form.count("state") == 1;
        is_single && !state.is_empty() && form.get("state").is_some_and(|returned| same(&returned, state))
    }
}
