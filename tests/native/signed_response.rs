//! Signed authorization responses (JARM).

use oidc_wasm::wasm::calls::Call;
use oidc_wasm::{AuthorizationResponse, NumericDate, Redirect, TokenKind};
use serde_json::{Value, json};

use crate::common::crypto::{Keys, judged};
use crate::common::engine::{Asked, Engine};
use crate::common::vectors::{Case, load};
use crate::common::{Login, Refusal};

const PARAMETERS: [&str; 8] =
    ["code", "id_token", "access_token", "session_state", "token_type", "scope", "iss", "expires_in"];

fn either<'a>(case: &Case<'a>, member: &str) -> &'a Value {
    case.get(member).unwrap_or(case.default(member))
}

/// The redirect as a host passes it.
fn redirected(case: &Case<'_>, response: &str) -> Asked {
    match case.get("as") {
        Some(_) => Asked::default().absent().text(response),
        None => Asked::default().text(response).absent(),
    }
}

fn response(case: Case<'_>, keys: &Keys) -> Result<Value, Refusal> {
    let engine = Engine::of(&case)?.with_keys(&keys.set())?;
    let login = Login::start(&engine, either(&case, "params"))?;
    let jwt = keys.token_of(&case, Some(&login));
    let response = login.fill(either(&case, "response").as_str().unwrap()).replace("{jwt}", &jwt);
    let transaction = case.get("transaction").map_or(&*login.transaction, |given| given.as_str().unwrap());
    if case.get("sync").is_some() {
        let plain = redirected(&case, &response).text(transaction).absent();
        return Ok(engine.ask(Call::AuthorizationResponse, &plain)?.members(&PARAMETERS).into());
    }
    let mut said = engine.ask(Call::SignedResponse, &redirected(&case, &response).text(transaction))?;
    let mut said = if said.has_more() {
        let token = said.text();
        // The call without a verified signature refuses it.
        let plain = engine.ask(Call::AuthorizationResponse, &redirected(&case, &response).text(transaction).absent());
        assert!(matches!(plain, Err(Refusal::Engine(error)) if error.code() == "jarm.unverified"), "{}", case.name());
        engine.verify(TokenKind::AuthorizationResponse, &token)?;
        let asked = Asked::default().number(TokenKind::AuthorizationResponse as u32).text(&token);
        let claims = engine.ask(Call::Claims, &asked.number(1).text(transaction))?.text();
        natively(&engine, &token, transaction, &claims);
        let along =
            Asked::default().text(&claims).text(transaction).object("ExchangeMembers", "options", &json!({}))?;
        engine.ask(Call::ExchangeSigned, &along)?
    } else {
        engine.ask(Call::AuthorizationResponse, &redirected(&case, &response).text(transaction).absent())?
    };
    let mut found = said.members(&PARAMETERS);
    if let Some(Value::String(seconds)) = found.get("expires_in") {
        let seconds: u64 = seconds.parse().unwrap();
        found.insert("expires_in".to_owned(), seconds.into());
    }
    Ok(found.into())
}

/// The native face says the same as the calls.
fn natively(engine: &Engine, token: &str, transaction: &str, claims: &str) {
    let rp = &engine.party.rp;
    let jws = rp.authorization_response_token(token).unwrap();
    let verified = judged(&jws, &engine.party.keys, engine.secret()).unwrap();
    let transaction = rp.transaction(transaction).unwrap();
    let now = NumericDate::from_seconds(1_311_281_000);
    let response: AuthorizationResponse<'_> = rp.signed_authorization_response(verified, &transaction, now).unwrap();
    let claims: Value = serde_json::from_str(claims).unwrap();
    assert_eq!(response.code(), claims["code"].as_str());
    let redirect = Redirect::Parameters("response=a.b.c&code=x");
    assert_eq!(rp.signed_response(redirect, &transaction).unwrap_err().code(), "redirect.unexpected_parameter");
}

#[test]
fn signed_response_vectors() {
    let keys = Keys::load();
    load("signed_response").run(|case| response(case, &keys));
}
