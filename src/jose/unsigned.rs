//! A JSON Web Signature that the host still has to sign (RFC 7515 §5.1).

use alloc::string::String;
use core::fmt;

use crate::jose::algorithm::Algorithm;
use crate::wire::base64url;
use crate::wire::json::ObjectWriter;
use crate::wire::text::concat;

/// A token of the client, for the host to sign.
#[derive(Clone, PartialEq, Eq)]
pub struct Unsigned {
    algorithm: Algorithm,
    signing_input: String,
}

/// It may contain an ID token or a person's code, so printing it shows only the algorithm.
impl fmt::Debug for Unsigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsigned").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl Unsigned {
    pub(crate) fn new(algorithm: Algorithm, header: ObjectWriter, claims: ObjectWriter) -> Unsigned {
        let encode = |part: ObjectWriter| base64url::encode(part.finish().as_bytes());
        Unsigned { algorithm, signing_input: concat(&[&encode(header), ".", &encode(claims)]) }
    }

    /// The algorithm to sign with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The bytes to sign (RFC 7515 §5.1 step 5).
    pub fn signing_input(&self) -> &str {
        &self.signing_input
    }

    pub(crate) fn into_signing_input(self) -> String {
        self.signing_input
    }

    /// The token with the host's signature. For ECDSA: the two raw coordinates, one after the other (RFC 7518 §3.4).
    pub fn sign(self, signature: &[u8]) -> String {
        signed(&self.signing_input, signature)
    }
}

/// The result of [`Unsigned::sign`] for a token with this signing input.
pub(crate) fn signed(signing_input: &str, signature: &[u8]) -> String {
    concat(&[signing_input, ".", &base64url::encode(signature)])
}
