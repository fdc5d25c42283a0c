//! Extension grants with standard parameters: token exchange (RFC 8693), and assertions of other issuers (RFC 7521).

use crate::error::Error;
use crate::message::token::Grant;
use crate::wire::text::{holds, split};
use crate::wire::uri::Uri;

/// Rejects a grant without the required parameters of its standard.
pub(crate) fn judge(uri: &str, grant: &Grant<'_>) -> Result<(), Error> {
    let (is_fit, expected) = match uri.strip_prefix("urn:ietf:params:oauth:grant-type:") {
        // RFC 8693 §2.1: a type requires its token.
        Some("token-exchange") => {
            let is_fit = |token, kind, is_needed: bool| match (single(grant, token), single(grant, kind)) {
                (None, None) => !is_needed,
                (token, kind) => token.is_some_and(|token| !token.is_empty()) && kind.and_then(Uri::parse).is_some(),
            };
            let are_fit =
                is_fit("subject_token", "subject_token_type", true) && is_fit("actor_token", "actor_token_type", false);
            (are_fit, "each token once, with the URI of its type")
        }
        // RFC 7523 §2.1
        Some("jwt-bearer") => {
            let assertion = single(grant, "assertion").unwrap_or_default();
            let parts = split(assertion, b'.').count();
            (matches!(parts, 3 | 5) && is_made_of(assertion, b"-_."), "one assertion, a JWT")
        }
        // RFC 7522 §2.1
        Some("saml2-bearer") => {
            let assertion = single(grant, "assertion").unwrap_or_default();
            (!assertion.is_empty() && is_made_of(assertion, b"-_="), "one assertion in base64url")
        }
        _ => return Ok(()),
    };
    if is_fit { Ok(()) } else { Err(Error::argument("parameters", expected)) }
}

/// The value of a parameter. `None` if it is absent, empty if it is there twice.
fn single<'a>(grant: &Grant<'a>, name: &str) -> Option<&'a str> {
    let mut found = None;
    for &(parameter, value) in &grant.parameters {
        if parameter == name {
            found = Some(if found.is_none() { value } else { "" });
        }
    }
    found
}

/// Letters, digits and these marks.
fn is_made_of(text: &str, marks: &[u8]) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || holds(marks, byte))
}
