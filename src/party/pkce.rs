//! Proof Key for Code Exchange (RFC 7636), method S256 only.

use alloc::string::String;

use crate::error::Error;
use crate::rule::Rule;
use crate::secret::Secret;
use crate::wire::base64url;
use crate::wire::form::is_unreserved;
use crate::wire::sha2::sha256;

/// Before the code verifier in a form (RFC 7636 §4.5).
pub(crate) const VERIFIER_IN_FORM: &str = "&code_verifier=";

/// A code verifier and its challenge.
///
/// ```
/// let pkce = oidc_wasm::Pkce::new(&[7; 32]); // 32 bytes of a secure random source
/// assert_eq!(pkce.verifier().expose().len(), 43);
/// assert_eq!(pkce.challenge(), oidc_wasm::code_challenge(pkce.verifier().expose())?);
/// # Ok::<(), oidc_wasm::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pkce {
    verifier: Secret,
}

impl Pkce {
    /// The verifier is the entropy in base64url, as RFC 7636 §4.1 recommends.
    pub fn new(entropy: &[u8; 32]) -> Pkce {
        Pkce { verifier: base64url::encode(entropy).into() }
    }

    /// Takes an existing verifier.
    ///
    /// # Errors
    /// `pkce.verifier` unless it is 43 to 128 unreserved characters (RFC 7636 §4.1).
    pub fn from_verifier(verifier: &str) -> Result<Pkce, Error> {
        check(verifier)?;
        Ok(Pkce { verifier: verifier.into() })
    }

    /// The code verifier, for the token request.
    pub fn verifier(&self) -> &Secret {
        &self.verifier
    }

    /// The code verifier itself.
    pub(crate) fn into_verifier(self) -> Secret {
        self.verifier
    }

    /// The code challenge, for the authorization request: `BASE64URL(SHA256(verifier))` (RFC 7636 §4.2).
    pub fn challenge(&self) -> String {
        s256(self.verifier.expose())
    }
}

fn check(verifier: &str) -> Result<(), Rule> {
    let is_good = (43..=128).contains(&verifier.len()) && verifier.bytes().all(is_unreserved);
    if is_good { Ok(()) } else { Err(Rule::PkceVerifier) }
}

fn s256(verifier: &str) -> String {
    base64url::encode(&sha256(verifier.as_bytes()))
}

/// The S256 challenge of a verifier.
///
/// ```
/// // RFC 7636 Appendix B
/// let challenge = oidc_wasm::code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")?;
/// assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
/// # Ok::<(), oidc_wasm::Error>(())
/// ```
///
/// # Errors
/// `pkce.verifier` unless it is 43 to 128 unreserved characters (RFC 7636 §4.1).
pub fn code_challenge(verifier: &str) -> Result<String, Error> {
    check(verifier)?;
    Ok(s256(verifier))
}
