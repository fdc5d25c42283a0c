//! Compact JSON Web Signatures (RFC 7515 §7.1): structure and header. Verifying is the host's; judging its answer is ours.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::error::Error;
use crate::jwks::{Jwk, Jwks};
use crate::provider::Provider;
use crate::report::Check;
use crate::rule::Rule;
use crate::secret::Secret;
use crate::wire::base64url;
use crate::wire::json::Document;
use crate::wire::text::split;

/// The kind of key that an algorithm signs with (RFC 7518 §6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyType {
    Rsa,
    /// The curve's name and the bytes of a coordinate.
    Ec(&'static str, usize),
    Ed25519,
    Secret,
}

/// The hash that goes with an algorithm, also for `at_hash` and `c_hash` (OpenID Connect Core §3.1.3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

macro_rules! algorithms {
    ($($(#[$doc:meta])* $variant:ident, $name:literal, $key:expr, $hash:ident;)*) => {
        /// A signature algorithm that can be verified (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). `none` is none of them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Algorithm {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        const ALGORITHMS: &[(&str, Algorithm, KeyType, Hash)] =
            &[$(($name, Algorithm::$variant, $key, Hash::$hash),)*];
    };
}

const P256: KeyType = KeyType::Ec("P-256", 32);
const P384: KeyType = KeyType::Ec("P-384", 48);
const P521: KeyType = KeyType::Ec("P-521", 66);

algorithms! {
    /// RSASSA-PKCS1-v1_5 with SHA-256
    Rs256, "RS256", KeyType::Rsa, Sha256;
    /// RSASSA-PKCS1-v1_5 with SHA-384
    Rs384, "RS384", KeyType::Rsa, Sha384;
    /// RSASSA-PKCS1-v1_5 with SHA-512
    Rs512, "RS512", KeyType::Rsa, Sha512;
    /// RSASSA-PSS with SHA-256
    Ps256, "PS256", KeyType::Rsa, Sha256;
    /// RSASSA-PSS with SHA-384
    Ps384, "PS384", KeyType::Rsa, Sha384;
    /// RSASSA-PSS with SHA-512
    Ps512, "PS512", KeyType::Rsa, Sha512;
    /// ECDSA on P-256 with SHA-256
    Es256, "ES256", P256, Sha256;
    /// ECDSA on P-384 with SHA-384
    Es384, "ES384", P384, Sha384;
    /// ECDSA on P-521 with SHA-512
    Es512, "ES512", P521, Sha512;
    /// Edwards-curve signatures; here always Ed25519
    EdDsa, "EdDSA", KeyType::Ed25519, Sha512;
    /// Ed25519 by its fully specified name
    Ed25519, "Ed25519", KeyType::Ed25519, Sha512;
    /// HMAC with SHA-256, keyed with the client secret
    Hs256, "HS256", KeyType::Secret, Sha256;
    /// HMAC with SHA-384, keyed with the client secret
    Hs384, "HS384", KeyType::Secret, Sha384;
    /// HMAC with SHA-512, keyed with the client secret
    Hs512, "HS512", KeyType::Secret, Sha512;
}

impl Algorithm {
    /// The algorithm of this `alg` value.
    ///
    /// ```
    /// use oidc_wasm::Algorithm;
    /// assert_eq!(Algorithm::from_name("ES256"), Some(Algorithm::Es256));
    /// assert_eq!(Algorithm::from_name("none"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Algorithm> {
        ALGORITHMS.iter().find(|row| row.0 == name).map(|row| row.1)
    }

    /// Its `alg` value.
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// Whether the key is the client secret.
    pub fn is_symmetric(self) -> bool {
        self.key_type() == KeyType::Secret
    }

    pub(crate) fn key_type(self) -> KeyType {
        self.row().2
    }

    pub(crate) fn hash(self) -> Hash {
        self.row().3
    }

    fn row(self) -> (&'static str, Algorithm, KeyType, Hash) {
        const FIRST: (&str, Algorithm, KeyType, Hash) = ("RS256", Algorithm::Rs256, KeyType::Rsa, Hash::Sha256);
        ALGORITHMS.get(self as usize).copied().unwrap_or(FIRST)
    }
}

/// Which signed token is expected, and so what its `typ` may be (RFC 8725 §3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// An ID token (OpenID Connect Core §2).
    IdToken,
    /// A signed userinfo answer (OpenID Connect Core §5.3.2).
    Userinfo,
}

/// A compact JWS whose structure and header are good. Its signature is not verified yet.
#[derive(Clone)]
pub struct Jws {
    token: Secret,
    algorithm: Algorithm,
    kid: Option<String>,
    header: String,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl Jws {
    /// Reads a token that this client may be sent by this provider.
    ///
    /// # Errors
    /// `id_token.encrypted`, `jws.malformed`, `json.*` for its header, `jws.alg`, `jws.crit`, `jws.typ`.
    pub fn parse(token: &str, expected: TokenKind, provider: &Provider, client: &Client) -> Result<Jws, Error> {
        let parts = Parts::split(token)?;
        let header = Document::parse_object(parts.header)?;
        for check in check_header(&header, expected, provider, client) {
            check.into_result()?;
        }
        let kid = match header.get("kid") {
            Some(kid) => Some(kid.str().ok_or(Rule::JwsMalformed)?.into()),
            None => None,
        };
        Ok(Jws {
            token: token.into(),
            algorithm: named_algorithm(&header).ok_or(Rule::JwsAlg)?,
            kid,
            header: header.text().into(),
            payload: parts.payload,
            signature: parts.signature,
        })
    }

    /// The algorithm its header names.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key its header names.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The header's JSON text.
    pub fn header(&self) -> &str {
        &self.header
    }

    pub(crate) fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// What the host must verify: with the key of the set that fits, or with the client secret for an HS algorithm.
    ///
    /// # Errors
    /// `jwks.no_match`, `jwks.ambiguous`, `jwks.weak_key`; `jws.signature` when the signature's length cannot be right.
    pub fn verification<'a>(&'a self, keys: &'a Jwks) -> Result<Verification<'a>, Error> {
        let key = match self.algorithm.key_type() {
            KeyType::Secret => None,
            _ => Some(keys.select(self)?),
        };
        let expected_length = match (self.algorithm.key_type(), self.algorithm.hash()) {
            (KeyType::Rsa, _) => key.map_or(0, Jwk::modulus_bytes),
            (KeyType::Ec(_, coordinate), _) => 2 * coordinate,
            (KeyType::Secret, Hash::Sha256) => 32,
            (KeyType::Secret, Hash::Sha384) => 48,
            (KeyType::Ed25519, _) | (KeyType::Secret, Hash::Sha512) => 64,
        };
        if self.signature.len() != expected_length {
            return Err(Rule::JwsSignature.into());
        }
        Ok(Verification { jws: self, key })
    }
}

/// A token's contents are not printed.
impl fmt::Debug for Jws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jws").field("algorithm", &self.algorithm).field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// One signature to verify, with nothing left to choose.
#[derive(Clone, Copy, Debug)]
pub struct Verification<'a> {
    jws: &'a Jws,
    key: Option<&'a Jwk>,
}

impl<'a> Verification<'a> {
    /// The algorithm to use.
    pub fn algorithm(&self) -> Algorithm {
        self.jws.algorithm
    }

    /// The provider's key; `None` means the UTF-8 bytes of the client secret.
    pub fn key(&self) -> Option<&'a Jwk> {
        self.key
    }

    /// The bytes that are signed (RFC 7515 §5.2 step 8).
    pub fn signing_input(&self) -> &'a [u8] {
        let token = self.jws.token.expose();
        token.rsplit_once('.').map(|parts| parts.0).unwrap_or_default().as_bytes()
    }

    /// The signature; for ECDSA the two raw coordinates one after the other (RFC 7518 §3.4).
    pub fn signature(&self) -> &'a [u8] {
        &self.jws.signature
    }

    /// Takes the host's answer to exactly this question.
    ///
    /// # Errors
    /// `jws.signature` when it is no.
    pub fn conclude(self, signature_is_valid: bool) -> Result<Verified<'a>, Error> {
        if signature_is_valid { Ok(Verified(self.jws)) } else { Err(Rule::JwsSignature.into()) }
    }
}

/// The evidence that a token's signature was verified. Only [`Verification::conclude`] makes it.
#[derive(Clone, Copy, Debug)]
pub struct Verified<'a>(&'a Jws);

impl<'a> Verified<'a> {
    /// The token.
    pub fn jws(&self) -> &'a Jws {
        self.0
    }
}

/// The three parts of a compact JWS, decoded.
pub(crate) struct Parts {
    pub(crate) header: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    signature: Vec<u8>,
}

impl Parts {
    /// Three parts are a JWS (RFC 7515 §7.1), five a JWE (RFC 7516 §7.1), anything else is nothing.
    pub(crate) fn split(token: &str) -> Result<Parts, Rule> {
        let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let mut parts = split(token, b'.');
        let mut next = || parts.next().unwrap_or_default();
        let (header, payload, signature) = (next(), next(), next());
        match split(token, b'.').count() {
            3 if !header.is_empty() && !payload.is_empty() => {}
            5 if token.bytes().all(is_base64url) => return Err(Rule::IdTokenEncrypted),
            _ => return Err(Rule::JwsMalformed),
        }
        let decode = |part| base64url::decode(part).ok_or(Rule::JwsMalformed);
        Ok(Parts { header: decode(header)?, payload: decode(payload)?, signature: decode(signature)? })
    }
}

pub(crate) fn named_algorithm(header: &Document) -> Option<Algorithm> {
    Algorithm::from_name(header.str("alg")?)
}

/// The rules on a header. Its `jwk`, `jku`, `x5c` and `x5u` are never looked at: keys come from the provider's key set alone.
pub(crate) fn check_header(header: &Document, kind: TokenKind, provider: &Provider, client: &Client) -> [Check; 3] {
    // OpenID Connect Core §3.1.3.7 rules 7 and 8: the registered algorithm, or else what metadata lists; never `none`.
    let registered = match kind {
        TokenKind::IdToken => client.id_token_signed_response_alg,
        TokenKind::Userinfo => client.userinfo_signed_response_alg.or(client.id_token_signed_response_alg),
    };
    let is_allowed = named_algorithm(header).is_some_and(|algorithm| match registered {
        Some(registered) => algorithm == registered,
        None => !algorithm.is_symmetric() && provider.signs_with(algorithm),
    });
    let expected = registered.map_or("an asymmetric algorithm that the metadata lists", Algorithm::name);
    // RFC 7797 §6: b64 is an extension that crit has to name; alone it is no better.
    let is_plain = header.get("crit").is_none() && header.get("b64").is_none_or(|b64| b64.bool() == Some(true));
    let typ = header.get("typ").map(|typ| typ.str().unwrap_or_default());
    [
        Check::that(Rule::JwsAlg, is_allowed).compared(expected, header.str("alg").map(String::from)),
        Check::that(Rule::JwsCrit, is_plain),
        Check::that(Rule::JwsTyp, typ.is_none_or(is_jwt)).compared("JWT", typ.map(String::from)),
    ]
}

/// RFC 7519 §5.1 and RFC 7515 §4.1.9: letter case and the `application/` prefix are free.
fn is_jwt(typ: &str) -> bool {
    let has_prefix = typ.get(..12).is_some_and(|prefix| prefix.eq_ignore_ascii_case("application/"));
    let subtype = if has_prefix { typ.get(12..).unwrap_or_default() } else { typ };
    subtype.eq_ignore_ascii_case("JWT")
}
