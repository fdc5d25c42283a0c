//! Text that must not leak: wiped when dropped, compared in constant time, never printed.

use alloc::string::String;
use core::fmt;

use subtle::ConstantTimeEq as _;

use crate::wiped::Wiped;

/// A secret text: a verifier, a code, a token, a password.
///
/// ```
/// let secret = oidc_wasm::Secret::from("gX1fBat3bV");
/// assert_eq!(secret, oidc_wasm::Secret::from("gX1fBat3bV"));
/// assert_eq!(format!("{secret:?}"), "Secret");
/// ```
#[derive(Clone, Default)]
pub struct Secret(Wiped<String>);

impl Secret {
    /// The text itself. Keep it out of logs and messages.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Secret {
        Secret(Wiped::new(text.into()))
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Secret {
        Secret(Wiped::new(text))
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Secret) -> bool {
        same(self.expose(), other.expose())
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Equality whose time depends on the lengths only.
pub(crate) fn same(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}
