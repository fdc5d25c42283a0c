//! Text that must not leak: wiped when dropped, compared in constant time, never printed.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::hint::black_box;

use crate::wiped::Wiped;
use crate::wire::form;

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

    /// The text itself, for who hands it over and wipes it.
    pub(crate) fn into_text(mut self) -> String {
        core::mem::take(&mut *self.0)
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

/// What was sent with a request, none of which an error may repeat that is made of the reply.
#[derive(Default)]
pub(crate) struct Secrets(Vec<Secret>);

impl Secrets {
    /// One more, and what a form makes of it. Fewer than eight characters might be a word of any sentence.
    pub(crate) fn add(&mut self, secret: &str) {
        if secret.len() >= 8 {
            let mut encoded = String::new();
            form::encode(&mut encoded, secret);
            self.0.extend([Secret::from(secret), Secret::from(encoded)]);
        }
    }

    /// Whether a text has one of them in it; the start of a long one is enough to tell. Signed tokens are told by how they start.
    pub(crate) fn are_in(&self, text: &str) -> bool {
        let is_in = |secret: &str| {
            let start = secret.as_bytes().get(..64).unwrap_or(secret.as_bytes());
            text.as_bytes().windows(start.len()).any(|part| part == start)
        };
        is_in("eyJ") || self.0.iter().any(|secret| is_in(secret.expose()))
    }
}

/// Equality whose time depends on the lengths only.
pub(crate) fn same(left: &str, right: &str) -> bool {
    let difference = left.bytes().zip(right.bytes()).fold(0, |difference, (left, right)| difference | left ^ right);
    // Opaque to the compiler: it can't stop at the first byte that differs.
    left.len() == right.len() && black_box(difference) == 0
}
