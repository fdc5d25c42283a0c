//! Compact JSON Web Encryption (RFC 7516 §7.1). The host has the keys and decrypts. This module tells it what to compute.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::error::Error;
use crate::jose::curve::is_point;
use crate::jose::jws::is_encrypted;
use crate::rule::Rule;
use crate::secret::Secret;
use crate::wiped::Wiped;
use crate::wire::base64url;
use crate::wire::json::Value;
use crate::wire::text::{before, concat, split, split_once};

/// An algorithm that gives the content encryption key (RFC 7518 §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyManagement {
    /// RSAES OAEP with SHA-1 (RFC 7518 §4.3). Its security does not depend on collisions.
    RsaOaep,
    /// RSAES OAEP with SHA-256 (RFC 7518 §4.3).
    RsaOaep256,
    /// The agreed key itself (RFC 7518 §4.6).
    EcdhEs,
    /// The agreed key of 128 bits wraps it (RFC 7518 §4.6).
    EcdhEsA128Kw,
    /// The agreed key of 256 bits wraps it (RFC 7518 §4.6).
    EcdhEsA256Kw,
}

impl KeyManagement {
    /// Every algorithm.
    pub const ALL: &'static [KeyManagement] = &[
        KeyManagement::RsaOaep,
        KeyManagement::RsaOaep256,
        KeyManagement::EcdhEs,
        KeyManagement::EcdhEsA128Kw,
        KeyManagement::EcdhEsA256Kw,
    ];

    /// Its `alg`.
    pub fn name(self) -> &'static str {
        match self {
            KeyManagement::RsaOaep => "RSA-OAEP",
            KeyManagement::RsaOaep256 => "RSA-OAEP-256",
            KeyManagement::EcdhEs => "ECDH-ES",
            KeyManagement::EcdhEsA128Kw => "ECDH-ES+A128KW",
            KeyManagement::EcdhEsA256Kw => "ECDH-ES+A256KW",
        }
    }

    /// `None` for any other algorithm, such as `RSA1_5`.
    pub fn from_name(name: &str) -> Option<KeyManagement> {
        KeyManagement::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }

    pub(crate) fn is_agreement(self) -> bool {
        !matches!(self, KeyManagement::RsaOaep | KeyManagement::RsaOaep256)
    }

    /// Bytes of the agreed key that wraps the content encryption key. 0 if none does.
    pub fn wrapping_bytes(self) -> usize {
        match self {
            KeyManagement::EcdhEsA128Kw => 16,
            KeyManagement::EcdhEsA256Kw => 32,
            _ => 0,
        }
    }
}

/// An algorithm that encrypts the content (RFC 7518 §5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContentEncryption {
    /// AES GCM with a key of 128 bits (RFC 7518 §5.3).
    A128Gcm,
    /// AES GCM with a key of 256 bits (RFC 7518 §5.3).
    A256Gcm,
    /// AES CBC with HMAC SHA-256, each with a key of 128 bits (RFC 7518 §5.2.3).
    A128CbcHs256,
    /// AES CBC with HMAC SHA-512, each with a key of 256 bits (RFC 7518 §5.2.5).
    A256CbcHs512,
}

impl ContentEncryption {
    /// Every algorithm.
    pub const ALL: &'static [ContentEncryption] = &[
        ContentEncryption::A128Gcm,
        ContentEncryption::A256Gcm,
        ContentEncryption::A128CbcHs256,
        ContentEncryption::A256CbcHs512,
    ];

    /// Its `enc`, the bytes of the content encryption key, and those of the HMAC's key.
    const fn facts(self) -> (&'static str, u8, u8) {
        match self {
            ContentEncryption::A128Gcm => ("A128GCM", 16, 0),
            ContentEncryption::A256Gcm => ("A256GCM", 32, 0),
            ContentEncryption::A128CbcHs256 => ("A128CBC-HS256", 32, 16),
            ContentEncryption::A256CbcHs512 => ("A256CBC-HS512", 64, 32),
        }
    }

    /// Its `enc`.
    pub fn name(self) -> &'static str {
        self.facts().0
    }

    /// `None` for any other algorithm.
    pub fn from_name(name: &str) -> Option<ContentEncryption> {
        ContentEncryption::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }

    /// Bytes of the content encryption key.
    pub fn key_bytes(self) -> usize {
        self.facts().1.into()
    }

    /// Bytes of the HMAC's key, which is the first half of the content encryption key. The tag has as many. 0 for AES GCM.
    pub fn mac_bytes(self) -> usize {
        self.facts().2.into()
    }
}

/// Bytes of a coordinate on a curve of ECDH-ES, and of the agreed secret (RFC 7518 §6.2.1.1, RFC 8037 §3.2). `None` for any other
/// curve.
fn curve_bytes(name: &str) -> Option<usize> {
    match name {
        "P-256" | "X25519" => Some(32),
        "P-384" => Some(48),
        "P-521" => Some(66),
        _ => None,
    }
}

/// The curve of the sender's public key, `epk` (RFC 7518 §4.6.1.1), and the bytes of the agreed secret. `None` unless it is a point of
/// its curve: another point could reveal the client's key.
pub(crate) fn curve_of(epk: Value<'_>) -> Option<(&str, usize)> {
    let text = |name| epk.text(name);
    let curve = text("crv")?;
    let bytes = curve_bytes(curve)?;
    let (key_type, x) = (text("kty")?, base64url::decode(text("x")?)?);
    let is_fit = if curve == "X25519" {
        key_type == "OKP" && x.len() == bytes
    } else {
        key_type == "EC" && is_point(bytes, &x, &base64url::decode(text("y")?)?)
    };
    is_fit.then_some((curve, bytes))
}

/// The facts of a client's decryption key: its algorithm, its curve, and its `kid` if it has one, separated by spaces. The host has
/// the key itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecryptionKey(pub(crate) String);

impl DecryptionKey {
    /// The key's algorithm, for ECDH-ES its curve (otherwise an empty string), and its `kid` in the client's published key set.
    ///
    /// # Errors
    /// `argument.decryption` unless algorithm and curve fit each other.
    pub fn new(algorithm: KeyManagement, curve: &str, kid: Option<&str>) -> Result<DecryptionKey, Error> {
        let separator = if kid.is_some() { " " } else { "" };
        let facts = concat(&[algorithm.name(), " ", curve, separator, kid.unwrap_or_default()]);
        check_facts(&facts)?;
        Ok(DecryptionKey(facts))
    }
}

/// Whether algorithm and curve of a key fit each other.
pub(crate) fn check_facts(key: &str) -> Result<(), Error> {
    const EXPECTED: &str = "RSA-OAEP or RSA-OAEP-256; or ECDH-ES with P-256, P-384, P-521 or X25519";
    let (alg, curve, _) = facts(key);
    let is_fit = match KeyManagement::from_name(alg) {
        Some(algorithm) if algorithm.is_agreement() => curve_bytes(curve).is_some(),
        algorithm => algorithm.is_some() && curve.is_empty(),
    };
    if is_fit { Ok(()) } else { Err(Error::argument("decryption", EXPECTED)) }
}

/// The algorithm of a key, its curve and its `kid`.
pub(crate) fn facts(key: &str) -> (&str, &str, Option<&str>) {
    let (alg, rest) = split_once(key, b' ').unwrap_or_default();
    match split_once(rest, b' ') {
        Some((curve, kid)) => (alg, curve, Some(kid)),
        None => (alg, rest, None),
    }
}

/// An encrypted token with valid structure and header, and the choice of the client's key.
#[derive(Clone)]
pub struct Jwe<'t> {
    pub(crate) token: &'t str,
    pub(crate) algorithm: KeyManagement,
    pub(crate) encryption: ContentEncryption,
    /// JSON text.
    pub(crate) epk: Option<String>,
    /// The index of the key; the bytes of the agreed secret, of the wrapping key, of the content encryption key and of the HMAC's key;
    /// then `OtherInfo`.
    pub(crate) plan: Vec<u8>,
}

impl<'t> Jwe<'t> {
    /// Adds a part with its length to `OtherInfo`.
    pub(crate) fn push_part(&mut self, part: &[u8]) {
        self.push_number(part.len());
        self.plan.extend_from_slice(part);
    }

    /// Adds a number to `OtherInfo`.
    // No token is as long as 4 GiB.
    #[allow(clippy::cast_possible_truncation)]
    pub(crate) fn push_number(&mut self, number: usize) {
        self.plan.extend_from_slice(&(number as u32).to_be_bytes());
    }

    /// The index of the client's key, in the order of [`Client::decryption_key`](crate::Client::decryption_key).
    pub fn key(&self) -> usize {
        self.plan.first().copied().unwrap_or_default().into()
    }

    /// The header's `alg`.
    pub fn algorithm(&self) -> KeyManagement {
        self.algorithm
    }

    /// The header's `enc`.
    pub fn encryption(&self) -> ContentEncryption {
        self.encryption
    }

    /// The sender's public key, as JSON text of a JWK: use only `kty`, `crv`, `x` and `y`. Only ECDH-ES has one.
    pub fn ephemeral_key(&self) -> Option<&str> {
        self.epk.as_deref()
    }

    /// The bytes of the agreed secret Z (RFC 7518 §4.6.2). 0 without ECDH-ES.
    pub fn agreed_bytes(&self) -> usize {
        self.plan.get(1).copied().unwrap_or_default().into()
    }

    /// `OtherInfo` of the Concat KDF (RFC 7518 §4.6.2).
    pub fn other_info(&self) -> &[u8] {
        self.plan.get(5..).unwrap_or_default()
    }

    /// The additional authenticated data: the encoded header (RFC 7516 §5.2 step 15).
    pub fn additional_data(&self) -> &'t str {
        before(self.token, b".").0
    }

    /// The encrypted content encryption key, which is empty with [`KeyManagement::EcdhEs`]; the initialization vector; the
    /// ciphertext; the authentication tag.
    pub fn parts(&self) -> [Vec<u8>; 4] {
        let mut parts = split(self.token, b'.').skip(1);
        [(); 4].map(|()| parts.next().and_then(base64url::decode).unwrap_or_default())
    }

    /// Takes the content that the host has decrypted: the signed token, or claims
    /// ([`RelyingParty::decrypted_userinfo`](crate::RelyingParty::decrypted_userinfo)). `None` if anything failed, whatever it was.
    ///
    /// # Errors
    /// `jwe.decryption`: one error for every failure, so that nobody learns from it (RFC 7516 §11.4 and §11.5). `jwe.nested` for
    /// content that is encrypted too, `jws.malformed` for content that is no text.
    pub fn conclude(&self, content: Option<Vec<u8>>) -> Result<Secret, Error> {
        let content = content.map(String::from_utf8).transpose().map_err(|error| {
            // Wiped when dropped.
            Wiped::new(error.into_bytes());
            Rule::JwsMalformed
        })?;
        let content = content.map(Secret::from);
        decrypted(content.as_ref().map(Secret::expose))?;
        Ok(content.unwrap_or_default())
    }
}

/// The content that the host has decrypted, or `None` if it failed. It must not be encrypted again (RFC 7519 §5.2).
pub(crate) fn decrypted(content: Option<&str>) -> Result<&str, Rule> {
    let content = content.ok_or(Rule::JweDecryption)?;
    if is_encrypted(content) { Err(Rule::JweNested) } else { Ok(content) }
}

/// Whether each part is as long as its algorithm requires. This depends on nothing secret.
pub(crate) fn is_measured(algorithm: KeyManagement, encryption: ContentEncryption, parts: &[Vec<u8>; 4]) -> bool {
    let [encrypted_key, iv, ciphertext, tag] = parts;
    let (encrypted_key, iv, ciphertext, tag) = (encrypted_key.len(), iv.len(), ciphertext.len(), tag.len());
    let mac = encryption.mac_bytes();
    // RFC 7518 §5.2.2.1 and §5.3: the padding of AES CBC fills at least one block.
    let is_content = match mac {
        0 => iv == 12 && tag == 16,
        _ => iv == 16 && tag == mac && ciphertext > 0 && ciphertext.is_multiple_of(16),
    };
    is_content
        && match algorithm {
            KeyManagement::RsaOaep | KeyManagement::RsaOaep256 => encrypted_key > 0,
            // RFC 7516 §5.2 step 10
            KeyManagement::EcdhEs => encrypted_key == 0,
            // RFC 3394 §2.2.1: wrapping adds eight bytes.
            _ => encrypted_key == encryption.key_bytes() + 8,
        }
}

/// Printing it shows no token.
impl fmt::Debug for Jwe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwe")
            .field("algorithm", &self.algorithm)
            .field("encryption", &self.encryption)
            .finish_non_exhaustive()
    }
}
