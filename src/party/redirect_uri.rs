//! The redirect URI (RFC 6749 §3.1.2): where the provider sends the browser back to.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::rule::Rule;
use crate::wire::form::Form;
use crate::wire::text::holds;
use crate::wire::uri::Uri;

/// The parameters that an authorization response adds to it (RFC 6749 §4.1.2); all others are ignored.
pub(crate) const PARAMETERS: [&str; 12] = [
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
];

/// A redirect URI that a login may come back to (RFC 6749 §3.1.2, RFC 8252 §7).
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
    /// Takes an https address, an http address on loopback, or a private-use scheme with a dot in it; all without fragment.
    ///
    /// # Errors
    /// `request.redirect_uri`
    pub fn parse(text: &str) -> Result<RedirectUri, Error> {
        let uri = Uri::parse(text).ok_or(Rule::RequestRedirectUri)?;
        let is_web = uri.scheme.eq_ignore_ascii_case("https") || uri.scheme.eq_ignore_ascii_case("http");
        if uri.fragment.is_some() || !(uri.is_secure() || !is_web && holds(uri.scheme.as_bytes(), b'.')) {
            return Err(Rule::RequestRedirectUri.into());
        }
        // A parameter of the answer's own would stand there twice.
        let own = Form::parse(uri.query.unwrap_or_default());
        if PARAMETERS.iter().any(|name| own.has(name)) {
            return Err(Rule::RequestRedirectUri.into());
        }
        Ok(RedirectUri(text.into()))
    }

    /// The URI, to the letter.
    pub fn as_str(&self) -> &str {
        &self.0
    }
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
