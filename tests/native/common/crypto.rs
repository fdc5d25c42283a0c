//! Signatures by ring: the host of the native tests, and the provider that signs.

use oidc_wasm::wire::base64url::{decode, encode};
use oidc_wasm::wire::form::Form;
use oidc_wasm::{
    ASSERTION_ENTROPY, Algorithm, HttpRequest, Jwk, Jwks, Jws, RelyingParty, Secret, SignedAssertion, Verification,
};
use ring::rand::SystemRandom;
use ring::signature::{
    self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaEncoding, RsaKeyPair, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use ring::{hmac, rsa};
use serde_json::{Map, Value};

use super::relying_party;
use super::vectors::{self, Case};

/// The test keys of `keys.json`.
pub(crate) struct Keys(Value);

impl Keys {
    pub(crate) fn load() -> Keys {
        Keys(vectors::read("keys"))
    }

    pub(crate) fn secret(&self) -> &str {
        self.0["secret"].as_str().unwrap()
    }

    /// The public half.
    pub(crate) fn public(&self, name: &str) -> Value {
        let key = self.0[name].as_object().unwrap();
        let members = ["kty", "kid", "crv", "x", "y", "n", "e"].iter();
        members.filter_map(|&member| Some((member.to_owned(), key.get(member)?.clone()))).collect::<Map<_, _>>().into()
    }

    /// Every public key that is strong enough.
    pub(crate) fn set(&self) -> Value {
        let names = self.0.as_object().unwrap().iter().filter(|(name, key)| key.is_object() && *name != "rsa1024");
        serde_json::json!({ "keys": names.map(|(name, _)| self.public(name)).collect::<Vec<_>>() })
    }

    /// A compact JWS. `key` is a name of `keys.json` or `none`; without one, the algorithm's own.
    pub(crate) fn sign(&self, header: &str, payload: &str, key: Option<&str>) -> String {
        let alg =
            serde_json::from_str::<Value>(header).ok().and_then(|header| Some(header["alg"].as_str()?.to_owned()));
        let alg = alg.unwrap_or_default();
        let key = key.unwrap_or(match alg.as_str() {
            "ES256" => "p256a",
            "ES384" => "p384",
            "ES512" => "p521",
            "EdDSA" | "Ed25519" => "ed25519",
            "HS256" | "HS384" | "HS512" => "secret",
            _ => "rsa1",
        });
        let input = format!("{}.{}", encode(header.as_bytes()), encode(payload.as_bytes()));
        let signature = self.signature(&alg, key, input.as_bytes());
        format!("{input}.{}", encode(&signature))
    }

    /// What a host makes of a client's assertion.
    pub(crate) fn assertion(&self, case: &Case<'_>, rp: &RelyingParty) -> Option<SignedAssertion> {
        let client = case.client();
        let key = client["auth"]["key"].as_str().unwrap_or("secret");
        let assertion = rp.client_assertion(case.now(), &[9; ASSERTION_ENTROPY])?;
        let signature = self.signature(assertion.algorithm().name(), key, assertion.signing_input().as_bytes());
        Some(assertion.sign(&signature))
    }

    /// A request as its case writes it, with `{assertion}` for an assertion that says what the case says.
    pub(crate) fn shown(&self, case: &Case<'_>, rp: &RelyingParty, request: &HttpRequest) -> Value {
        let mut shown: Value = serde_json::from_str(&request.to_json()).unwrap();
        let body = request.body.as_deref().unwrap_or_default();
        if let (Some(expected), Some(jwt)) = (case.get("assertion"), Form::parse(body).get("client_assertion")) {
            let parts: Vec<&str> = jwt.split('.').collect();
            let json = |part| serde_json::from_slice::<Value>(&decode(part).unwrap()).unwrap();
            let now = serde_json::json!({ "jti": encode(&[9; ASSERTION_ENTROPY]), "iat": case.default("now") });
            let mut claims = vectors::merged(&expected["claims"], Some(&now));
            claims["exp"] = (now["iat"].as_u64().unwrap() + 60).into();
            assert_eq!((json(parts[0]), json(parts[1])), (expected["header"].clone(), claims), "{}", case.name());
            self.assert_signed(case, rp, jwt);
            shown["body"] = body.replace(jwt, "{assertion}").into();
        }
        shown
    }

    /// A provider of the same keys accepts what the client signed.
    fn assert_signed(&self, case: &Case<'_>, rp: &RelyingParty, jwt: &str) {
        let provider = serde_json::json!({ "issuer": "https://client.example", "id_token_signing_alg_values_supported": ["RS256", "PS256", "ES256", "EdDSA"] });
        let mut client = serde_json::json!({ "clientId": "x" });
        let secret = rp.client().secret().map(Secret::expose);
        if let Some(secret) = secret {
            client["auth"] = serde_json::json!({ "method": "client_secret_basic", "secret": secret });
            client["idTokenSignedResponseAlg"] = "HS256".into();
        }
        let reader = relying_party(&provider, &client).unwrap().unwrap();
        let jws = reader.id_token(jwt).unwrap();
        let name = case.client()["auth"]["key"].as_str().unwrap_or("rsa1").to_owned();
        let mut key = self.public(&name);
        key.as_object_mut().unwrap().shift_remove("kid");
        if let Some(kid) = jws.kid() {
            key["kid"] = kid.into();
        }
        assert!(judged(&jws, &set_of(&key), secret).is_ok(), "{}", case.name());
    }

    fn signature(&self, alg: &str, key: &str, input: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let bytes = |member: &str| decode(self.0[key][member].as_str().unwrap()).unwrap();
        match key {
            "none" => Vec::new(),
            "secret" => {
                let algorithm = match alg {
                    "HS384" => hmac::HMAC_SHA384,
                    "HS512" => hmac::HMAC_SHA512,
                    _ => hmac::HMAC_SHA256,
                };
                hmac::sign(&hmac::Key::new(algorithm, self.secret().as_bytes()), input).as_ref().to_vec()
            }
            // ring knows neither P-521 nor short RSA keys: a signature of the right length stands in.
            "p521" => vec![1; 132],
            "rsa1024" => vec![1; 128],
            "rsa1" | "rsa2" => {
                let padding: &dyn RsaEncoding = match alg {
                    "RS384" => &signature::RSA_PKCS1_SHA384,
                    "RS512" => &signature::RSA_PKCS1_SHA512,
                    "PS256" => &signature::RSA_PSS_SHA256,
                    "PS384" => &signature::RSA_PSS_SHA384,
                    "PS512" => &signature::RSA_PSS_SHA512,
                    _ => &signature::RSA_PKCS1_SHA256,
                };
                let pair = RsaKeyPair::from_components(&rsa::KeyPairComponents {
                    public_key: rsa::PublicKeyComponents { n: bytes("n"), e: bytes("e") },
                    d: bytes("d"),
                    p: bytes("p"),
                    q: bytes("q"),
                    dP: bytes("dp"),
                    dQ: bytes("dq"),
                    qInv: bytes("qi"),
                })
                .unwrap();
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(padding, &random, input, &mut signature).unwrap();
                signature
            }
            "ed25519" | "ed25519b" => {
                let pair = Ed25519KeyPair::from_seed_and_public_key(&bytes("d"), &bytes("x")).unwrap();
                assert_eq!(pair.public_key().as_ref(), bytes("x"));
                pair.sign(input).as_ref().to_vec()
            }
            _ => {
                let algorithm = match key {
                    "p384" => &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
                    _ => &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
                };
                let point = point(&bytes("x"), &bytes("y"));
                let pair =
                    EcdsaKeyPair::from_private_key_and_public_key(algorithm, &bytes("d"), &point, &random).unwrap();
                pair.sign(&random, input).unwrap().as_ref().to_vec()
            }
        }
    }
}

fn point(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[4], x, y].concat()
}

/// Verifies with the chosen key, or with the client secret. `None` where ring lacks the curve.
pub(crate) fn verify(question: &Verification<'_>, secret: Option<&str>) -> Option<bool> {
    let (input, signature) = (question.signing_input(), question.signature());
    let key = question.key().map(|key| serde_json::from_str::<Value>(key.json()).unwrap());
    let bytes = |member: &str| decode(key.as_ref().unwrap()[member].as_str().unwrap()).unwrap();
    let rsa = |parameters| {
        RsaPublicKeyComponents { n: bytes("n"), e: bytes("e") }.verify(parameters, input, signature).is_ok()
    };
    let ecdsa =
        |algorithm| UnparsedPublicKey::new(algorithm, point(&bytes("x"), &bytes("y"))).verify(input, signature).is_ok();
    let mac =
        |algorithm| hmac::verify(&hmac::Key::new(algorithm, secret.unwrap().as_bytes()), input, signature).is_ok();
    Some(match question.algorithm() {
        Algorithm::Rs256 => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => rsa(&signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => rsa(&signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => rsa(&signature::RSA_PSS_2048_8192_SHA512),
        Algorithm::Es256 => ecdsa(&signature::ECDSA_P256_SHA256_FIXED),
        Algorithm::Es384 => ecdsa(&signature::ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDsa | Algorithm::Ed25519 => {
            UnparsedPublicKey::new(&signature::ED25519, bytes("x")).verify(input, signature).is_ok()
        }
        Algorithm::Hs256 => mac(hmac::HMAC_SHA256),
        Algorithm::Hs384 => mac(hmac::HMAC_SHA384),
        Algorithm::Hs512 => mac(hmac::HMAC_SHA512),
        _ => return None,
    })
}

/// The answer of a host to one token: verified, or the error.
pub(crate) fn judged<'a>(
    jws: &'a Jws,
    keys: &'a Jwks,
    secret: Option<&str>,
) -> Result<oidc_wasm::Verified<'a>, oidc_wasm::Error> {
    let question = jws.verification(keys)?;
    let is_valid = verify(&question, secret).unwrap_or_else(|| question.signature() == [1; 132]);
    question.conclude(is_valid)
}

/// The key's own set.
pub(crate) fn set_of(jwk: &Value) -> Jwks {
    Jwks::parse(serde_json::json!({ "keys": [jwk] }).to_string().as_bytes()).unwrap()
}

/// The public key as the engine kept it.
pub(crate) fn kept(key: &Jwk) -> Value {
    serde_json::from_str(key.json()).unwrap()
}
