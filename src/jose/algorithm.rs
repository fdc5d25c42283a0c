//! Signature algorithms as one table (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2).

use serde::{Deserialize, Serialize};

/// The kind of key that an algorithm signs with (RFC 7518 §6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyType {
    Rsa,
    P256,
    P384,
    P521,
    Ed25519,
    Secret,
}

impl KeyType {
    /// Bytes of one coordinate of a point. 0 for other keys than those of ECDSA.
    pub(crate) fn coordinate(self) -> usize {
        match self {
            KeyType::P256 => 32,
            KeyType::P384 => 48,
            KeyType::P521 => 66,
            KeyType::Rsa | KeyType::Ed25519 | KeyType::Secret => 0,
        }
    }
}

/// The hash of an algorithm, also used for `at_hash` and `c_hash` (OpenID Connect Core §3.1.3.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Hash::Sha256 => 32,
            Hash::Sha384 => 48,
            Hash::Sha512 => 64,
        }
    }
}

macro_rules! algorithms {
    ($($(#[$doc:meta])* $variant:ident, $name:literal, $key:expr, $hash:ident;)*) => {
        /// A supported signature algorithm (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). `none` is not supported.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Algorithm {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        const ALGORITHMS: &[(&str, Algorithm, KeyType, Hash)] =
            &[$(($name, Algorithm::$variant, $key, Hash::$hash),)*];

        impl Algorithm {
            /// Every algorithm, in the order of its number.
            pub const ALL: &'static [Algorithm] = &[$(Algorithm::$variant,)*];
        }
    };
}

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
    Es256, "ES256", KeyType::P256, Sha256;
    /// ECDSA on P-384 with SHA-384
    Es384, "ES384", KeyType::P384, Sha384;
    /// ECDSA on P-521 with SHA-512
    Es512, "ES512", KeyType::P521, Sha512;
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

    pub(crate) const fn bit(self) -> u32 {
        1 << self as u32
    }

    pub(crate) fn key_type(self) -> KeyType {
        self.row().2
    }

    pub(crate) fn hash(self) -> Hash {
        self.row().3
    }

    fn row(self) -> &'static (&'static str, Algorithm, KeyType, Hash) {
        const FIRST: (&str, Algorithm, KeyType, Hash) = ("RS256", Algorithm::Rs256, KeyType::Rsa, Hash::Sha256);
        ALGORITHMS.get(self as usize).unwrap_or(&FIRST)
    }
}
