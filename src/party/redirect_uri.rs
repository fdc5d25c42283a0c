//! The redirect URI (RFC 6749 §3.1.2): the address to which the provider sends the browser back.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::party::relaxation::{Relaxation, Relaxations};
use crate::rule::Rule;
use crate::wire::form::Form;
use crate::wire::text::{holds, split};
use crate::wire::uri::{Uri, Way};

/// Parameters of an authorization response (RFC 6749 §4.1.2). All others are ignored.
pub(crate) const PARAMETERS: [&str; if cfg!(feature = "jarm") { 13 } else { 12 }] = [
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
    "access_token",
    "token_type",
    "expires_in",
    "scope",
    "id_token",
    "session_state",
    // JARM §2.3
    #[cfg(feature = "jarm")]
    "response",
];

/// Schemes without an owner: schemes of the network, and those that a browser opens itself.
const PUBLIC_SCHEMES: &str = "http https ftp ws wss file filesystem blob data about javascript vbscript view-source mailto livescript jar resource \
    chrome feed urn tel sms geo intent market gopher ldap telnet ssh sftp";

/// A redirect URI of this client (RFC 6749 §3.1.2, RFC 8252 §7).
///
/// ```
/// use oidc_wasm::RedirectUri;
/// assert!(RedirectUri::parse("com.example.app:/oauth2redirect/example-provider").is_ok());
/// assert_eq!(RedirectUri::parse("http://app.example.com/cb").unwrap_err().code(), "request.redirect_uri");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUri(String);

impl RedirectUri {
    /// Takes an https address, an http address on loopback, or a private-use scheme with a dot. None may have a fragment.
    ///
    /// # Errors
    /// `request.redirect_uri`
    pub fn parse(text: &str) -> Result<RedirectUri, Error> {
        RedirectUri::relaxed(text, Relaxations::default())
    }

    /// Also accepts the redirect URIs of the relaxations `http-redirect` and `private-scheme`.
    ///
    /// # Errors
    /// `request.redirect_uri`
    pub fn relaxed(text: &str, relaxations: Relaxations) -> Result<RedirectUri, Error> {
        if is_fit(text, relaxations) { Ok(RedirectUri(text.into())) } else { Err(Rule::RequestRedirectUri.into()) }
    }

    /// The exact URI.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether [`RedirectUri::relaxed`] accepts it.
pub(crate) fn is_fit(text: &str, relaxations: Relaxations) -> bool {
    let Some(uri) = Uri::parse(text).filter(|uri| uri.fragment.is_none()) else { return false };
    let is_ours = uri.is_secure()
        || holds(uri.scheme.as_bytes(), b'.')
        || relaxations.has(Relaxation::HttpRedirect) && uri.way() == Some(Way::Inner)
        || relaxations.has(Relaxation::PrivateScheme)
            && !split(PUBLIC_SCHEMES, b' ').any(|scheme| scheme.eq_ignore_ascii_case(uri.scheme));
    // Otherwise the response would contain this parameter twice.
    let own = Form::parse(uri.query.unwrap_or_default());
    is_ours && !PARAMETERS.iter().any(|name| own.has(name))
}

impl TryFrom<String> for RedirectUri {
    type Error = Error;

    fn try_from(text: String) -> Result<RedirectUri, Error> {
        RedirectUri::parse(&text)
    }
}

impl From<RedirectUri> for String {
    fn from(uri: RedirectUri) -> String {
        uri.0
    }
}
