//! Encrypted tokens (RFC 7516). The host decrypts, so a vector has the content, or none if the host fails.

use oidc_wasm::wasm::calls::Call;
use oidc_wasm::{Client, ContentEncryption, DecryptionKey, KeyManagement, TokenKind};
use serde_json::{Value, json};

use crate::common::crypto::Keys;
use crate::common::engine::{Asked, Engine};
use crate::common::vectors::{Case, load};
use crate::common::{Refusal, Reply};

fn kind(case: &Case<'_>) -> TokenKind {
    match case.get("kind").and_then(Value::as_str) {
        None => TokenKind::IdToken,
        Some("userinfo") => TokenKind::Userinfo,
        Some("logout_token") => TokenKind::LogoutToken,
        Some("access_token") => TokenKind::AccessToken,
        Some("introspection") => TokenKind::Introspection,
        Some(other) => panic!("{other}"),
    }
}

/// What an encrypted token contains.
enum Content {
    Signed(String),
    Claims(Value),
}

/// The content of a token. `None` if the token is not encrypted.
fn content(case: &Case<'_>, engine: &Engine, token: &str) -> Result<Option<Content>, Refusal> {
    let kind = kind(case);
    let mut said = engine.ask(Call::Decryption, &Asked::default().number(kind as u32).text(token))?;
    if !said.has_more() {
        return Ok(None);
    }
    let (plan, epk) = (said.optional_bytes().unwrap(), said.optional());
    let (numbers, info) = plan.split_first_chunk().unwrap();
    let content = match case.get("contentBytes") {
        Some(bytes) => oidc_wasm::wire::base64url::decode(bytes.as_str().unwrap()),
        None => case.get("content").map(|content| content.as_str().unwrap().into()),
    };
    natively(case, engine, token, (*numbers, info, epk.as_deref()), content.as_deref());
    let asked = Asked::default().number(kind as u32).number(content.is_some().into());
    let asked = asked.text(case.default("subject").as_str().unwrap()).with_body(content.clone().unwrap_or_default());
    let mut said = engine.ask(Call::Decrypted, &asked)?;
    let signed = || String::from_utf8(content.unwrap()).unwrap();
    Ok(Some(if said.has_more() { Content::Claims(said.parsed()) } else { Content::Signed(signed()) }))
}

/// The native face says the same as the call.
fn natively(
    case: &Case<'_>,
    engine: &Engine,
    token: &str,
    (numbers, info, epk): ([u8; 5], &[u8], Option<&str>),
    content: Option<&[u8]>,
) {
    let rp = &engine.party.rp;
    let jwe = rp.encrypted_token(token, kind(case)).unwrap().unwrap();
    let (algorithm, encryption) = (jwe.algorithm(), jwe.encryption());
    let own =
        [jwe.key(), jwe.agreed_bytes(), algorithm.wrapping_bytes(), encryption.key_bytes(), encryption.mac_bytes()];
    assert_eq!(own.map(|number| u8::try_from(number).unwrap()), numbers, "{}", case.name());
    assert_eq!((jwe.other_info(), jwe.ephemeral_key()), (info, epk));
    assert_eq!(KeyManagement::from_name(algorithm.name()), Some(algorithm));
    assert_eq!(ContentEncryption::from_name(encryption.name()), Some(encryption));
    assert_eq!(jwe.additional_data(), token.split('.').next().unwrap());
    let parts = jwe.parts().map(|part| oidc_wasm::wire::base64url::encode(&part));
    assert_eq!(parts.join("."), token.split_once('.').unwrap().1);
    assert!(!format!("{jwe:?}").contains(token));
    let concluded = jwe.conclude(content.map(<[u8]>::to_vec));
    match content {
        None => assert_eq!(concluded.unwrap_err().code(), "jwe.decryption"),
        Some(_) if case.error_code() == Some("jwe.nested") => assert_eq!(concluded.unwrap_err().code(), "jwe.nested"),
        Some(content) if str::from_utf8(content).is_err() => assert_eq!(concluded.unwrap_err().code(), "jws.malformed"),
        Some(content) => {
            let concluded = concluded.unwrap();
            assert_eq!(concluded.expose().as_bytes(), content);
            let subject = case.default("subject").as_str().unwrap();
            let is_good = match kind(case) {
                TokenKind::Userinfo => rp.decrypted_userinfo(&concluded, subject).map(|claims| claims.is_some()),
                _ => Ok(false),
            }
            .and_then(|is_claims| Ok(is_claims || rp.decrypted_token(&concluded, kind(case)).map(|_| true)?));
            assert!(is_good.is_ok() || case.error_code().is_some(), "{}", case.name());
        }
    }
    assert_eq!(jwe.conclude(Some(vec![0xFF])).unwrap_err().code(), "jws.malformed");
}

fn encrypted(case: Case<'_>, keys: &Keys) -> Result<Value, Refusal> {
    let engine = Engine::of(&case)?.with_keys(case.get("jwks").unwrap_or(&keys.set()))?;
    let (token, subject) = (case.text("token"), case.default("subject"));
    if kind(&case) == TokenKind::Userinfo {
        let reply = Reply::json(200, token);
        let content_type = case.get("contentType").and_then(Value::as_str).unwrap_or("application/jwt");
        let asked = Asked::default().text("the-access-token").text(subject.as_str().unwrap());
        let is_signed = engine.ask(Call::UserinfoResponse, &asked.reply(&reply.typed(content_type)))?.number();
        if is_signed == 0 {
            let claims: Value = serde_json::from_str(token).unwrap();
            return Ok(claims["sub"].clone());
        }
    }
    if kind(&case) == TokenKind::Introspection {
        let reply = Reply::json(200, token).typed("application/token-introspection+jwt");
        let said = engine.ask(Call::IntrospectionResponse, &Asked::default().text("a token").reply(&reply))?;
        assert!(!said.has_more(), "{}", case.name());
    }
    let content = match content(&case, &engine, token)? {
        Some(Content::Claims(claims)) => return Ok(claims["sub"].clone()),
        Some(Content::Signed(content)) => Some(content),
        None => None,
    };
    let expected = match kind(&case) {
        TokenKind::IdToken => json!({ "nonce": case.default("nonce"), "now": case.default("now") }),
        TokenKind::Userinfo => json!({ "expectedSubject": subject }),
        TokenKind::AccessToken => json!({ "audience": "api" }),
        _ => json!({}),
    };
    Ok(engine.claims(kind(&case), content.as_deref().unwrap_or(token), &expected)?["sub"].clone())
}

#[test]
fn encrypted_vectors() {
    let keys = Keys::load();
    for name in ["encrypted", "wycheproof_jwe"] {
        load(name).run(|case| encrypted(case, &keys));
    }
}

/// RFC 7518 §C
#[test]
fn other_info_is_that_of_the_standard() {
    let file = load("encrypted");
    let case = file.cases().find(|case| case.name().starts_with("apu and apv")).unwrap();
    let engine = Engine::of(&case).unwrap();
    let jwe = engine.party.rp.encrypted_token(case.text("token"), TokenKind::IdToken).unwrap().unwrap();
    let expected = [&[0, 0, 0, 7][..], b"A128GCM", &[0, 0, 0, 5], b"Alice", &[0, 0, 0, 3], b"Bob", &[0, 0, 0, 128]];
    assert_eq!(jwe.other_info(), expected.concat());
}

#[test]
fn a_decryption_key_has_the_curve_of_its_algorithm() {
    let made = |algorithm, curve| DecryptionKey::new(algorithm, curve, Some("a kid")).map_err(|error| error.code());
    for &algorithm in KeyManagement::ALL {
        let is_rsa = algorithm.name().starts_with("RSA");
        assert_eq!(made(algorithm, "").is_ok(), is_rsa);
        for curve in ["P-256", "P-384", "P-521", "X25519"] {
            assert_eq!(made(algorithm, curve).is_ok(), !is_rsa);
        }
        for curve in ["P-257", "Ed25519", "secp256k1"] {
            assert_eq!(made(algorithm, curve).unwrap_err(), "argument.decryption");
        }
    }
}

/// A byte counts them.
#[test]
fn a_client_has_at_most_256_decryption_keys() {
    let mut client = Client::new("app").unwrap();
    for at in 0..256 {
        let key = DecryptionKey::new(KeyManagement::EcdhEs, "P-256", Some(&at.to_string())).unwrap();
        client = client.decryption_key(key).unwrap();
    }
    let key = DecryptionKey::new(KeyManagement::RsaOaep256, "", None).unwrap();
    assert_eq!(client.decryption_key(key).unwrap_err().code(), "argument.decryption");
}

/// Too long for a vector's line.
#[test]
fn an_encrypted_token_has_a_token_s_size_limit() {
    let file = load("encrypted");
    let case = file.cases().next().unwrap();
    let engine = Engine::of(&case).unwrap();
    let judged = |length: usize| {
        let mut parts: Vec<&str> = case.text("token").split('.').collect();
        let rest: usize = [0, 1, 2, 4].iter().map(|at| parts[*at].len()).sum();
        let filler = "A".repeat(length - rest - 4);
        parts[3] = &filler;
        let token = parts.join(".");
        assert_eq!(token.len(), length);
        engine.party.rp.encrypted_token(&token, TokenKind::IdToken).map(|_| ()).map_err(|error| error.code())
    };
    let mut length = 64 * 1024;
    // No base64url has one character after its last group.
    while judged(length) == Err("jwe.malformed".into()) {
        length -= 1;
    }
    assert_eq!(judged(length), Ok(()));
    assert_eq!(judged(64 * 1024 + 1), Err("jws.too_large".into()));
}
