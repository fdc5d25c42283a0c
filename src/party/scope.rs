//! Scopes (RFC 6749 §3.3).

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::rule::Rule;
use crate::wire::text::{has_word, split};

/// Scope values, separated by single spaces. None if the parameter is omitted.
///
/// ```
/// use oidc_wasm::Scope;
/// assert!(Scope::parse("openid  profile")?.contains("profile"));
/// assert_eq!(Scope::parse("a\"b").unwrap_err().code(), "request.scope");
/// # Ok::<(), oidc_wasm::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(String);

impl Scope {
    /// Reads one or more values. Drops additional spaces.
    ///
    /// # Errors
    /// `request.scope` for an empty scope or an invalid character.
    pub fn parse(text: &str) -> Result<Scope, Error> {
        let is_allowed = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        let mut scope = String::with_capacity(text.len());
        for token in split(text, b' ').filter(|token| !token.is_empty()) {
            if !token.bytes().all(is_allowed) {
                return Err(Rule::RequestScope.into());
            }
            if !scope.is_empty() {
                scope.push(' ');
            }
            scope.push_str(token);
        }
        if scope.is_empty() {
            return Err(Rule::RequestScope.into());
        }
        Ok(Scope(scope))
    }

    /// No value: the request omits the parameter (RFC 6749 §3.3).
    pub fn none() -> Scope {
        Scope(String::new())
    }

    /// Whether it has this value.
    pub fn contains(&self, token: &str) -> bool {
        has_word(&self.0, token)
    }

    /// The values, joined by spaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `openid`, which makes the request a login.
impl Default for Scope {
    fn default() -> Scope {
        Scope("openid".into())
    }
}

impl TryFrom<String> for Scope {
    type Error = Error;

    fn try_from(text: String) -> Result<Scope, Error> {
        // [`Scope::none`] is written as an empty string.
        if text.is_empty() { Ok(Scope::none()) } else { Scope::parse(&text) }
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> String {
        scope.0
    }
}
