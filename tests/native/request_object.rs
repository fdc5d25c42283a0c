//! Signed authorization requests (RFC 9101).

use oidc_wasm::wasm::calls::Call;
use oidc_wasm::wire::base64url::{decode, encode};
use oidc_wasm::{Algorithm, Client};
use serde_json::{Value, json};

use crate::common::crypto::Keys;
use crate::common::engine::{Asked, Engine};
use crate::common::vectors::{Case, load};
use crate::common::{Login, Refusal};

/// The request object with placeholders for random values.
fn object(case: Case<'_>, keys: &Keys) -> Result<Value, Refusal> {
    let engine = Engine::of(&case)?;
    let params = case.get("params").unwrap();
    let asked = || Ok::<_, Refusal>(Asked::default().object("AuthorizationMembers", "params", params)?.absent());
    let is_pushed = engine.ask(Call::Pushes, &Asked::default())?.number() == 1;
    let key = case.client()["requestObject"]["key"].clone();
    if case.get("sync").is_some() || key.is_null() {
        let plain = if is_pushed { Call::PushedRequest } else { Call::AuthorizationRequest };
        return Err(engine.ask(plain, &asked()?.absent()).map(|_| ()).unwrap_err());
    }
    let mut said = engine.ask(Call::RequestObject, &asked()?)?;
    let (alg, input) = (said.text(), said.text());
    let (state, transaction) = (said.text(), said.text());
    let signature = keys.signature(&alg, key.as_str().unwrap(), input.as_bytes());
    let object = format!("{input}.{}", encode(&signature));
    let mut made = if is_pushed {
        let pushed = keys.proven(&case, &engine, Call::PushedObject, Asked::default().text(&object))?;
        let mut request = engine.ask(Call::PushedObject, &pushed)?.request();
        keys.show_assertion(&case, &engine, &mut request);
        json!({ "url": request["url"], "body": request["body"].as_str().unwrap().replace(&object, "{object}") })
    } else {
        let carried = asked()?.text(&object);
        let carried = match case.get("uri") {
            Some(uri) => carried.text(uri.as_str().unwrap()),
            None => carried.absent(),
        };
        json!({ "url": engine.ask(Call::SignedRequest, &carried)?.text().replace(&object, "{object}") })
    };
    let part = |part: &str| serde_json::from_slice::<Value>(&decode(part).unwrap()).unwrap();
    let (header, claims) = input.split_once('.').unwrap();
    let (header, mut claims) = (part(header), part(claims));
    assert_eq!(claims["state"], state);
    let login = Login { url: String::new(), state, transaction };
    assert!(engine.party.rp.transaction(&login.transaction).is_ok());
    assert_eq!(claims["jti"].as_str().map(str::len), Some(32));
    claims.as_object_mut().unwrap().shift_remove("jti");
    for (claim, placeholder) in [("state", "{state}"), ("nonce", "{nonce}"), ("code_challenge", "{challenge}")] {
        if let Some(value) = claims.get_mut(claim) {
            *value = placeholder.into();
        }
    }
    made["header"] = header;
    made["claims"] = claims;
    Ok(made)
}

#[test]
fn request_object_vectors() {
    let keys = Keys::load();
    load("request_object").run(|case| object(case, &keys));
}

/// RFC 9101 §10.2: the provider has no secret of every client.
#[test]
fn a_request_object_is_not_signed_with_a_secret() {
    let client = |algorithm| Client::new("app").unwrap().request_object(algorithm, None);
    assert!(client(Algorithm::Es256).is_ok());
    assert_eq!(client(Algorithm::Hs256).unwrap_err().code(), "argument.requestObject");
}
