//! Room `authorization`.

use std::collections::HashSet;

use oidc_wasm::{AUTHORIZATION_ENTROPY, AuthorizationParams, Relaxation};
use serde_json::{Value, json};

use crate::common::vectors::{Case, load};
use crate::common::{ENTROPY, Outcome, arguments, filled, relying_party};

fn url(case: Case<'_>) -> Outcome<Value> {
    let rp = match relying_party(&case.provider(), &case.client())? {
        Ok(rp) => rp,
        Err(error) => return Ok(Err(error)),
    };
    let params = match arguments::authorization_params(case.get("params"))? {
        Ok(params) => params,
        Err(error) => return Ok(Err(error)),
    };
    let request = match rp.authorization_request(&params, &ENTROPY) {
        Ok(request) => request,
        Err(error) => return Ok(Err(error)),
    };
    assert!(rp.transaction(request.transaction.expose()).is_ok());
    // The case's own text where it comes out right, with the placeholders filled from the transaction.
    let expected = case.get("expect").and_then(|expect| expect["ok"]["url"].as_str()).unwrap_or_default();
    let is_expected = filled(expected, &request) == request.url;
    Ok(Ok(json!({ "url": if is_expected { expected } else { &request.url } })))
}

#[test]
fn vectors() {
    load("authorization").run(url);
}

#[test]
fn every_byte_of_entropy_reaches_the_request_and_state_nonce_and_verifier_differ() {
    let file = load("authorization");
    let case = file.cases().next().unwrap();
    let rp = relying_party(&case.provider(), &case.client()).unwrap().unwrap();
    let params = AuthorizationParams::default();
    let text = |entropy: &[u8; AUTHORIZATION_ENTROPY]| {
        rp.authorization_request(&params, entropy).unwrap().transaction.expose().to_owned()
    };
    let mut seen = HashSet::from([text(&[0; AUTHORIZATION_ENTROPY])]);
    for byte in 0..AUTHORIZATION_ENTROPY {
        let mut entropy = [0; AUTHORIZATION_ENTROPY];
        entropy[byte] = 1;
        assert!(seen.insert(text(&entropy)), "byte {byte} is not used");
    }
    let kept: Value = serde_json::from_str(&text(&ENTROPY)).unwrap();
    let secrets: HashSet<&str> =
        ["state", "nonce", "code_verifier"].iter().map(|name| kept[name].as_str().unwrap()).collect();
    assert_eq!(secrets.len(), 3);
    assert!(secrets.iter().all(|secret| secret.len() >= 32), "at least 192 bits each");
}

#[test]
fn params_and_relaxations_are_what_they_are_called_on_the_way_through_serde() {
    let params: AuthorizationParams<'_> = serde_json::from_str(r#"{"scope":"openid email"}"#).unwrap();
    assert_eq!(params.scope.as_str(), "openid email");
    assert!(serde_json::from_str::<AuthorizationParams<'_>>(r#"{"scope":"a\"b"}"#).is_err());
    assert!(serde_json::from_str::<AuthorizationParams<'_>>(r#"{"redirect_uri":"http://a.example/"}"#).is_err());
    assert_eq!(serde_json::to_value(Relaxation::RawBasic).unwrap(), "raw-basic");
}
