//! Tests for src/jose.

use oidc_wasm::wire::base64url::{decode, encode};
use oidc_wasm::{Error, IdTokenExpected, Jwks, NumericDate, Rule, TokenKind};
use serde_json::{Value, json};

use crate::common::crypto::{Keys, judged, kept};
use crate::common::engine::Engine;
use crate::common::vectors::{Case, SIGNATURES, load};
use crate::common::{Refusal, Reply, relying_party_of};

fn set_of(jwk: &Value) -> Value {
    json!({ "keys": [jwk] })
}

fn parsed(set: &Value) -> Result<Jwks, Error> {
    Jwks::parse(set.to_string().as_bytes())
}

#[test]
fn jws_vectors() {
    for name in ["jws", "wycheproof_jws"] {
        load(name).run(jws);
    }
}

fn jws(case: Case<'_>) -> Result<Value, Refusal> {
    let token = case.text("token");
    let engine = Engine::of(&case)?;
    let engine = match case.get("jwk") {
        Some(jwk) => engine.with_keys(&set_of(jwk))?,
        None => engine,
    };
    let question = engine.verify(TokenKind::IdToken, token)?;
    assert_eq!(question.input, &token.as_bytes()[..token.rfind('.').unwrap()]);
    Ok(true.into())
}

/// The engine gets a token with the published signature. The host verifies the published message
/// instead of the token.
#[test]
fn signature_vectors() {
    for name in SIGNATURES {
        load(name).run(|case| {
            let key = &case.default("keys")[case.text("key")];
            let engine = Engine::of(&case)?.with_keys(&set_of(key))?;
            let header = json!({ "alg": case.default("alg") }).to_string();
            let claims = case.default("claims").to_string();
            let token = [&encode(header.as_bytes()), &encode(claims.as_bytes()), case.text("signature")].join(".");
            let mut question = engine.question(TokenKind::IdToken, &token)?;
            question.input = decode(case.text("message")).unwrap();
            engine.conclude(TokenKind::IdToken, &question)?;
            Ok(true.into())
        });
    }
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

/// Two coordinates as an ECDSA signature in X.509 form.
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
        assert!(question.is_err(), "{}: the engine rejects a signature of another length", case.name());
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

/// RFC 8017 §5.2.2 and RFC 8032 §5.1.7. Some hosts accept a larger number, so the engine does not ask them.
#[test]
fn the_number_of_a_signature_is_below_its_limit() {
    const ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
    let keys = Keys::load();
    let algorithms = ["RS256", "PS256", "EdDSA"];
    let provider = json!({ "issuer": "https://op.example", "id_token_signing_alg_values_supported": algorithms });
    let modulus = decode(keys.public("rsa1")["n"].as_str().unwrap()).unwrap();
    let byte = |at: usize| u8::from_str_radix(&ORDER[at..at + 2], 16).unwrap();
    let order: Vec<u8> = (0..ORDER.len()).step_by(2).map(byte).collect();
    for (alg, key, limit, last) in [
        ("RS256", "rsa1", modulus.clone(), modulus.len() - 1),
        ("PS256", "rsa1", modulus.clone(), modulus.len() - 1),
        // The point comes first, and the lowest byte of the number.
        ("EdDSA", "ed25519", [[0; 32].to_vec(), order].concat(), 32),
    ] {
        let engine = Engine::new(&provider, &json!({ "clientId": "x" }), NumericDate::from_seconds(0)).unwrap();
        let engine = engine.with_keys(&set_of(&keys.public(key))).unwrap();
        let is_asked = |signature: &[u8]| {
            let header = json!({ "alg": alg }).to_string();
            let token = [&*encode(header.as_bytes()), "e30", &encode(signature)].join(".");
            engine.question(TokenKind::IdToken, &token).is_ok()
        };
        let mut below = limit.clone();
        below[last] -= 1;
        assert!(is_asked(&below), "{alg}, one below");
        assert!(!is_asked(&limit), "{alg}, the limit");
    }
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
fn a_key_s_json_has_only_its_public_members() {
    let mut key = Keys::load().public("p256a");
    key["x5c"] = json!(["MIIB"]);
    key["use"] = "sig".into();
    let set = parsed(&set_of(&key)).unwrap();
    let names: Vec<String> = kept(set.get(0).unwrap()).as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["crv", "kty", "x", "y"]);
}

#[test]
fn only_status_and_json_decide_about_a_key_set_reply() {
    let reply = |status, content_type: &str| {
        let reply = Reply::json(status, r#"{"keys":[{"kty":"AKP"}]}"#);
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

/// An ID token of this many bytes, with a claim that fills it.
fn token_of_length(keys: &Keys, length: usize) -> Option<String> {
    let token = |filling: usize| {
        let claims = json!({ "iss": "https://op.example", "sub": "s", "aud": "s6BhdRkqt3", "exp": 1_311_281_970,
            "iat": 1_311_280_970, "filling": "x".repeat(filling) });
        keys.sign(r#"{"alg":"RS256","kid":"rsa1"}"#, &claims.to_string(), None)
    };
    let near = (length - token(0).len()) * 3 / 4;
    (near.saturating_sub(3)..near + 3).map(token).find(|token| token.len() == length)
}

#[test]
fn a_token_above_64_kib_is_rejected() {
    let keys = Keys::load();
    let case = load("id_token");
    let case = case.cases().find(|case| case.name() == "plain").unwrap();
    let engine = Engine::of(&case).unwrap().with_keys(&keys.set()).unwrap();
    // Base64url cannot have every length.
    let around = |length: usize| (length - 2..=length).rev().find_map(|length| token_of_length(&keys, length)).unwrap();
    let good = around(1 << 16);
    assert!(engine.claims(TokenKind::IdToken, &good, &case.expected()).is_ok(), "{} bytes", good.len());
    let long = (1..=3).find_map(|more| token_of_length(&keys, (1 << 16) + more)).unwrap();
    for kind in TokenKind::ALL {
        let Err(Refusal::Engine(error)) = engine.question(*kind, &long).map(|_| ()) else { panic!("{kind:?} is read") };
        assert_eq!(error.code(), "jws.too_large", "{kind:?}");
    }
    let report = relying_party_of(&case).check_id_token(&long, &IdTokenExpected::default(), case.now());
    assert_eq!(report.checks[0].rule, Rule::JwsTooLarge);
    assert!(!report.is_valid() && report.claims == "{}");
}

#[test]
fn a_set_of_more_than_a_thousand_keys_is_rejected() {
    let key = Keys::load().public("p256a");
    let set = |count: usize, key: &Value| parsed(&json!({ "keys": vec![key; count] }));
    assert_eq!(set(1000, &key).unwrap().len(), 1000);
    assert_eq!(set(1000, &json!({})).unwrap().len(), 0);
    for key in [&key, &json!({}), &Value::Null] {
        assert_eq!(set(1001, key).unwrap_err().code(), "jwks.malformed");
    }
}

#[test]
fn a_key_without_its_numbers_is_skipped() {
    for name in ["rsa1", "p256a", "ed25519"] {
        let key = Keys::load().public(name);
        assert_eq!(parsed(&set_of(&key)).unwrap().len(), 1);
        for member in ["n", "e", "x", "y"].iter().filter(|member| !key[**member].is_null()) {
            for value in [json!(""), Value::Null] {
                let mut empty = key.clone();
                empty[*member] = value;
                assert!(parsed(&set_of(&empty)).unwrap().is_empty(), "{name} without {member}");
            }
        }
    }
}

#[test]
fn numbers_and_thumbprint_ignore_a_leading_zero() {
    let key = Keys::load().public("rsa1");
    let mut long = key.clone();
    for member in ["n", "e"] {
        let number = decode(key[member].as_str().unwrap()).unwrap();
        long[member] = encode(&[&[0, 0], &*number].concat()).into();
    }
    let (key, long) = (parsed(&set_of(&key)).unwrap(), parsed(&set_of(&long)).unwrap());
    let (key, long) = (key.get(0).unwrap(), long.get(0).unwrap());
    assert_eq!((key.json(), key.thumbprint()), (long.json(), long.thumbprint()));
}

#[test]
fn a_reply_with_a_well_formed_key_replaces_the_keys() {
    let number = "AQAB";
    for key in [
        json!({ "kty": "AKP" }),
        json!({ "kty": "RSA", "n": number, "e": number, "use": "enc" }),
        json!({ "kty": "EC", "crv": "secp256k1", "x": number, "y": number }),
        json!({ "kty": "OKP", "crv": "X25519", "x": number }),
        json!({ "kty": "oct", "k": number }),
    ] {
        let read = |keys: Value| {
            let reply = Reply::json(200, json!({ "keys": keys }).to_string());
            Jwks::from_reply(&reply.http()).map(|set| set.len()).map_err(|error| error.code().into_owned())
        };
        assert_eq!(read(json!([key])), Ok(0), "{key}");
        assert_eq!(read(json!([null, {}, key])), Ok(0), "{key} beside broken ones");
        assert_eq!(read(json!([])), Err("jwks.no_match".into()));
        for (name, value) in key.as_object().unwrap() {
            if matches!(name.as_str(), "use" | "crv") {
                continue;
            }
            for broken in [json!(null), json!(5), json!("")] {
                let mut key = key.clone();
                key[name] = broken;
                assert_eq!(read(json!([key])), Err("jwks.no_match".into()), "{key}, {value} before");
            }
            let mut key = key.clone();
            key.as_object_mut().unwrap().remove(name);
            assert_eq!(read(json!([key])), Err("jwks.no_match".into()), "{key}");
        }
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
    // A symmetric key in the set with the token's algorithm changes nothing.
    let set = r#"{"keys":[{"kty":"oct","alg":"HS256","k":"c2VjcmV0"}]}"#;
    assert!(jws.verification(&Jwks::parse(set.as_bytes()).unwrap()).unwrap().key().is_none());
}
