//! Rooms `redirect` and `transaction`.

use oidc_wasm::{Redirect, Transaction};
use serde_json::{Value, json};

use crate::common::vectors::{Case, load};
use crate::common::{Elsewhere, Outcome, filled, relying_party_of, started};

fn answer(case: Case<'_>) -> Outcome<Value> {
    let rp = relying_party_of(&case);
    let request = started(&case);
    let kept = match case.get("transaction") {
        None => request.transaction.expose().to_owned(),
        Some(text) => filled(text.as_str().ok_or(Elsewhere)?, &request),
    };
    let response = case.get("response").and_then(Value::as_str).ok_or(Elsewhere)?;
    let response = filled(response, &request);
    let redirect = match case.get("as").and_then(Value::as_str) {
        Some("params") => Redirect::Parameters(&response),
        _ => Redirect::Text(&response),
    };
    let response = rp.transaction(&kept).and_then(|transaction| rp.authorization_response(redirect, &transaction));
    Ok(response.map(|response| serde_json::from_str(&response.to_json()).unwrap()))
}

#[test]
fn vectors() {
    load("redirect").run(answer);
}

#[test]
fn a_transaction_with_any_member_missing_or_of_another_type_is_not_ours() {
    let file = load("redirect");
    let case = file.cases().next().unwrap();
    let text = started(&case).transaction;
    let whole: Value = serde_json::from_str(text.expose()).unwrap();
    for name in whole.as_object().unwrap().keys() {
        let mut other = whole.clone();
        other[name] = 5.into();
        assert_eq!(Transaction::parse(&other.to_string()).unwrap_err().code(), "transaction.malformed", "{name}: 5");
        other[name] = "".into();
        assert_eq!(
            Transaction::parse(&other.to_string()).unwrap_err().code(),
            "transaction.malformed",
            "{name}: empty"
        );
        other.as_object_mut().unwrap().shift_remove(name);
        // A login without openid has no nonce; all else is always there.
        if name != "nonce" {
            assert_eq!(
                Transaction::parse(&other.to_string()).unwrap_err().code(),
                "transaction.malformed",
                "no {name}"
            );
        }
    }
    // What a plain login has not.
    for (name, value) in [("max_age", json!("60")), ("max_age", json!(-1)), ("acr_values", json!([5]))] {
        let mut other = whole.clone();
        other[name] = value;
        let error = Transaction::parse(&other.to_string()).unwrap_err();
        assert_eq!(error.code(), "transaction.malformed", "{name}: {}", other[name]);
    }
    let mut other = whole.clone();
    other["response_type"] = "id_token".into();
    assert_eq!(
        Transaction::parse(&other.to_string()).unwrap_err().code(),
        "transaction.malformed",
        "a verifier without a code"
    );
    assert!(Transaction::parse(text.expose()).is_ok());
}

#[test]
fn a_redirect_of_more_than_a_mebibyte_is_not_read() {
    let file = load("redirect");
    let case = file.cases().next().unwrap();
    let (rp, request) = (relying_party_of(&case), started(&case));
    let transaction = rp.transaction(request.transaction.expose()).unwrap();
    let redirect = |length: usize| {
        let text = format!("https://www.rp.com/cb?code=x&state={}&pad=", request.state);
        let text = format!("{text}{}", "a".repeat(length - text.len()));
        rp.authorization_response(Redirect::Text(&text), &transaction)
    };
    assert!(redirect(1 << 20).is_ok());
    assert_eq!(redirect((1 << 20) + 1).unwrap_err().code(), "redirect.malformed");
}
