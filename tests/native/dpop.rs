//! Proofs of possession (RFC 9449): the client's own, and those that a resource server receives.

use oidc_wasm::wasm::calls::Call;
use oidc_wasm::{
    Algorithm, DpopExpected, DpopKey, DpopProof, HttpReply, PROOF_ENTROPY, ProofParams, TokenKind, wants_dpop_nonce,
};
use serde_json::{Value, json};

use crate::common::Refusal;
use crate::common::crypto::{Keys, Question};
use crate::common::engine::{Asked, Engine};
use crate::common::relying_party_of;
use crate::common::vectors::{Case, load};

/// A member of the case with filled placeholders.
fn filled(value: &Value, placeholder: &str, text: &str) -> Value {
    serde_json::from_str(&value.to_string().replace(placeholder, text)).unwrap()
}

/// The verdict on a proof: the thumbprint of its key, if it matches its request.
fn proven(case: &Case<'_>, engine: &Engine, token: &str) -> Result<Option<String>, Refusal> {
    let access_token = case.default("access_token").as_str().unwrap();
    let authorization = case.get("authorization").cloned().unwrap_or("DPoP {token}".into());
    let sent = match filled(&authorization, "{token}", access_token).as_str() {
        Some(authorization) => Asked::default().text(authorization),
        None => Asked::default().absent(),
    };
    let sent = if case.get("proof").is_some_and(Value::is_null) { sent.absent() } else { sent.text(token) };
    let mut said = engine.ask(Call::ProofVerification, &sent)?;
    if !said.has_more() {
        return Ok(None);
    }
    let question = Question::read(&mut said);
    assert!(question.input.starts_with(token.split('.').next().unwrap().as_bytes()));
    if !question.is_valid(None) {
        engine.ask(Call::SignatureRefused, &Asked::default().number(TokenKind::DpopProof as u32))?;
    }
    let request = case.get("request").unwrap_or(case.default("request"));
    let mut expected = json!({ "accessToken": access_token, "now": case.default("now") });
    expected["method"] = request["method"].clone();
    expected["url"] = request["url"].clone();
    if let Some(nonce) = case.get("nonce") {
        expected["nonce"] = nonce.clone();
    }
    let asked = Asked::default().text(token).object("ProofMembers", "request", &expected)?;
    let mut said = engine.ask(Call::ProofClaims, &asked)?;
    let (jti, jkt, expires) = (said.text(), said.text(), said.text());
    assert!(!jti.is_empty());
    if let Some(key) = case.get("key") {
        assert_eq!(jkt, key.as_str().unwrap());
    }
    let issued = case.overlaid("claims", "without")["iat"].as_u64().unwrap();
    assert_eq!(expires, (issued + 390).to_string());
    Ok(Some(jkt))
}

fn proof(case: Case<'_>, keys: &Keys) -> Result<Value, Refusal> {
    let engine = Engine::of(&case)?;
    let token = keys.token(&case);
    let key = proven(&case, &engine, &token)?;
    // The key to which the token is bound: by default the proof's key.
    let jwk = case.overlaid("header", "without_header")["jwk"].to_string();
    let jkt = key.clone().unwrap_or_else(|| DpopKey::parse(Algorithm::Es256, &jwk).unwrap().thumbprint());
    let cnf = filled(case.get("cnf").unwrap_or(&json!({ "jkt": "{jkt}" })), "{jkt}", &jkt);
    let claims = json!({ "active": true, "aud": "api", "cnf": cnf }).to_string();
    let expected = json!({ "audience": "api", "now": case.default("now") });
    let asked = Asked::default().text(&claims).object("AccessTokenMembers", "expected", &expected)?;
    engine.ask(
        Call::Introspected,
        &match key {
            Some(key) => asked.text(&key),
            None => asked.absent(),
        },
    )?;
    if case.get("replayed") == Some(&true.into()) {
        engine.ask(Call::ProofReplayed, &Asked::default())?;
    }
    Ok(true.into())
}

#[test]
fn dpop_vectors() {
    let keys = Keys::load();
    load("dpop").run(|case| proof(case, &keys));
}

#[test]
fn own_proof_is_valid_only_with_its_request() {
    let keys = Keys::load();
    let cases = load("dpop");
    let case = cases.cases().nth(1).unwrap();
    let engine = Engine::of(&case).unwrap();
    let mut jwk = keys.public("p256b");
    jwk.as_object_mut().unwrap().shift_remove("kid");
    let key = DpopKey::parse(Algorithm::Es256, &jwk.to_string()).unwrap();
    let params = ProofParams {
        method: "POST",
        url: "https://api.example/a?b#c",
        access_token: Some("token"),
        nonce: Some("nonce"),
    };
    let unsigned = key.proof(&params, case.now(), &[7; PROOF_ENTROPY]);
    assert_eq!(unsigned.algorithm(), Algorithm::Es256);
    let signature = keys.signature("ES256", "p256b", unsigned.signing_input().as_bytes());
    let proof = unsigned.sign(&signature);
    let judged = |method: &str, url: &str, token: &str, nonce: &str| {
        let expected = json!({
            "method": method, "url": url, "accessToken": token, "nonce": nonce, "now": case.default("now"),
        });
        let asked = Asked::default().text(&proof).object("ProofMembers", "request", &expected)?;
        let mut said = engine.ask(Call::ProofClaims, &asked)?;
        said.text();
        Ok::<_, Refusal>(said.text())
    };
    let code = |outcome: Result<String, Refusal>| match outcome {
        Err(Refusal::Engine(error)) => error.code(),
        other => panic!("{other:?}"),
    };
    assert_eq!(judged("POST", "https://api.example/a", "token", "nonce").unwrap(), key.thumbprint());
    assert_eq!(code(judged("GET", "https://api.example/a", "token", "nonce")), "dpop.htm");
    assert_eq!(code(judged("POST", "https://api.example/b", "token", "nonce")), "dpop.htu");
    assert_eq!(code(judged("POST", "https://api.example/a", "other", "nonce")), "dpop.ath");
    assert_eq!(code(judged("POST", "https://api.example/a", "token", "other")), "dpop.nonce");
}

#[test]
fn a_verified_signature_counts_only_for_its_own_proof() {
    const URL: &str = "https://api.example/a";
    let keys = Keys::load();
    let cases = load("dpop");
    let case = cases.cases().nth(1).unwrap();
    let (rp, now) = (relying_party_of(&case), case.now());
    let key = DpopKey::parse(Algorithm::Es256, &keys.public("p256b").to_string()).unwrap();
    let params = ProofParams { method: "GET", url: URL, access_token: Some("token"), nonce: None };
    let [one, other] = [7, 8].map(|byte| {
        let unsigned = key.proof(&params, now, &[byte; PROOF_ENTROPY]);
        let signature = keys.signature("ES256", "p256b", unsigned.signing_input().as_bytes());
        unsigned.sign(&signature)
    });
    let proof = DpopProof::parse(&one).unwrap();
    let verified = proof.verification().unwrap().conclude(true).unwrap();
    let expected = DpopExpected { method: "GET", url: URL, access_token: "token", nonces: &[] };
    let judged = |token: &str| DpopProof::parse(token).unwrap().claims(&rp, verified, &expected, now);
    assert_eq!(judged(&one).unwrap(), proof.claims(&rp, verified, &expected, now).unwrap());
    let error = judged(&other).unwrap_err();
    assert_eq!((&*error.code(), &*error.oauth().unwrap().error), ("jws.signature", "invalid_dpop_proof"));
}

#[test]
fn an_unsuitable_key_makes_no_proofs() {
    let keys = Keys::load();
    let public = |name: &str| keys.public(name).to_string();
    assert!(DpopKey::parse(Algorithm::EdDsa, &public("ed25519")).is_ok());
    for (algorithm, jwk) in [
        (Algorithm::Es256, public("p384")),
        (Algorithm::Rs256, public("rsa1024")),
        (Algorithm::Hs256, r#"{"kty":"oct","k":"c2VjcmV0"}"#.to_owned()),
        (Algorithm::Es256, "{}".to_owned()),
        (Algorithm::Es256, String::new()),
    ] {
        assert_eq!(DpopKey::parse(algorithm, &jwk).unwrap_err().code(), "argument.dpop", "{jwk}");
    }
}

#[test]
fn a_proof_counts_only_with_the_scheme_dpop() {
    let cases = load("dpop");
    let case = cases.cases().nth(1).unwrap();
    let engine = Engine::of(&case).unwrap();
    let proof = Keys::load().token(&case);
    let is_read = |asked: Asked| engine.ask(Call::ProofVerification, &asked).map(|said| said.has_more());
    for scheme in ["DPoP x", "dpop x", "DPOP"] {
        assert!(is_read(Asked::default().text(scheme).text(&proof)).unwrap(), "{scheme}");
        match is_read(Asked::default().text(scheme).absent()) {
            Err(Refusal::Engine(error)) => {
                assert_eq!((&*error.code(), error.detail().status), ("dpop.proof", Some(401)));
            }
            other => panic!("{other:?}"),
        }
    }
    for scheme in ["Bearer x", "DPoPx y", ""] {
        assert!(!is_read(Asked::default().text(scheme).text(&proof)).unwrap(), "{scheme}");
    }
    assert!(!is_read(Asked::default().absent().text(&proof)).unwrap());
}

#[test]
fn the_token_type_decides_the_scheme_at_a_resource() {
    const URL: &str = "https://api.example/x?y#z";
    let cases = load("dpop");
    let case = cases.cases().next().unwrap();
    let asked = |client: Value, url: &str, token_type: &str, token: &str| {
        let engine = Engine::new(&case.provider(), &client, case.now()).unwrap();
        let asked = Asked::default().text(url).text(token_type).text(token);
        engine.ask(Call::ResourceAuthorization, &asked).map(|mut said| said.text()).map_err(|refusal| match refusal {
            Refusal::Engine(error) => error.code().into_owned(),
            Refusal::Argument(name) => name,
        })
    };
    let with_key = || json!({ "clientId": "api", "dpop": true });
    let without = || json!({ "clientId": "api" });
    assert_eq!(asked(with_key(), URL, "dpop", "a.b").unwrap(), "DPoP a.b");
    assert_eq!(asked(with_key(), URL, "BEARER", "a.b").unwrap(), "Bearer a.b");
    assert_eq!(asked(without(), URL, "Bearer", "a.b").unwrap(), "Bearer a.b");
    assert_eq!(asked(without(), URL, "DPoP", "a.b").unwrap_err(), "token.token_type");
    assert_eq!(asked(with_key(), URL, "mac", "a.b").unwrap_err(), "token.token_type");
    assert_eq!(asked(with_key(), URL, "DPoP", "a b").unwrap_err(), "argument.access_token");
    assert_eq!(asked(with_key(), "http://localhost:3000/", "DPoP", "a").unwrap(), "DPoP a");
    for url in ["http://api.example/", "ftp://api.example/", "/x", "data:,x"] {
        assert_eq!(asked(with_key(), url, "DPoP", "a").unwrap_err(), "argument.input", "{url}");
    }
}

/// RFC 9449 §8 and §9, figures 20 and 22.
#[test]
fn a_server_requires_a_nonce_in_one_of_two_ways() {
    const BODY: &str =
        r#"{"error":"use_dpop_nonce","error_description":"Authorization server requires nonce in DPoP proof"}"#;
    const CHALLENGE: &str =
        r#"DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof""#;
    let wants = |status, www_authenticate, body: &'static str| {
        let reply = HttpReply { status, www_authenticate, body: body.as_bytes(), ..HttpReply::default() };
        wants_dpop_nonce(&reply)
    };
    assert!(wants(400, None, BODY));
    assert!(wants(401, Some(CHALLENGE), ""));
    assert!(wants(401, Some(&*format!(r#"Bearer realm="x", {CHALLENGE}"#).leak()), ""));
    assert!(!wants(200, None, BODY));
    assert!(!wants(400, Some(CHALLENGE), ""));
    assert!(!wants(401, Some(r#"Bearer error="use_dpop_nonce""#), ""));
    assert!(!wants(400, None, r#"{"error":"invalid_dpop_proof"}"#));
}
