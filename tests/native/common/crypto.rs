//! Signatures by ring, and by p521 for the curve that ring lacks: the host of the native tests, and
//! the signing provider.

use oidc_wasm::wasm::calls::Call;
use oidc_wasm::wire::base64url::{decode, encode};
use oidc_wasm::wire::form::Form;
use oidc_wasm::{ASSERTION_ENTROPY, Algorithm, Jwk, Jwks, Jws, TokenKind, Verification, Verified};
use p521::ecdsa::signature::{Signer as _, Verifier as _};
use p521::ecdsa::{Signature, SigningKey, VerifyingKey};
use ring::rand::SystemRandom;
use ring::signature::{
    self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaEncoding, RsaKeyPair, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use ring::{hmac, rsa};
use serde_json::{Map, Value, json};

use super::engine::{Asked, Engine, Said};
use super::vectors::{self, Case};
use super::{ENTROPY, Login, Refusal};

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
        json!({ "keys": names.map(|(name, _)| self.public(name)).collect::<Vec<_>>() })
    }

    /// A compact JWS. `key` is a name in `keys.json` or `none`. The default is the algorithm's own
    /// key.
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

    /// The signed token of a case: a good one of its header and claims, or a changed one.
    pub(crate) fn token(&self, case: &Case<'_>) -> String {
        self.token_of(case, None)
    }

    /// The same for a token that answers a login.
    pub(crate) fn token_of(&self, case: &Case<'_>, login: Option<&Login>) -> String {
        let text = |member| case.get(member).and_then(Value::as_str).map(str::to_owned);
        let header = || Value::from(case.overlaid("header", "without_header")).to_string();
        let claims = || Value::from(case.overlaid("claims", "without")).to_string();
        let header = text("header_text").unwrap_or_else(header);
        let payload = text("payload").unwrap_or_else(claims);
        let payload = login.map_or(payload.clone(), |login| login.fill(&payload));
        let good = self.sign(&header, &payload, case.get("sign_with").and_then(Value::as_str));
        let mut parts = good.split('.');
        let mut next = || parts.next().unwrap();
        let (header, payload, signature) = (next(), next(), next());
        text("token").map_or(good.clone(), |template| {
            template.replace("{header}", header).replace("{payload}", payload).replace("{signature}", signature)
        })
    }

    /// Adds the client authentication to a request: an assertion that its host signs.
    pub(crate) fn proven(
        &self,
        case: &Case<'_>,
        engine: &Engine,
        request: Call,
        asked: Asked,
    ) -> Result<Asked, Refusal> {
        let mut wanted = engine.ask(Call::ClientAssertion, &Asked::default().number(request as u32))?;
        if !wanted.has_more() {
            return Ok(asked.absent());
        }
        let (alg, input) = (wanted.text(), wanted.text());
        let key = case.client()["auth"]["key"].as_str().unwrap_or("secret").to_owned();
        Ok(asked.text(&input).with_body(self.signature(&alg, &key, input.as_bytes())))
    }

    /// Replaces an assertion by `{assertion}` if it has the case's values.
    pub(crate) fn show_assertion(&self, case: &Case<'_>, engine: &Engine, request: &mut Value) {
        let body = request["body"].as_str().unwrap_or_default().to_owned();
        let Some((expected, jwt)) = case.get("assertion").zip(Form::parse(&body).get("client_assertion")) else {
            return;
        };
        let parts: Vec<&str> = jwt.split('.').collect();
        let json = |part| serde_json::from_slice::<Value>(&decode(part).unwrap()).unwrap();
        let now = case.default("now").as_u64().unwrap();
        let tolerance = case.client()["clockTolerance"].as_u64().unwrap_or(30);
        let own = json!({ "jti": encode(&ENTROPY[..ASSERTION_ENTROPY]), "iat": now - tolerance, "exp": now + 60 });
        let claims = vectors::merged(&expected["claims"], Some(&own));
        assert_eq!((json(parts[0]), json(parts[1])), (expected["header"].clone(), claims), "{}", case.name());
        self.assert_signed(case, engine, &jwt);
        request["body"] = body.replace(&*jwt, "{assertion}").into();
    }

    /// A provider with the same keys accepts the client's signature.
    fn assert_signed(&self, case: &Case<'_>, engine: &Engine, jwt: &str) {
        let algorithms = ["RS256", "PS256", "ES256", "EdDSA"];
        let provider =
            json!({ "issuer": "https://client.example", "id_token_signing_alg_values_supported": algorithms });
        let mut client = json!({ "clientId": "x" });
        if let Some(secret) = engine.secret() {
            client["auth"] = json!({ "method": "client_secret_basic", "secret": secret });
            client["idTokenSignedResponseAlg"] = "HS256".into();
        }
        let mut key = self.public(case.client()["auth"]["key"].as_str().unwrap_or("rsa1"));
        key["kid"] = case.client()["auth"]["kid"].clone();
        let key = vectors::merged(&json!({}), Some(&key));
        let reader = Engine::new(&provider, &client, case.now()).unwrap().with_keys(&json!({ "keys": [key] })).unwrap();
        assert!(reader.verify(TokenKind::IdToken, jwt).is_ok(), "{}", case.name());
    }

    pub(crate) fn signature(&self, alg: &str, key: &str, input: &[u8]) -> Vec<u8> {
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
            // ring does not support P-521.
            "p521" => {
                let signature: Signature = SigningKey::from_slice(&bytes("d")).unwrap().sign(input);
                signature.to_bytes().to_vec()
            }
            // ring does not sign with a short RSA key either. These bytes of the right length
            // verify as false.
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

/// A signature to verify, as the engine requests it.
pub(crate) struct Question {
    algorithm: Algorithm,
    /// None for the client secret.
    pub(crate) key: Option<Value>,
    signature: Vec<u8>,
    pub(crate) input: Vec<u8>,
}

impl Question {
    pub(crate) fn of(question: &Verification<'_, '_>) -> Question {
        Question {
            algorithm: question.algorithm(),
            key: question.key().map(kept),
            signature: question.signature().to_vec(),
            input: question.signing_input().to_vec(),
        }
    }

    pub(crate) fn read(said: &mut Said) -> Question {
        let algorithm = Algorithm::ALL[said.number() as usize];
        let (place, key) = (said.number(), said.optional());
        assert_eq!(place > 0, key.is_some(), "a key of the set has a position in it");
        Question {
            algorithm,
            key: key.map(|json| serde_json::from_str(&json).unwrap()),
            signature: said.optional_bytes().unwrap(),
            input: said.optional_bytes().unwrap(),
        }
    }

    pub(crate) fn is_valid(&self, secret: Option<&str>) -> bool {
        let (input, signature) = (&*self.input, &*self.signature);
        let bytes = |member: &str| decode(self.key.as_ref().unwrap()[member].as_str().unwrap()).unwrap();
        let rsa = |parameters| {
            RsaPublicKeyComponents { n: bytes("n"), e: bytes("e") }.verify(parameters, input, signature).is_ok()
        };
        let ecdsa = |algorithm| {
            UnparsedPublicKey::new(algorithm, point(&bytes("x"), &bytes("y"))).verify(input, signature).is_ok()
        };
        let mac =
            |algorithm| hmac::verify(&hmac::Key::new(algorithm, secret.unwrap().as_bytes()), input, signature).is_ok();
        match self.algorithm {
            Algorithm::Rs256 => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
            Algorithm::Rs384 => rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
            Algorithm::Rs512 => rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
            Algorithm::Ps256 => rsa(&signature::RSA_PSS_2048_8192_SHA256),
            Algorithm::Ps384 => rsa(&signature::RSA_PSS_2048_8192_SHA384),
            Algorithm::Ps512 => rsa(&signature::RSA_PSS_2048_8192_SHA512),
            Algorithm::Es256 => ecdsa(&signature::ECDSA_P256_SHA256_FIXED),
            Algorithm::Es384 => ecdsa(&signature::ECDSA_P384_SHA384_FIXED),
            Algorithm::Es512 => {
                let key = VerifyingKey::from_sec1_bytes(&point(&bytes("x"), &bytes("y"))).unwrap();
                Signature::from_slice(signature).is_ok_and(|signature| key.verify(input, &signature).is_ok())
            }
            Algorithm::EdDsa | Algorithm::Ed25519 => {
                UnparsedPublicKey::new(&signature::ED25519, bytes("x")).verify(input, signature).is_ok()
            }
            Algorithm::Hs256 => mac(hmac::HMAC_SHA256),
            Algorithm::Hs384 => mac(hmac::HMAC_SHA384),
            Algorithm::Hs512 => mac(hmac::HMAC_SHA512),
            other => panic!("no test verifies {}", other.name()),
        }
    }
}

/// A token with a verified signature, or the error.
pub(crate) fn judged<'a, 't>(
    jws: &'a Jws<'t>,
    keys: &'a Jwks,
    secret: Option<&str>,
) -> Result<Verified<'a, 't>, oidc_wasm::Error> {
    let verification = jws.verification(keys)?;
    verification.conclude(Question::of(&verification).is_valid(secret))
}

/// The public key in the engine's form.
pub(crate) fn kept(key: &Jwk) -> Value {
    serde_json::from_str(key.json()).unwrap()
}
