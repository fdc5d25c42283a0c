//! Room `provider`: metadata and discovery.

use oidc_wasm::{Error, Metadata, Provider, discovery_request};
use serde_json::Value;

use crate::common::Reply;
use crate::common::vectors::{Case, load};

fn discovered(case: Case<'_>) -> Result<Value, Error> {
    let issuer = case.text("issuer");
    let metadata = match case.get("metadata").and_then(Value::as_str) {
        Some("oauth2") => Metadata::Oauth2,
        _ => Metadata::Oidc,
    };
    let request = discovery_request(issuer, metadata)?;
    assert_eq!(case.get("url").and_then(Value::as_str), Some(&*request.url), "{}", case.name());
    assert_eq!(request.method, "GET");
    let reply = Reply::of(case.get("reply").unwrap());
    Provider::discovered(issuer, &reply.http(), false).map(|provider| {
        let body: Value = serde_json::from_slice(reply.http().body).unwrap();
        assert_eq!(body["issuer"], provider.issuer());
        body
    })
}

#[test]
fn vectors() {
    load("discovery").run(|case| Ok(discovered(case)));
}

#[test]
fn under_issuer_template_a_tenant_fills_the_braces() {
    let body = r#"{"issuer":"https://login.example/{tenantid}/v2.0"}"#;
    let reply = Reply::json(200, body);
    let discovered = |issuer, relaxed| Provider::discovered(issuer, &reply.http(), relaxed).map(|_| ());
    assert_eq!(discovered("https://login.example/common/v2.0", true), Ok(()));
    for (issuer, relaxed) in [
        ("https://login.example/common/v2.0", false),
        ("https://login.example//v2.0", true),
        ("https://login.example/a/b/v2.0", true),
        ("https://login.example/common/v1.0", true),
        ("https://evil.example/common/v2.0", true),
        ("https://login.example/v2.0", true),
    ] {
        assert_eq!(discovered(issuer, relaxed).unwrap_err().code(), "discovery.issuer", "{issuer}");
    }
}
