//! The ID token (OpenID Connect Core §3.1.3.7): structure, choice of the key, signature, claims. The keys are already read. Each
//! library reads the time from the clock.

use std::collections::HashMap;

use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, get_current_timestamp};
use oidc_wasm::{IdTokenExpected, Jwks, NumericDate, RelyingParty, Verification};
use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{ClientId, IssuerUrl, Nonce};
use serde::Deserialize;

use crate::bench::Bench;
use crate::login::relying_party;
use crate::provider::{CLIENT_ID, ISSUER, NONCE, SUBJECT, Signer};
use crate::signatures::{self, Keys};

pub fn compare(bench: &mut Bench) {
    signatures::install();
    let provider = Signer::new();
    let jwks = provider.jwks();
    let engine = Engine::new(&jwks);
    let ring = Keys::new(&engine.jwks);
    let verifier = verifier(&jwks);
    let is_done = |subject: &String| subject == SUBJECT;

    for (task, algorithm) in [("ID token, RS256", Algorithm::RS256), ("ID token, ES256", Algorithm::ES256)] {
        let token = provider.id_token(algorithm);
        let decoder = Decoder::new(&jwks, algorithm);
        bench.compare(
            task,
            is_done,
            &|| engine.subject(&token, |question| ring.verify(question)),
            &[
                ("openidconnect", &|| subject_by_openidconnect(&token, &verifier)),
                ("jsonwebtoken", &|| decoder.subject(&token)),
            ],
        );
    }

    let token = provider.id_token(Algorithm::ES256);
    let decoder = Decoder::credulous(&jwks, Algorithm::ES256);
    let verifier = verifier.insecure_disable_signature_check();
    bench.compare(
        "ID token, signature taken for good",
        is_done,
        &|| engine.subject(&token, |_| true),
        &[
            ("openidconnect", &|| subject_by_openidconnect(&token, &verifier)),
            ("jsonwebtoken", &|| decoder.subject(&token)),
        ],
    );
}

struct Engine {
    rp: RelyingParty,
    jwks: Jwks,
}

impl Engine {
    fn new(jwks: &str) -> Self {
        Self { rp: relying_party(), jwks: Jwks::parse(jwks.as_bytes()).unwrap() }
    }

    fn subject(&self, token: &str, verify: impl Fn(&Verification<'_, '_>) -> bool) -> String {
        let jws = self.rp.id_token(token).unwrap();
        let question = jws.verification(&self.jwks).unwrap();
        let is_valid = verify(&question);
        let verified = question.conclude(is_valid).unwrap();
        let expected = IdTokenExpected { nonce: Some(NONCE), ..IdTokenExpected::default() };
        let now = NumericDate::from_seconds(get_current_timestamp().try_into().unwrap());
        self.rp.claims(verified, &expected, now).unwrap().subject().to_owned()
    }
}

fn verifier(jwks: &str) -> CoreIdTokenVerifier<'static> {
    let jwks: CoreJsonWebKeySet = serde_json::from_str(jwks).unwrap();
    let (client_id, issuer) = (ClientId::new(CLIENT_ID.to_owned()), IssuerUrl::new(ISSUER.to_owned()).unwrap());
    CoreIdTokenVerifier::new_public_client(client_id, issuer, jwks)
        .set_allowed_algs([CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, CoreJwsSigningAlgorithm::EcdsaP256Sha256])
}

fn subject_by_openidconnect(token: &str, verifier: &CoreIdTokenVerifier<'_>) -> String {
    let token: CoreIdToken = token.parse().unwrap();
    let claims = token.claims(verifier, &Nonce::new(NONCE.to_owned())).unwrap();
    claims.subject().as_str().to_owned()
}

/// jsonwebtoken, with the steps that it leaves to its users: the choice of the key and the nonce.
struct Decoder {
    keys: HashMap<String, DecodingKey>,
    validation: Validation,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    nonce: String,
}

impl Decoder {
    fn new(jwks: &str, algorithm: Algorithm) -> Self {
        let jwks: JwkSet = serde_json::from_str(jwks).unwrap();
        let named = |jwk: &Jwk| (jwk.common.key_id.clone().unwrap(), DecodingKey::from_jwk(jwk).unwrap());
        let keys = jwks.keys.iter().map(named).collect();
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[CLIENT_ID]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        Self { keys, validation }
    }

    fn credulous(jwks: &str, algorithm: Algorithm) -> Self {
        let mut decoder = Self::new(jwks, algorithm);
        decoder.keys.values_mut().for_each(|key| *key = signatures::credulous_key());
        decoder
    }

    fn subject(&self, token: &str) -> String {
        let kid = decode_header(token).unwrap().kid.unwrap();
        let claims: Claims = decode(token, &self.keys[&kid], &self.validation).unwrap().claims;
        assert_eq!(claims.nonce, NONCE);
        claims.sub
    }
}
