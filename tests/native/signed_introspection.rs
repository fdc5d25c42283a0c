//! Signed introspection responses (RFC 9701).

use oidc_wasm::TokenKind;
use oidc_wasm::wasm::calls::Call;
use serde_json::{Value, json};

use crate::common::crypto::{Keys, judged};
use crate::common::engine::{Asked, Engine};
use crate::common::vectors::{Case, load, merged};
use crate::common::{Refusal, Reply};

const KIND: TokenKind = TokenKind::Introspection;
const TOKEN: &str = "the-token-in-question";

fn introspected(case: Case<'_>, keys: &Keys) -> Result<Value, Refusal> {
    let engine = Engine::of(&case)?.with_keys(&keys.set())?;
    if case.get("token").is_some() {
        let asked =
            keys.proven(&case, &engine, Call::IntrospectionRequest, Asked::default().text(case.text("token")))?;
        return Ok(engine.ask(Call::IntrospectionRequest, &asked)?.request());
    }
    let jwt = keys.token(&case);
    let reply = merged(case.default("reply"), case.get("reply"));
    let body = reply["body"].as_str().unwrap().replace("{jwt}", &jwt);
    let reply = Reply::of(&reply).with_body(&body);
    let mut said = engine.ask(Call::IntrospectionResponse, &Asked::default().text(TOKEN).reply(&reply))?;
    let said = if said.has_more() {
        said.parsed()
    } else {
        // A signed response is no plain one, for any reader.
        let plain = engine.party.rp.introspection_response(&reply.http(), TOKEN).map_err(|error| error.code());
        assert_eq!(plain.unwrap_err(), "introspection.unsigned", "{}", case.name());
        // A client of encrypted responses refuses one that is only signed.
        let asked = Asked::default().number(KIND as u32).text(&body);
        assert!(!engine.ask(Call::Decryption, &asked)?.has_more(), "{}", case.name());
        let said = engine.claims(KIND, &body, &json!({}))?;
        natively(&case, &engine, &body, &said);
        said
    };
    if let Some(expected) = case.get("expected") {
        let asked = Asked::default().text(&said.to_string()).object("AccessTokenMembers", "expected", expected)?;
        engine.ask(Call::Introspected, &asked)?;
    }
    Ok(said)
}

/// The native face says the same as the calls.
fn natively(case: &Case<'_>, engine: &Engine, token: &str, said: &Value) {
    let rp = &engine.party.rp;
    let jws = rp.introspection_token(token).unwrap();
    let verified = judged(&jws, &engine.party.keys, engine.secret()).unwrap();
    let claims = rp.introspection_claims(verified, case.now()).unwrap();
    assert_eq!(&serde_json::from_str::<Value>(&claims).unwrap(), said, "{}", case.name());
    // It is no access token, although both have the same issuer (RFC 9701 §8.1).
    let refused = rp.access_token(token).unwrap_err().code().into_owned();
    assert!(["access_token.typ", "jws.alg"].contains(&&*refused), "{}: {refused}", case.name());
}

#[test]
fn signed_introspection_vectors() {
    let keys = Keys::load();
    load("signed_introspection").run(|case| introspected(case, &keys));
}
