//! Room `jose`: published tokens down to the bytes that are signed, the one key that fits, and what the host may make of a signature.

use oidc_wasm::wire::base64url::{decode, encode};
use oidc_wasm::{Error, Jwks, NumericDate, Rule, TokenKind};
use serde_json::{Value, json};

use crate::common::crypto::{Keys, judged, kept};
use crate::common::engine::Engine;
use crate::common::vectors::{Case, load};
use crate::common::{Refusal, Reply, relying_party_of};

fn set_of(jwk: &Value) -> Value {
    json!({ "keys": [jwk] })
}

fn parsed(set: &Value) -> Result<Jwks, Error> {
    Jwks::parse(set.to_string().as_bytes())
}

#[test]
fn jws_vectors() {
    load("jws").run(|case| {
        let token = case.text("token");
        let engine = Engine::of(&case)?.with_keys(&set_of(case.get("jwk").unwrap()))?;
        let question = engine.verify(TokenKind::IdToken, token)?;
        assert_eq!(question.input, &token.as_bytes()[..token.rfind('.').unwrap()]);
        Ok(true.into())
    });
}

fn tampered(token: &str, how: &str) -> String {
    let parts: Vec<Vec<u8>> = token.split('.').map(|part| decode(part).unwrap()).collect();
    let [mut header, mut payload, mut signature] = <[Vec<u8>; 3]>::try_from(parts).unwrap();
    let with_member = |json: &[u8]| [&json[..json.len() - 1], br#","x":1}"#].concat();
    match how {
        "flip" => *signature.last_mut().unwrap() ^= 1,
        "short" => drop(signature.pop()),
        "long" => signature.insert(0, 0),
        "zero" => signature.fill(0),
        "empty" => signature.clear(),
        "der" => signature = der(&signature),
        "payload" => payload = with_member(&payload),
        "header" => header = with_member(&header),
        _ => panic!("{how}"),
    }
    [header, payload, signature].map(|part| encode(&part)).join(".")
}

/// Two coordinates as X.509 writes an ECDSA signature.
fn der(signature: &[u8]) -> Vec<u8> {
    let length = |length: usize| u8::try_from(length).unwrap();
    let integers: Vec<u8> = signature
        .chunks(signature.len() / 2)
        .flat_map(|half| {
            let digits: Vec<u8> = half.iter().copied().skip_while(|&byte| byte == 0).collect();
            let sign = if digits[0] >= 0x80 { vec![0] } else { vec![] };
            [vec![2, length(sign.len() + digits.len())], sign, digits].concat()
        })
        .collect();
    [vec![0x30, length(integers.len())], integers].concat()
}

fn kid_of_the_key_that_fits(case: Case<'_>, keys: &Keys) -> Result<Value, Refusal> {
    let key = case.text("sign_with");
    let header = case.get("header").unwrap();
    let mut token = keys.sign(&header.to_string(), &case.default("claims").to_string(), Some(key));
    let tamper = case.get("tamper").and_then(Value::as_str);
    if let Some(how) = tamper {
        token = tampered(&token, how);
    }
    let engine = Engine::of(&case)?.with_keys(case.get("jwks").unwrap())?;
    if tamper.is_some_and(|how| ["short", "long", "empty", "der"].contains(&how)) {
        let question = engine.question(TokenKind::IdToken, &token);
        assert!(question.is_err(), "{}: a signature of another length never reaches the host", case.name());
    }
    let chosen = engine.verify(TokenKind::IdToken, &token)?.key.unwrap();
    let own = keys.public(key);
    assert_eq!((&own["n"], &own["x"]), (&chosen["n"], &chosen["x"]), "{}", case.name());
    Ok(header["kid"].as_str().map_or(true.into(), Value::from))
}

#[test]
fn jwks_vectors() {
    let keys = Keys::load();
    load("jwks").run(|case| kid_of_the_key_that_fits(case, &keys));
}

#[test]
fn thumbprint_vectors() {
    load("thumbprint").run(|case| {
        let set = parsed(&set_of(case.get("jwk").unwrap()))?;
        Ok(set.get(0).ok_or(Error::from(Rule::JwksNoMatch))?.thumbprint().into())
    });
}

#[test]
fn point_vectors() {
    let keys = Keys::load();
    let provider = json!({
        "issuer": "https://op.example",
        "id_token_signing_alg_values_supported": ["ES256", "ES384", "ES512", "EdDSA"],
    });
    load("point").run(|case| {
        let jwk = case.get("jwk").unwrap();
        let alg = match jwk["crv"].as_str().unwrap() {
            "P-256" => "ES256",
            "P-384" => "ES384",
            "P-521" => "ES512",
            _ => "EdDSA",
        };
        let token = keys.sign(&json!({ "alg": alg }).to_string(), "{}", None);
        let engine = Engine::new(&provider, &json!({ "clientId": "x" }), NumericDate::from_seconds(0))?;
        engine.with_keys(&set_of(jwk))?.question(TokenKind::IdToken, &token).map(|_| true.into())
    });
}

#[test]
fn a_key_leaves_with_nothing_but_its_public_members() {
    let mut key = Keys::load().public("p256a");
    key["x5c"] = json!(["MIIB"]);
    key["use"] = "sig".into();
    let set = parsed(&set_of(&key)).unwrap();
    let names: Vec<String> = kept(set.get(0).unwrap()).as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["crv", "kty", "x", "y"]);
}

#[test]
fn the_reply_is_judged_by_status_and_json_alone() {
    let reply = |status, content_type: &str| {
        let reply = Reply::json(status, r#"{"keys":[]}"#);
        let http = oidc_wasm::HttpReply { content_type: Some(content_type), ..reply.http() };
        Jwks::from_reply(&http).map(|set| set.len())
    };
    for content_type in
        ["application/json", "application/jwk-set+json", "application/json;charset=ISO-8859-1", "text/plain"]
    {
        assert_eq!(reply(200, content_type), Ok(0), "{content_type}");
    }
    for status in [201, 204, 301, 404, 500] {
        assert_eq!(reply(status, "application/json").unwrap_err().code(), "http.status", "{status}");
    }
}

#[test]
fn a_token_signed_with_the_client_secret_needs_no_key_set() {
    let keys = Keys::load();
    let file = load("id_token");
    let case = file.cases().find(|case| case.name() == "HS256 registered, with a secret and no kid").unwrap();
    let rp = relying_party_of(&case);
    let token = keys.sign(r#"{"alg":"HS256"}"#, "{}", None);
    let jws = rp.id_token(&token).unwrap();
    assert!(jws.verification(&Jwks::default()).unwrap().key().is_none());
    assert!(judged(&jws, &Jwks::default(), Some(keys.secret())).is_ok());
    assert_eq!(judged(&jws, &Jwks::default(), Some("another")).unwrap_err().code(), "jws.signature");
    // A key of the set that calls itself by the token's algorithm changes nothing.
    let set = r#"{"keys":[{"kty":"oct","alg":"HS256","k":"c2VjcmV0"}]}"#;
    assert!(jws.verification(&Jwks::parse(set.as_bytes()).unwrap()).unwrap().key().is_none());
}
