//! A token's signature: the matching key, the data for the host to verify, and the proof that the host verified it.

use crate::error::Error;
use crate::jose::algorithm::{Algorithm, KeyType};
use crate::jose::curve::reversed;
use crate::jose::jwk::{Jwk, Jwks};
use crate::jose::jws::{Jws, TokenKind, refused};
use crate::rule::Rule;

/// The order of Ed25519's group (RFC 8032 §5.1), highest byte first. A signature's scalar must be smaller (§5.1.7). An RSA
/// signature must be smaller than the modulus (RFC 8017 §5.2.2). `WebKitGTK` does not check this, and would accept several signatures.
const ED25519_ORDER: [u8; 32] = [
    0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0xde, 0xf9, 0xde, 0xa2, 0xf7, 0x9c, 0xd6, 0x58, 0x12,
    0x63, 0x1a, 0x5c, 0xf5, 0xd3, 0xed,
];

impl<'t> Jws<'t> {
    /// The data for the host to verify: with the matching key of the set, or with the client secret for an HS algorithm.
    ///
    /// # Errors
    /// `jwks.no_match`, `jwks.ambiguous`, `jwks.weak_key`; `jws.signature` if the signature's length or number is impossible.
    pub fn verification<'a>(&'a self, keys: &'a Jwks) -> Result<Verification<'a, 't>, Error> {
        let key = match self.algorithm().key_type() {
            KeyType::Secret => None,
            _ => Some(keys.select(self).map_err(|error| refused(self.kind(), error))?),
        };
        let signature = self.signature();
        let (length, is_reduced) = match self.algorithm().key_type() {
            KeyType::Rsa => {
                let modulus = key.map(Jwk::modulus).unwrap_or_default();
                (modulus.len(), signature < modulus)
            }
            key_type @ (KeyType::P256 | KeyType::P384 | KeyType::P521) => (2 * key_type.coordinate(), true),
            KeyType::Ed25519 => {
                let scalar = reversed(signature);
                (64, scalar.get(..32) < Some(&ED25519_ORDER))
            }
            KeyType::Secret => (self.algorithm().hash().bytes(), true),
        };
        if signature.len() != length || !is_reduced {
            return Err(self.signature_refused());
        }
        Ok(Verification { jws: self, key })
    }

    /// The error of a wrong signature.
    pub(crate) fn signature_refused(&self) -> Error {
        refused(self.kind(), Rule::JwsSignature.into())
    }
}

/// One signature for the host to verify.
#[derive(Clone, Copy, Debug)]
pub struct Verification<'a, 't> {
    jws: &'a Jws<'t>,
    key: Option<&'a Jwk>,
}

impl<'a, 't> Verification<'a, 't> {
    /// The algorithm.
    pub fn algorithm(&self) -> Algorithm {
        self.jws.algorithm()
    }

    /// The provider's key. `None` means the UTF-8 bytes of the client secret.
    pub fn key(&self) -> Option<&'a Jwk> {
        self.key
    }

    /// The signing input (RFC 7515 §5.2 step 8).
    pub fn signing_input(&self) -> &'t [u8] {
        self.jws.signing_input()
    }

    /// The signature. For ECDSA: the two raw coordinates, one after the other (RFC 7518 §3.4).
    pub fn signature(&self) -> &'a [u8] {
        self.jws.signature()
    }

    /// Takes the host's result for this signature.
    ///
    /// # Errors
    /// `jws.signature` if the result is false.
    pub fn conclude(self, signature_is_valid: bool) -> Result<Verified<'a, 't>, Error> {
        if signature_is_valid { Ok(Verified(self.jws)) } else { Err(self.jws.signature_refused()) }
    }
}

/// Proof that the host verified a token's signature. Only [`Verification::conclude`] creates it.
#[derive(Clone, Copy, Debug)]
pub struct Verified<'a, 't>(&'a Jws<'t>);

impl<'a, 't> Verified<'a, 't> {
    /// The token.
    pub fn jws(&self) -> &'a Jws<'t> {
        self.0
    }

    /// The token, if it was parsed as this kind. A verified token of one kind is not valid as another.
    pub(crate) fn jws_of(self, kind: TokenKind) -> Result<&'a Jws<'t>, Rule> {
        if self.0.kind() == kind { Ok(self.0) } else { Err(Rule::JwsTyp) }
    }
}
