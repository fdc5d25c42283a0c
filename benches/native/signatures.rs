//! The engine and jsonwebtoken both use ring, so only their own work differs. openidconnect has its own cryptography.

use std::collections::HashMap;

use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::signature::{Error, Verifier};
use jsonwebtoken::{DecodingKey, DecodingKeyKind};
use oidc_wasm::wire::base64url::decode;
use oidc_wasm::{Algorithm, Jwks, Verification};
use ring::signature::{ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::Value;

/// A key in ring's form.
enum Key {
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
    P256(UnparsedPublicKey<Vec<u8>>),
}

/// The provider's keys, read once, like jsonwebtoken's.
pub struct Keys(HashMap<String, Key>);

impl Keys {
    pub fn new(jwks: &Jwks) -> Self {
        let keys = (0..jwks.len()).filter_map(|index| jwks.get(index)).map(|key| {
            let jwk: Value = serde_json::from_str(key.json()).unwrap();
            let member = |name: &str| decode(jwk[name].as_str().unwrap()).unwrap();
            let public = if jwk["kty"] == "RSA" {
                Key::Rsa(RsaPublicKeyComponents { n: member("n"), e: member("e") })
            } else {
                let point = [vec![4], member("x"), member("y")].concat();
                Key::P256(UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point))
            };
            (key.kid().unwrap().to_owned(), public)
        });
        Self(keys.collect())
    }

    /// The host's result for the engine's question.
    pub fn verify(&self, question: &Verification<'_, '_>) -> bool {
        let (input, signature) = (question.signing_input(), question.signature());
        match (question.algorithm(), question.key().and_then(|key| self.0.get(key.kid()?))) {
            (Algorithm::Rs256, Some(Key::Rsa(key))) => {
                key.verify(&RSA_PKCS1_2048_8192_SHA256, input, signature).is_ok()
            }
            (Algorithm::Es256, Some(Key::P256(key))) => key.verify(input, signature).is_ok(),
            _ => false,
        }
    }
}

static RING: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(ErrorKind::InvalidAlgorithm.into()),
    verifier_factory: |&algorithm, key| Ok(Box::new(RingVerifier { algorithm, key: key.clone() })),
    key_utils: KeyUtils::new_unimplemented(),
};

/// From now on, jsonwebtoken verifies with ring.
pub fn install() {
    RING.install_default().expect("it is installed once");
}

/// With this key, jsonwebtoken accepts every signature, as the engine does if its host accepts them.
pub fn credulous_key() -> DecodingKey {
    DecodingKey::from_ec_der(&[])
}

/// It owns a key, like jsonwebtoken's own verifiers.
struct RingVerifier {
    algorithm: jsonwebtoken::Algorithm,
    key: DecodingKey,
}

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, input: &[u8], signature: &Vec<u8>) -> Result<(), Error> {
        let verified = match (self.algorithm, self.key.kind()) {
            (_, DecodingKeyKind::SecretOrDer(nothing)) if nothing.is_empty() => Ok(()),
            (jsonwebtoken::Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, input, signature)
            }
            (jsonwebtoken::Algorithm::ES256, DecodingKeyKind::SecretOrDer(point)) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(input, signature)
            }
            _ => Err(ring::error::Unspecified),
        };
        verified.map_err(|_| Error::new())
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> jsonwebtoken::Algorithm {
        self.algorithm
    }
}
