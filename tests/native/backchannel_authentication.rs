//! Logins that the client starts (OpenID Connect CIBA Core 1.0).

use oidc_wasm::TokenKind;
use oidc_wasm::wasm::calls::Call;
use oidc_wasm::wire::base64url::{decode, encode};
use serde_json::{Value, json};

use crate::common::crypto::Keys;
use crate::common::engine::{Asked, Engine};
use crate::common::vectors::{Case, load};
use crate::common::{Login, Refusal, Reply};
use crate::message::{as_written, waits};

/// The request, signed if the client signs requests.
fn request(case: &Case<'_>, engine: &Engine, keys: &Keys, params: &Value) -> Result<Value, Refusal> {
    let asked = Asked::default().object("BackchannelMembers", "params", params)?;
    let mut said = engine.ask(Call::BackchannelObject, &asked)?;
    let object = said.has_more().then(|| {
        let (alg, input) = (said.text(), said.text());
        let key = case.client()["requestObject"]["key"].as_str().unwrap().to_owned();
        format!("{input}.{}", encode(&keys.signature(&alg, &key, input.as_bytes())))
    });
    if object.is_some() {
        let plain = keys.proven(case, engine, Call::BackchannelRequest, asked.clone().absent())?;
        let refused = engine.ask(Call::BackchannelRequest, &plain);
        assert!(matches!(refused, Err(Refusal::Engine(error)) if error.code() == "request.signed"), "{}", case.name());
    }
    let asked = match &object {
        Some(object) => asked.text(object),
        None => asked.absent(),
    };
    let asked = keys.proven(case, engine, Call::BackchannelRequest, asked)?;
    let mut request = engine.ask(Call::BackchannelRequest, &asked)?.request();
    if let Some(object) = &object {
        request["body"] = request["body"].as_str().unwrap().replace(object, "{object}").into();
        let part = |part: &str| serde_json::from_slice::<Value>(&decode(part).unwrap()).unwrap();
        let parts: Vec<&str> = object.split('.').collect();
        let mut claims = part(parts[1]);
        assert_eq!(claims["jti"].as_str().map(str::len), Some(32));
        claims.as_object_mut().unwrap().shift_remove("jti");
        request["header"] = part(parts[0]);
        request["claims"] = claims;
    }
    let login = Login::of(&load("authorization").cases().next().unwrap());
    Ok(as_written(case, engine, keys, &login, request))
}

/// With `params` a case tests the request, with `reply` the response, with `answers` the polls of the token endpoint.
fn backchannel(case: Case<'_>, keys: &Keys) -> Result<Value, Refusal> {
    let engine = Engine::of(&case)?;
    if let Some(params) = case.get("params") {
        return request(&case, &engine, keys, params);
    }
    if let Some(reply) = case.get("reply") {
        let reply = Reply::of(reply);
        let params = json!({ "loginHint": "ada", "userCode": "the-code-of-ada" });
        let asked = Asked::default().object("BackchannelMembers", "params", &params)?;
        engine.ask(Call::BackchannelResponse, &asked.reply(&reply))?;
        return Ok(serde_json::from_slice(reply.http().body).unwrap());
    }
    let engine = engine.with_keys(&keys.set())?;
    let given = case.get("request").unwrap();
    let auth_req_id = given["auth_req_id"].as_str().unwrap_or_default();
    let kind = "urn:openid:params:grant-type:ciba";
    let grant = json!({ "type": kind, "parameters": { "auth_req_id": auth_req_id } });
    let asked = Asked::default().json("request", given)?.number(1);
    let id_token = keys.token(&case);
    let mut tokens = json!({ "access_token": "SlAV32hkKG", "token_type": "Bearer", "id_token": id_token });
    if case.get("without_id_token").is_some() {
        tokens.as_object_mut().unwrap().shift_remove("id_token");
    }
    let waits = waits(&case, &engine, &asked, &grant, &tokens)?;
    let claims = engine.claims(TokenKind::IdToken, &id_token, &json!({ "channel": "token" }))?;
    engine.ask(Call::BackchannelClaims, &Asked::default().json("request", given)?.text(&claims.to_string()))?;
    Ok(json!({ "waits": waits }))
}

#[test]
fn backchannel_authentication_vectors() {
    let keys = Keys::load();
    load("backchannel_authentication").run(|case| backchannel(case, &keys));
}

/// An error of the provider may repeat what it was asked.
#[test]
fn an_error_repeats_neither_the_hint_nor_the_code_of_the_person() {
    let file = load("backchannel_authentication");
    let engine = Engine::of(&file.cases().next().unwrap()).unwrap();
    let params = json!({ "idTokenHint": "the-hint-about-ada", "userCode": "the-code-of-ada" });
    let asked = Asked::default().object("BackchannelMembers", "params", &params).unwrap();
    for repeated in ["the-hint-about-ada", "the-code-of-ada"] {
        let body = json!({ "error": "invalid_request", "error_description": repeated });
        let reply = Reply::json(400, body.to_string());
        let Err(Refusal::Engine(error)) = engine.ask(Call::BackchannelResponse, &asked.clone().reply(&reply)) else {
            panic!("the provider refused it");
        };
        assert_eq!(error.code(), "ciba.oauth_error");
        assert!(!format!("{error} {error:?}").contains("ada"), "{error}");
    }
}
