//! A token's signature: which key must have made it, what the host has to verify, and the evidence that it did.

use crate::error::Error;
use crate::jose::algorithm::{Algorithm, KeyType};
use crate::jose::jwk::{Jwk, Jwks};
use crate::jose::jws::{Jws, TokenKind, refused};
use crate::rule::Rule;

/// The order of Ed25519's group (RFC 8032 §5.1), the highest byte first. A signature's number is below it (§5.1.7), as that of an RSA
/// signature is below the modulus (RFC 8017 §5.2.2). `WebKitGTK`'s host does not look, and would take several signatures for one.
const ED25519_ORDER: [u8; 32] = [
    0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0xde, 0xf9, 0xde, 0xa2, 0xf7, 0x9c, 0xd6, 0x58, 0x12,
    0x63, 0x1a, 0x5c, 0xf5, 0xd3, 0xed,
];

impl<'t> Jws<'t> {
    /// What the host must verify: with the key of the set that fits, or with the client secret for an HS algorithm.
    ///
    /// # Errors
    /// `jwks.no_match`, `jwks.ambiguous`, `jwks.weak_key`; `jws.signature` when the signature's length or number cannot be right.
    pub fn verification<'a>(&'a self, keys: &'a Jwks) -> Result<Verification<'a, 't>, Error> {
        let key = match self.algorithm().key_type() {
            KeyType::Secret => None,
            _ => Some(keys.select(self).map_err(|error| refused(self.kind(), error))?),
        };
        let expected_length = match (self.algorithm().key_type(), self.algorithm().hash()) {
            (KeyType::Rsa, _) => key.map_or(0, |key| key.modulus().len()),
            (KeyType::Ec(coordinate), _) => 2 * coordinate,
            (KeyType::Ed25519, _) => 64,
            (KeyType::Secret, hash) => hash.bytes(),
        };
        let is_reduced = match self.algorithm().key_type() {
            KeyType::Rsa => key.is_some_and(|key| self.signature() < key.modulus()),
            KeyType::Ed25519 => self.signature().iter().skip(32).rev().lt(&ED25519_ORDER),
            KeyType::Ec(_) | KeyType::Secret => true,
        };
        if self.signature().len() != expected_length || !is_reduced {
            return Err(self.signature_refused());
        }
        Ok(Verification { jws: self, key })
    }

    /// The signature is not the provider's.
    pub(crate) fn signature_refused(&self) -> Error {
        refused(self.kind(), Rule::JwsSignature.into())
    }
}

/// One signature to verify, with nothing left to choose.
#[derive(Clone, Copy, Debug)]
pub struct Verification<'a, 't> {
    jws: &'a Jws<'t>,
    key: Option<&'a Jwk>,
}

impl<'a, 't> Verification<'a, 't> {
    /// The algorithm to use.
    pub fn algorithm(&self) -> Algorithm {
        self.jws.algorithm()
    }

    /// The provider's key; `None` means the UTF-8 bytes of the client secret.
    pub fn key(&self) -> Option<&'a Jwk> {
        self.key
    }

    /// The bytes that are signed (RFC 7515 §5.2 step 8).
    pub fn signing_input(&self) -> &'t [u8] {
        self.jws.signing_input()
    }

    /// The signature; for ECDSA the two raw coordinates one after the other (RFC 7518 §3.4).
    pub fn signature(&self) -> &'a [u8] {
        self.jws.signature()
    }

    /// Takes the host's answer to exactly this question.
    ///
    /// # Errors
    /// `jws.signature` when it is no.
    pub fn conclude(self, signature_is_valid: bool) -> Result<Verified<'a, 't>, Error> {
        if signature_is_valid { Ok(Verified(self.jws)) } else { Err(self.jws.signature_refused()) }
    }
}

/// The evidence that a token's signature was verified. Only [`Verification::conclude`] makes it.
#[derive(Clone, Copy, Debug)]
pub struct Verified<'a, 't>(&'a Jws<'t>);

impl<'a, 't> Verified<'a, 't> {
    /// The token.
    pub fn jws(&self) -> &'a Jws<'t> {
        self.0
    }

    /// The token, if it was read as one of this kind: evidence of one kind is none of another.
    pub(crate) fn jws_of(self, kind: TokenKind) -> Result<&'a Jws<'t>, Rule> {
        if self.0.kind() == kind { Ok(self.0) } else { Err(Rule::JwsTyp) }
    }
}
