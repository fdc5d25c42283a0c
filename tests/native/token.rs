//! Rooms `token` and `client_auth`.

use oidc_wasm::{Error, Grant, GrantType, HttpReply, RelyingParty, TokenResponse};
use serde_json::{Map, Value};

use crate::common::crypto::Keys;
use crate::common::vectors::{Case, load};
use crate::common::{Outcome, Reply, arguments, filled, relying_party_of, started};

pub(crate) fn lower_case_names(headers: &Value) -> Value {
    let headers = headers.as_object().unwrap();
    headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect::<Map<_, _>>().into()
}

fn request(case: Case<'_>, keys: &Keys) -> Outcome<Value> {
    let rp = relying_party_of(&case);
    let login = started(&case);
    let grant = case.get("grant").unwrap();
    let transaction = match arguments::transaction(grant, &rp, |text| filled(text, &login))? {
        Ok(transaction) => transaction,
        Err(error) => return Ok(Err(error)),
    };
    let grant = match arguments::grant(grant, transaction.as_ref())? {
        Ok(grant) => grant,
        Err(error) => return Ok(Err(error)),
    };
    let is_sync = case.get("sync").is_some();
    let assertion = keys.assertion(&case, &rp).filter(|_| !is_sync);
    Ok(rp.token_request_with(&grant, assertion.as_ref()).map(|request| {
        let mut found = keys.shown(&case, &rp, &request);
        // As the case writes it where it comes out right: names in its letter case, the verifier as a placeholder.
        if let Some(expected) = case.get("expect").and_then(|expect| expect.get("ok")) {
            if lower_case_names(&expected["headers"]) == lower_case_names(&found["headers"]) {
                found["headers"] = expected["headers"].clone();
            }
            if filled(expected["body"].as_str().unwrap(), &login) == found["body"].as_str().unwrap() {
                found["body"] = expected["body"].clone();
            }
        }
        found
    }))
}

#[test]
fn request_vectors() {
    let keys = Keys::load();
    load("token_request").run(|case| request(case, &keys));
}

/// The body's JSON, with `expires_in` as the number that was read. What was read must be what stands there.
fn tokens(body: &str, read: &TokenResponse) -> Value {
    let mut tokens: Value = serde_json::from_str(body).unwrap();
    let text = |name: &str| tokens[name].as_str();
    assert_eq!((read.json(), read.is_expires_in_text()), (body, text("expires_in").is_some()));
    assert_eq!((Some(read.access_token()), Some(read.token_type())), (text("access_token"), text("token_type")));
    assert_eq!(
        (read.refresh_token(), read.id_token(), read.scope()),
        (text("refresh_token"), text("id_token"), text("scope"))
    );
    match tokens.get("expires_in") {
        None => assert_eq!(read.expires_in(), None),
        Some(Value::Number(number)) => {
            // Whole seconds: fractions are dropped.
            let digits = number.to_string();
            assert_eq!(read.expires_in(), digits.split('.').next().unwrap().parse().ok());
        }
        Some(_) => tokens["expires_in"] = read.expires_in().into(),
    }
    tokens
}

fn response(case: Case<'_>) -> Outcome<Value> {
    let rp = relying_party_of(&case);
    let login = started(&case);
    let grant = case.get("grant").unwrap();
    let transaction = arguments::transaction(grant, &rp, |text| filled(text, &login))?.unwrap();
    let grant = arguments::grant(grant, transaction.as_ref())?.unwrap();
    let reply = case.get("reply").unwrap();
    let body = reply["body"].as_str().unwrap();
    Ok(rp.token_response(&Reply::of(reply).http(), &grant).map(|read| {
        if let Some(warns) = case.get("cache_warning").and_then(Value::as_bool) {
            assert_eq!(read.is_uncached(), !warns, "{}", case.name());
        }
        tokens(body, &read)
    }))
}

#[test]
fn response_vectors() {
    load("token_response").run(response);
}

#[test]
fn no_secret_of_a_refused_response_is_in_its_error() {
    let file = load("token_response");
    let bad = file.cases().filter(|case| case.error_code().is_some());
    for error in bad.filter_map(|case| response(case).unwrap().err()) {
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!text.contains("SlAV32hkKG") && !text.contains("8xLOxBtZp8"), "{text}");
        }
    }
}

/// What a client reads in a token response with this body.
pub(crate) fn read_json(client: &RelyingParty, body: &[u8]) -> Result<Value, Error> {
    let reply = HttpReply { status: 200, content_type: Some("application/json"), body, ..HttpReply::default() };
    let read = client.token_response(&reply, &GrantType::ClientCredentials.into())?;
    Ok(tokens(std::str::from_utf8(body).unwrap(), &read))
}

#[test]
fn a_password_that_is_the_name_of_an_error_hides_none() {
    let file = load("token_response");
    let rp = relying_party_of(&file.cases().next().unwrap());
    let reply = Reply::json(400, r#"{"error":"invalid_grant"}"#);
    let grant = Grant::from(GrantType::Password { username: "johndoe", password: "invalid_grant" });
    let error = rp.token_response(&reply.http(), &grant).unwrap_err();
    assert_eq!(error.oauth().unwrap().error, "invalid_grant");
}
