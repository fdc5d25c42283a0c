//! The provider: its addresses, its keys, and its signed ID tokens.

use jsonwebtoken::Algorithm;
use oidc_wasm::wire::base64url::{decode, encode};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPairComponents, PublicKeyComponents};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

pub const ISSUER: &str = "https://op.example";
pub const AUTHORIZATION_ENDPOINT: &str = "https://op.example/authorize";
pub const TOKEN_ENDPOINT: &str = "https://op.example/token";
pub const CLIENT_ID: &str = "s6BhdRkqt3";
pub const REDIRECT_URI: &str = "https://client.example.org/cb";
pub const SUBJECT: &str = "248289761001";
pub const NONCE: &str = "n-0S6_WzA2Mj";

/// The test keys. Two of them sign.
pub struct Signer(Value);

impl Signer {
    pub fn new() -> Self {
        let keys = include_str!("../../tests/vectors/keys.json");
        Self(serde_json::from_str(keys).expect("the test keys are JSON"))
    }

    /// Two keys of each type, so that a library has to choose.
    pub fn jwks(&self) -> String {
        let public = |(name, alg): (&str, &str)| {
            let mut jwk = json!({ "kid": name, "alg": alg, "use": "sig" });
            for member in ["kty", "crv", "x", "y", "n", "e"] {
                if let Some(value) = self.0[name].get(member) {
                    jwk[member] = value.clone();
                }
            }
            jwk
        };
        let names = [("rsa1", "RS256"), ("rsa2", "RS256"), ("p256a", "ES256"), ("p256b", "ES256")];
        json!({ "keys": names.map(public) }).to_string()
    }

    /// An ID token with the present time.
    pub fn id_token(&self, algorithm: Algorithm) -> String {
        let kid = if algorithm == Algorithm::RS256 { "rsa2" } else { "p256b" };
        let now = jsonwebtoken::get_current_timestamp();
        let header = json!({ "alg": algorithm, "typ": "JWT", "kid": kid });
        let claims = json!({
            "iss": ISSUER, "aud": CLIENT_ID, "sub": SUBJECT, "nonce": NONCE, "iat": now, "exp": now + 3600,
            "name": "Jane Doe", "email": "jane@example.com"
        });
        let input = format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
        let signature = self.sign(kid, input.as_bytes());
        format!("{input}.{}", encode(&signature))
    }

    fn sign(&self, kid: &str, input: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let bytes = |member: &str| decode(self.0[kid][member].as_str().expect("a member of the test key")).unwrap();
        if kid.starts_with("p256") {
            let point = [vec![4], bytes("x"), bytes("y")].concat();
            let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
            let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &bytes("d"), &point, &random);
            return pair.unwrap().sign(&random, input).unwrap().as_ref().to_vec();
        }
        let pair = RsaKeyPair::from_components(&KeyPairComponents {
            public_key: PublicKeyComponents { n: bytes("n"), e: bytes("e") },
            d: bytes("d"),
            p: bytes("p"),
            q: bytes("q"),
            dP: bytes("dp"),
            dQ: bytes("dq"),
            qInv: bytes("qi"),
        })
        .unwrap();
        let mut signature = vec![0; pair.public().modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &random, input, &mut signature).unwrap();
        signature
    }
}
