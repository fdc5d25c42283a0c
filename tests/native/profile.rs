//! The profiles of FAPI 2.0.

use std::borrow::Cow;

use oidc_wasm::wasm::calls::Call;
use oidc_wasm::wire::base64url::decode;
use oidc_wasm::wire::form::Form;
use oidc_wasm::{Algorithm, Client, ClientAuth, Profile, Provider, RelyingParty, TokenKind};
use serde_json::{Value, json};

use crate::common::crypto::Keys;
use crate::common::engine::{Asked, Engine};
use crate::common::vectors::{Case, load};
use crate::common::{Refusal, Reply};

/// The pushed request: its address, and its response mode.
fn pushed(case: &Case<'_>, engine: &Engine, keys: &Keys) -> Result<Value, Refusal> {
    let asked = Asked::default().object("AuthorizationMembers", "params", case.get("params").unwrap())?.absent();
    assert_eq!(engine.ask(Call::Pushes, &Asked::default())?.number(), 1, "{}", case.name());
    let sync = engine.ask(Call::AuthorizationRequest, &asked);
    assert!(matches!(sync, Err(Refusal::Engine(error)) if error.code() == "request.pushed"), "{}", case.name());
    let is_signed = case.client()["requestObject"].is_object();
    let (request, mode) = if is_signed {
        let input = engine.ask(Call::RequestObject, &asked).map(|mut said| (said.text(), said.text()).1)?;
        let claims: Value = serde_json::from_slice(&decode(input.split_once('.').unwrap().1).unwrap()).unwrap();
        let object = keys.proven(case, engine, Call::PushedObject, Asked::default().text("a.b.c"))?;
        (engine.ask(Call::PushedObject, &object)?.request(), claims["response_mode"].clone())
    } else {
        let request = keys.proven(case, engine, Call::PushedRequest, asked)?;
        let request = engine.ask(Call::PushedRequest, &request)?.request();
        let mode = Form::parse(request["body"].as_str().unwrap()).get("response_mode").map(Cow::into_owned);
        (request, mode.into())
    };
    let mut seen = json!({ "url": request["url"] });
    if mode.is_string() {
        seen["response_mode"] = mode;
    }
    Ok(seen)
}

fn profile(case: Case<'_>, keys: &Keys) -> Result<Value, Refusal> {
    let engine = Engine::of(&case)?.with_keys(&keys.set())?;
    let reply = case.get("reply").map(Reply::of);
    if let Some(grant) = case.get("grant") {
        let grant = Asked::default().object("GrantMembers", "grant", grant)?;
        let request = keys.proven(&case, &engine, Call::TokenRequest, grant.clone())?;
        let request = engine.ask(Call::TokenRequest, &request)?.request();
        let Some(reply) = reply else { return Ok(json!({ "url": request["url"] })) };
        engine.ask(Call::TokenResponse, &grant.reply(&reply))?;
        let body: Value = serde_json::from_slice(reply.http().body).unwrap();
        return Ok(json!({ "token_type": body["token_type"] }));
    }
    if case.get("params").is_some() {
        let seen = pushed(&case, &engine, keys)?;
        let Some(reply) = reply else { return Ok(seen) };
        return Ok(json!({ "url": engine.ask(Call::PushedResponse, &Asked::default().reply(&reply))?.text() }));
    }
    if let Some(userinfo) = case.get("userinfo") {
        let text = |name: &str| userinfo[name].as_str().unwrap();
        let asked = Asked::default().text(text("access_token")).text(text("token_type"));
        return Ok(json!({ "url": engine.ask(Call::UserinfoRequest, &asked)?.request()["url"] }));
    }
    if let Some(token) = case.get("introspect") {
        let asked = Asked::default().text(token.as_str().unwrap());
        let asked = keys.proven(&case, &engine, Call::IntrospectionRequest, asked)?;
        return Ok(json!({ "url": engine.ask(Call::IntrospectionRequest, &asked)?.request()["url"] }));
    }
    let claims = engine.claims(TokenKind::IdToken, &keys.token(&case), &json!({ "channel": "token" }))?;
    Ok(claims.is_object().into())
}

#[test]
fn profile_vectors() {
    let keys = Keys::load();
    load("profile").run(|case| profile(case, &keys));
}

/// The native crate has no call that sees all options at once, so every request checks them.
#[test]
fn an_option_after_the_profile_counts_too() {
    let file = load("profile");
    let provider = file.cases().next().unwrap().provider().to_string();
    let client = || {
        let client = Client::new("app").unwrap().redirect_uri("https://app.example/cb").unwrap();
        client.auth(ClientAuth::TlsClientAuth).unwrap().profile(Profile::Fapi2)
    };
    let judged = |client: Client| {
        let rp = RelyingParty::new(Provider::parse(provider.as_bytes()).unwrap(), client);
        rp.check_options().map_err(|error| error.code().into_owned())
    };
    assert_eq!(judged(client()).unwrap_err(), "profile.sender_constraint");
    assert_eq!(judged(client().dpop()), Ok(()));
    assert_eq!(judged(client().dpop_by(Algorithm::Es256)), Ok(()));
    assert_eq!(judged(client().dpop_by(Algorithm::Es384)).unwrap_err(), "profile.algorithm");
    assert_eq!(judged(client().dpop().auth(ClientAuth::None).unwrap()).unwrap_err(), "profile.client_auth");
}
