//! Certificates (RFC 8705): the client's requests, and the tokens that are bound to it.

use oidc_wasm::wasm::calls::Call;
use oidc_wasm::wire::base64url::decode;
use oidc_wasm::{TokenKind, certificate_thumbprint};
use serde_json::{Value, json};

use crate::common::crypto::Keys;
use crate::common::engine::{Asked, Engine, ask};
use crate::common::vectors::{Case, load};
use crate::common::{Login, Refusal};
use crate::message::token_request;

/// The address of every request.
fn endpoints(case: &Case<'_>) -> Result<Value, Refusal> {
    let engine = Engine::of(case)?;
    let grant = Asked::default().object("GrantMembers", "grant", &json!({ "type": "client_credentials" }))?.absent();
    let params = Asked::default().object("AuthorizationMembers", "params", &json!({}))?.absent().absent();
    let about = Asked::default().text("a").absent();
    let asked = [
        ("token", Call::TokenRequest, &grant),
        ("userinfo", Call::UserinfoRequest, &about),
        ("revocation", Call::RevocationRequest, &about),
        ("introspection", Call::IntrospectionRequest, &about),
        ("par", Call::PushedRequest, &params),
        ("device", Call::DeviceRequest, &grant),
        ("jwks", Call::JwksRequest, &about),
    ];
    let mut seen = json!({ "authorization": Login::start(&engine, &json!({}))?.url.split('?').next() });
    for (name, call, asked) in asked {
        seen[name] = engine.ask(call, asked)?.text().into();
    }
    Ok(seen)
}

fn mtls(case: Case<'_>, keys: &Keys) -> Result<Value, Refusal> {
    if case.get("grant").is_some() {
        return token_request(case, keys);
    }
    if case.get("endpoints").is_some() {
        return endpoints(&case);
    }
    let engine = Engine::of(&case)?.with_keys(&keys.set())?;
    let proven = match case.get("certificate") {
        Some(certificate) => {
            let der = decode(certificate.as_str().unwrap()).unwrap();
            Some(format!(" {}", ask(Call::CertificateThumbprint, &Asked::default().with_body(der))?.text()))
        }
        None => None,
    };
    let token = keys.token(&case);
    let claims = engine.proven_claims(TokenKind::AccessToken, &token, &case.expected(), proven.as_deref())?;
    Ok(claims.is_object().into())
}

#[test]
fn mtls_vectors() {
    let keys = Keys::load();
    load("mtls").run(|case| mtls(case, &keys));
}

/// A token may be bound to both. Then both are compared. A proven key alone is enough for a token that is bound to a key only.
#[test]
fn a_certificate_beside_a_proven_key() {
    const JKT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    let keys = Keys::load();
    let cases = load("mtls");
    let case = cases.cases().find(|case| case.get("certificate").is_some()).unwrap();
    let engine = Engine::of(&case).unwrap().with_keys(&keys.set()).unwrap();
    let hash = certificate_thumbprint(&decode(case.text("certificate")).unwrap()).unwrap();
    let judged = |cnf: Value, proven: &str| {
        let mut claims = case.overlaid("claims", "without");
        claims.insert("cnf".to_owned(), cnf);
        let token = keys.sign(
            &Value::from(case.overlaid("header", "without_header")).to_string(),
            &Value::from(claims).to_string(),
            None,
        );
        match engine.proven_claims(TokenKind::AccessToken, &token, &case.expected(), Some(proven)) {
            Ok(_) => "ok".into(),
            Err(Refusal::Engine(error)) => error.code().into_owned(),
            Err(Refusal::Argument(name)) => name,
        }
    };
    let both = format!("{JKT} {hash}");
    assert_eq!(judged(json!({ "jkt": JKT, "x5t#S256": hash }), &both), "ok");
    assert_eq!(judged(json!({ "jkt": JKT }), &both), "ok");
    assert_eq!(judged(json!({ "x5t#S256": hash }), &both), "access_token.cnf");
    assert_eq!(judged(json!({ "jkt": JKT, "x5t#S256": "other" }), &both), "access_token.certificate");
    assert_eq!(judged(json!({ "jkt": "other", "x5t#S256": hash }), &both), "access_token.cnf");
    assert_eq!(judged(json!({ "jkt": JKT, "x5t#S256": hash }), JKT), "access_token.cnf");
    assert_eq!(judged(json!({ "jkt": JKT, "x5t#S256": hash }), &format!(" {hash}")), "access_token.cnf");
}
