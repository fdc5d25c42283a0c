//! Tests for src/message.

use std::collections::HashSet;

use oidc_wasm::wasm::calls::Call;
use oidc_wasm::{
    AUTHORIZATION_ENTROPY, AuthorizationParams, Client, Discovery, EndSessionParams, ExtensionGrant, Grant, GrantType,
    HttpReply, Provider, Redirect, Relaxation, Relaxations, RelyingParty, Resource, Scope, TokenResponse,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::common::crypto::Keys;
use crate::common::engine::{Asked, Engine, ask, told};
use crate::common::vectors::{Case, load};
use crate::common::{ENTROPY, Login, Refusal, Reply, relying_party_of};

// ── Discovery ──

fn discovered(case: Case<'_>) -> Result<Value, Refusal> {
    let mut wanted = json!({ "issuer": case.text("issuer") });
    for name in ["metadata", "expectedIssuer"] {
        if let Some(value) = case.get(name) {
            wanted[name] = value.clone();
        }
    }
    let asked = Asked::default().object("DiscoveryMembers", "issuer", &wanted)?;
    let asked = asked.object("ClientMembers", "client", &told(&case.client()).0)?;
    let request = ask(Call::DiscoveryRequest, &asked)?.request();
    assert_eq!((case.get("url"), request["method"].as_str()), (Some(&request["url"]), Some("GET")), "{}", case.name());
    let reply = Reply::of(case.get("reply").unwrap());
    let engine = Engine::made(Call::DiscoveryResponse, &asked.reply(&reply), case.now())?;
    let body: Value = serde_json::from_slice(reply.http().body).unwrap();
    assert_eq!(body["issuer"], engine.party.rp.provider().issuer());
    Ok(body)
}

#[test]
fn discovery_vectors() {
    load("discovery").run(discovered);
}

#[test]
fn only_an_issuer_on_loopback_may_have_endpoints_on_loopback() {
    let asked = |issuer: &str, name: &str| {
        let metadata = json!({ "issuer": issuer, name: "http://127.0.0.1:2375/x" });
        let client = Client::new("s6BhdRkqt3").unwrap().redirect_uri("https://www.rp.com/cb").unwrap();
        let rp = RelyingParty::new(Provider::parse(metadata.to_string().as_bytes()).unwrap(), client);
        let refresh = GrantType::RefreshToken { token: "8xLOxBtZp8", transaction: None }.into();
        let made = match name {
            "authorization_endpoint" => {
                rp.authorization_request(&AuthorizationParams::default(), &ENTROPY).map(|request| request.url)
            }
            "end_session_endpoint" => rp.end_session_url(&EndSessionParams::default()),
            "token_endpoint" => rp.token_request(&refresh).map(|request| request.url),
            "jwks_uri" => rp.provider().jwks_request().map(|request| request.url),
            "userinfo_endpoint" => rp.userinfo_request("a", None).map(|request| request.url),
            "revocation_endpoint" => rp.revocation_request("a", None).map(|request| request.url),
            _ => rp.introspection_request("a", None).map(|request| request.url),
        };
        made.map_err(|error| error.code().into_owned())
    };
    for name in [
        "authorization_endpoint",
        "end_session_endpoint",
        "token_endpoint",
        "jwks_uri",
        "userinfo_endpoint",
        "revocation_endpoint",
        "introspection_endpoint",
    ] {
        assert!(asked("http://localhost:8080", name).unwrap().starts_with("http://127.0.0.1:2375/x"), "{name}");
        for issuer in ["https://op.example", "https://localhost", "http://op.example", "http://keycloak"] {
            assert_eq!(asked(issuer, name).unwrap_err(), "request.endpoint", "{name} of {issuer}");
        }
    }
}

#[test]
fn with_issuer_template_a_tenant_replaces_the_braces() {
    let body = r#"{"issuer":"https://login.example/{tenantid}/v2.0"}"#;
    let reply = Reply::json(200, body);
    let discovered = |issuer, is_relaxed| {
        let strict = Relaxations::default();
        let relaxations = if is_relaxed { strict.with(Relaxation::IssuerTemplate) } else { strict };
        Discovery { issuer, relaxations, ..Discovery::default() }.provider(&reply.http()).map(|_| ())
    };
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

#[test]
fn the_request_for_the_key_set_goes_to_the_address_of_the_metadata() {
    let file = load("jwks");
    let engine = Engine::of(&file.cases().next().unwrap()).unwrap();
    let request = engine.ask(Call::JwksRequest, &Asked::default()).unwrap().request();
    assert_eq!((&request["url"], &request["method"]), (&json!("https://op.example/jwks"), &json!("GET")));
}

// ── Authorization request and response ──

fn authorization_url(case: Case<'_>) -> Result<Value, Refusal> {
    let engine = Engine::of(&case)?;
    let login = Login::start(&engine, case.get("params").unwrap_or(&json!({})))?;
    assert!(engine.party.rp.transaction(&login.transaction).is_ok());
    // The case's own string if it is correct, with the placeholders filled from the request.
    let expected = case.get("expect").and_then(|expect| expect["ok"]["url"].as_str()).unwrap_or_default();
    let is_expected = login.fill(expected) == login.url;
    Ok(json!({ "url": if is_expected { expected } else { &login.url } }))
}

#[test]
fn authorization_vectors() {
    load("authorization").run(authorization_url);
}

#[test]
fn every_byte_of_entropy_reaches_the_request_and_state_nonce_and_verifier_differ() {
    let file = load("authorization");
    let rp = relying_party_of(&file.cases().next().unwrap());
    let started = |entropy: &[u8; AUTHORIZATION_ENTROPY]| {
        Login::from(rp.authorization_request(&AuthorizationParams::default(), entropy).unwrap())
    };
    let mut seen = HashSet::from([started(&[0; AUTHORIZATION_ENTROPY]).transaction]);
    for byte in 0..AUTHORIZATION_ENTROPY {
        let mut entropy = [0; AUTHORIZATION_ENTROPY];
        entropy[byte] = 1;
        assert!(seen.insert(started(&entropy).transaction), "byte {byte} is not used");
    }
    let login = started(&ENTROPY);
    let secrets = HashSet::from(["{state}", "{nonce}", "{verifier}"].map(|name| login.fill(name)));
    assert_eq!(secrets.len(), 3);
    assert!(secrets.iter().all(|secret| secret.len() >= 32), "at least 192 bits each");
}

#[test]
fn serde_checks_the_values_of_params() {
    let params: AuthorizationParams<'_> = serde_json::from_str(r#"{"scope":"openid email"}"#).unwrap();
    assert_eq!(params.scope.as_str(), "openid email");
    assert!(serde_json::from_str::<AuthorizationParams<'_>>(r#"{"scope":"a\"b"}"#).is_err());
    assert!(serde_json::from_str::<AuthorizationParams<'_>>(r#"{"redirect_uri":"http://a.example/"}"#).is_err());
}

#[test]
fn serde_reads_the_params_that_it_wrote() {
    for params in [
        AuthorizationParams::default(),
        AuthorizationParams { scope: Scope::none(), ..AuthorizationParams::default() },
        AuthorizationParams { claims: Some(r#"{"id_token":{"acr":null}}"#), ..AuthorizationParams::default() },
        AuthorizationParams { resource: vec![Resource::parse("urn:a").unwrap()], ..AuthorizationParams::default() },
    ] {
        let written = serde_json::to_value(&params).unwrap();
        assert_eq!(AuthorizationParams::deserialize(&written).unwrap(), params, "{written}");
    }
    assert!(serde_json::from_str::<AuthorizationParams<'_>>(r#"{"scope":" "}"#).is_err());
}

fn redirected(case: Case<'_>) -> Result<Value, Refusal> {
    let (engine, login) = (Engine::of(&case)?, Login::of(&case));
    let filled = |value: &Value| value.as_str().map_or_else(|| value.clone(), |text| login.fill(text).into());
    let response = filled(case.get("response").unwrap());
    let asked = Asked::default();
    let asked = match case.get("as").and_then(Value::as_str) {
        Some("params" | "FormData") => asked.absent().string("response", &response)?,
        _ => asked.string("response", &response)?.absent(),
    };
    let transaction = case.get("transaction").map_or_else(|| login.transaction.as_str().into(), filled);
    // JavaScript's null means that the storage has no transaction.
    let asked = if transaction.is_null() { asked.absent() } else { asked.string("transaction", &transaction)? };
    let mut said = engine.ask(Call::AuthorizationResponse, &asked)?;
    let mut answer = said.members(&[
        "code",
        "id_token",
        "access_token",
        "session_state",
        "token_type",
        "scope",
        "iss",
        "expires_in",
    ]);
    if let Some(Value::String(seconds)) = answer.get("expires_in") {
        let seconds: u64 = seconds.parse().unwrap();
        answer.insert("expires_in".into(), seconds.into());
    }
    Ok(answer.into())
}

#[test]
fn redirect_vectors() {
    load("redirect").run(redirected);
}

#[test]
fn a_redirect_above_a_mebibyte_is_rejected() {
    let file = load("redirect");
    let case = file.cases().next().unwrap();
    let (rp, login) = (relying_party_of(&case), Login::of(&case));
    let transaction = rp.transaction(&login.transaction).unwrap();
    let redirect = |length: usize| {
        let text = format!("https://www.rp.com/cb?code=x&state={}&pad=", login.state);
        let text = format!("{text}{}", "a".repeat(length - text.len()));
        rp.authorization_response(Redirect::Text(&text), &transaction).map(|_| ())
    };
    assert!(redirect(1 << 20).is_ok());
    assert_eq!(redirect((1 << 20) + 1).unwrap_err().code(), "redirect.malformed");
}

// ── The client's own requests ──

/// A valid request in the case's form: its letter case of names, and placeholders for values of
/// this run.
pub(crate) fn as_written(case: &Case<'_>, engine: &Engine, keys: &Keys, login: &Login, mut request: Value) -> Value {
    keys.show_assertion(case, engine, &mut request);
    if let Some(expected) = case.get("expect").and_then(|expect| expect.get("ok")) {
        if lower_case_names(&expected["headers"]) == lower_case_names(&request["headers"]) {
            request["headers"] = expected["headers"].clone();
        }
        if login.fill(expected["body"].as_str().unwrap()) == request["body"].as_str().unwrap() {
            request["body"] = expected["body"].clone();
        }
    }
    request
}

fn lower_case_names(headers: &Value) -> Value {
    let headers = headers.as_object().unwrap();
    headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect::<Map<_, _>>().into()
}

pub(crate) fn token_request(case: Case<'_>, keys: &Keys) -> Result<Value, Refusal> {
    let (engine, login) = (Engine::of(&case)?, Login::of(&case));
    let grant = login.fill_members(case.get("grant").unwrap());
    let asked = Asked::default().object("GrantMembers", "grant", &grant)?;
    let asked = if case.get("sync").is_some() {
        asked.absent()
    } else {
        keys.proven(&case, &engine, Call::TokenRequest, asked)?
    };
    let request = engine.ask(Call::TokenRequest, &asked)?.request();
    Ok(as_written(&case, &engine, keys, &login, request))
}

#[test]
fn token_request_vectors() {
    let keys = Keys::load();
    load("token_request").run(|case| token_request(case, &keys));
}

/// A request about a token, or the verdict on its reply.
fn about_a_token(case: Case<'_>, keys: &Keys, request: Call, response: Call) -> Result<Option<Value>, Refusal> {
    let engine = Engine::of(&case)?;
    let asked = Asked::default().text(case.get("token").map_or("the-token-in-question", |_| case.text("token")));
    let Some(reply) = case.get("reply") else {
        let asked = keys.proven(&case, &engine, request, asked)?;
        let request = engine.ask(request, &asked)?.request();
        return Ok(Some(as_written(&case, &engine, keys, &Login::of(&case), request)));
    };
    let mut said = engine.ask(response, &asked.reply(&Reply::of(reply)))?;
    Ok(said.has_more().then(|| said.parsed()))
}

#[test]
fn revocation_vectors() {
    let keys = Keys::load();
    load("revocation").run(|case| {
        let said = about_a_token(case, &keys, Call::RevocationRequest, Call::RevocationResponse)?;
        Ok(said.unwrap_or(true.into()))
    });
}

#[test]
fn introspection_vectors() {
    let keys = Keys::load();
    load("introspection").run(|case| {
        let engine = Engine::of(&case)?;
        let expected = case.get("expected").cloned();
        let said = about_a_token(case, &keys, Call::IntrospectionRequest, Call::IntrospectionResponse)?.unwrap();
        if let Some(expected) = expected {
            let asked = Asked::default().text(&said.to_string()).object("AccessTokenMembers", "expected", &expected)?;
            engine.ask(Call::Introspected, &asked)?;
        }
        Ok(said)
    });
}

// ── Pushed authorization requests ──

fn pushed(case: Case<'_>, keys: &Keys) -> Result<Value, Refusal> {
    let engine = Engine::of(&case)?;
    if let Some(reply) = case.get("reply") {
        let url = engine.ask(Call::PushedResponse, &Asked::default().reply(&Reply::of(reply)))?.text();
        return Ok(url.into());
    }
    let asked = Asked::default().object("AuthorizationMembers", "params", case.get("params").unwrap())?.absent();
    let asked = keys.proven(&case, &engine, Call::PushedRequest, asked)?;
    assert_eq!(engine.ask(Call::Pushes, &Asked::default())?.number(), 1);
    let mut said = engine.ask(Call::PushedRequest, &asked)?;
    let request = said.request();
    let url = format!("?{}", request["body"].as_str().unwrap());
    let login = Login { url, state: said.text(), transaction: said.text() };
    assert!(engine.party.rp.transaction(&login.transaction).is_ok());
    Ok(as_written(&case, &engine, keys, &login, request))
}

#[test]
fn par_vectors() {
    let keys = Keys::load();
    load("par").run(|case| pushed(case, &keys));
}

#[test]
fn authorization_details_vectors() {
    load("authorization_details").run(|case| {
        let engine = Engine::of(&case)?;
        let mut params = case.get("params").cloned().unwrap_or(json!({}));
        params["authorizationDetails"] = case.get("details").unwrap().clone();
        let asked = Asked::default().object("AuthorizationMembers", "params", &params)?;
        let mut said = engine.ask(Call::AuthorizationRequest, &asked)?;
        let login = Login { url: said.text(), state: said.text(), transaction: said.text() };
        let expected = case.get("expect").and_then(|expect| expect["ok"]["url"].as_str()).unwrap_or_default();
        let is_expected = login.fill(expected) == login.url;
        Ok(json!({ "url": if is_expected { expected } else { &login.url } }))
    });
}

// ── Registration ──

/// A case with a `reply` tests the response, one without tests the request.
fn registration(case: Case<'_>) -> Result<Value, Refusal> {
    let subject = case.get("subject").unwrap_or(case.default("subject"));
    let is_new = case.text("action") == "create";
    let action = case.text("action");
    let asked = if is_new { Asked::default().absent() } else { Asked::default().text(action) };
    let optional = |asked: Asked, name: &str, value: Option<&Value>| match value {
        Some(value) => asked.string(name, value),
        None => Ok(asked.absent()),
    };
    let needed = |asked: Asked, name: &str| asked.string(name, &subject[name]);
    let asked = if is_new {
        let asked = optional(needed(asked, "issuer")?, "registration_endpoint", subject.get("registration_endpoint"))?;
        optional(asked, "initialAccessToken", case.get("token"))?.absent().absent()
    } else {
        let asked = needed(needed(asked, "registration_client_uri")?, "registration_client_uri")?;
        let asked = needed(needed(asked, "registration_access_token")?, "client_id")?;
        optional(asked, "client_secret", subject.get("client_secret"))?
    };
    let asked = match case.get("metadata") {
        Some(metadata) => asked.json("metadata", metadata)?,
        None => asked.absent(),
    };
    let mut said = ask(Call::RegistrationRequest, &asked)?;
    let method = said.text();
    let mut request = said.request();
    request["method"] = method.into();
    let Some(reply) = case.get("reply") else { return Ok(request) };
    let reply = Reply::of(reply);
    if ask(Call::RegistrationResponse, &asked.reply(&reply))?.number() == 1 {
        return Ok(Value::Null);
    }
    Ok(serde_json::from_slice(reply.http().body).unwrap())
}

#[test]
fn registration_vectors() {
    load("registration").run(registration);
}

#[test]
fn client_metadata_document_vectors() {
    load("client_metadata_document").run(|case| {
        let asked = Asked::default().text(case.text("client_id")).json("metadata", case.get("metadata").unwrap())?;
        Ok(ask(Call::ClientMetadataDocument, &asked)?.parsed())
    });
}

// ── Device logins ──

/// With `params` a case tests the request, with `reply` the response, with `answers` the polls of
/// the token endpoint.
fn device(case: Case<'_>, keys: &Keys) -> Result<Value, Refusal> {
    const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
    let engine = Engine::of(&case)?;
    if let Some(reply) = case.get("reply") {
        let reply = Reply::of(reply);
        engine.ask(Call::DeviceResponse, &Asked::default().reply(&reply))?;
        return Ok(serde_json::from_slice(reply.http().body).unwrap());
    }
    if let Some(params) = case.get("params") {
        let mut grant = params.clone();
        grant["type"] = DEVICE_CODE.into();
        let asked = Asked::default().object("GrantMembers", "params", &grant)?;
        let asked = keys.proven(&case, &engine, Call::DeviceRequest, asked)?;
        let request = engine.ask(Call::DeviceRequest, &asked)?.request();
        return Ok(as_written(
            &case,
            &engine,
            keys,
            &Login::of(&load("authorization").cases().next().unwrap()),
            request,
        ));
    }
    let grant =
        json!({ "type": DEVICE_CODE, "parameters": { "device_code": "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS" } });
    let asked = Asked::default().json("device", case.get("device").unwrap())?.number(0);
    let tokens = json!({ "access_token": "SlAV32hkKG", "token_type": "Bearer" });
    Ok(json!({ "waits": waits(&case, &engine, &asked, &grant, &tokens)? }))
}

/// The waits between the polls of a case's `answers`. `asked` names the login.
pub(crate) fn waits(
    case: &Case<'_>,
    engine: &Engine,
    asked: &Asked,
    grant: &Value,
    tokens: &Value,
) -> Result<Vec<u32>, Refusal> {
    let mut waits = Vec::new();
    let mut last = asked.clone().number(0).absent();
    for answer in case.get("answers").unwrap().as_array().unwrap() {
        let mut said = engine.ask(Call::PollWait, &last)?;
        let interval = said.number();
        waits.push(said.number());
        // Keys are fetched before the first poll, if the provider has some.
        assert_eq!(said.number(), if case.provider().get("jwks_uri").is_some() { 2 } else { 0 });
        let refusal = polled(engine, grant, answer, tokens);
        let Err(refusal) = refusal else { return Ok(waits) };
        last = asked.clone().number(waits.iter().sum()).number(interval);
        last = match &refusal {
            Refusal::Engine(error) => {
                let detail = error.detail();
                let oauth = error.oauth().map_or("", |oauth| &oauth.error);
                let status = detail.status.unwrap_or_default();
                let last = last.text(&error.code()).text(oauth).number(status.into());
                match detail.retry_after {
                    Some(seconds) => last.number(seconds),
                    None => last.absent(),
                }
            }
            Refusal::Argument(name) => last.text(name).absent().number(0).absent(),
        };
        let goes_on = engine.ask(Call::PollWait, &last)?.has_more();
        if !goes_on {
            return Err(refusal);
        }
    }
    panic!("{} ends without a result", case.name());
}

/// One question to the token endpoint.
fn polled(engine: &Engine, grant: &Value, answer: &Value, tokens: &Value) -> Result<(), Refusal> {
    let reply = match answer.as_str() {
        None => Reply::of(answer),
        // As the host says it.
        Some(code) if code.starts_with("http.") => return Err(Refusal::Argument(code.to_owned())),
        Some("tokens") => Reply::json(200, tokens.to_string()),
        Some(error) => Reply::json(400, json!({ "error": error }).to_string()),
    };
    engine.ask(Call::TokenResponse, &Asked::default().object("GrantMembers", "grant", grant)?.reply(&reply))?;
    Ok(())
}

#[test]
fn device_vectors() {
    let keys = Keys::load();
    load("device").run(|case| device(case, &keys));
}

// ── Protected resources ──

#[test]
fn resource_metadata_vectors() {
    load("resource_metadata").run(|case| {
        let asked = Asked::default().text(case.text("resource"));
        let asked = match case.get("header") {
            Some(header) => asked.string("resource", header)?,
            None => asked.absent(),
        };
        let request = ask(Call::ResourceRequest, &asked)?.request();
        if let Some(url) = case.get("url") {
            assert_eq!((&request["url"], request["method"].as_str()), (url, Some("GET")), "{}", case.name());
        }
        let reply = Reply::of(case.get("reply").unwrap());
        ask(Call::ResourceResponse, &asked.reply(&reply))?;
        Ok(serde_json::from_slice(reply.http().body).unwrap())
    });
}

#[test]
fn step_up_vectors() {
    load("step_up").run(|case| {
        let mut said = ask(Call::StepUp, &Asked::default().text(case.text("header")))?;
        if !said.has_more() {
            return Ok(Value::Null);
        }
        let mut asked = said.members(&["scope", "acrValues", "maxAge"]);
        if let Some(Value::String(seconds)) = asked.get("maxAge") {
            let seconds: u32 = seconds.parse().unwrap();
            asked.insert("maxAge".into(), seconds.into());
        }
        Ok(asked.into())
    });
}

#[test]
fn a_request_contains_the_thumbprint_of_the_code_s_key() {
    let file = load("authorization");
    let rp = relying_party_of(&file.cases().next().unwrap());
    let asked = |dpop_jkt, extra| {
        let params = AuthorizationParams { dpop_jkt, extra, ..AuthorizationParams::default() };
        rp.authorization_request(&params, &ENTROPY)
            .map(|request| request.url)
            .map_err(|error| error.code().into_owned())
    };
    assert!(asked(Some("0ZcOCORZNYy"), vec![]).unwrap().ends_with("&dpop_jkt=0ZcOCORZNYy"));
    assert!(asked(None, vec![("dpop_jkt", "mine")]).unwrap().ends_with("&dpop_jkt=mine"));
    assert_eq!(asked(Some("0ZcOCORZNYy"), vec![("dpop_jkt", "mine")]).unwrap_err(), "request.reserved");
}

// ── Tokens ──

/// The package's token response: its JSON, with `expires_in` as the parsed number.
pub(crate) fn tokens(engine: &Engine, grant: &Value, reply: &Reply) -> Result<Value, Refusal> {
    let asked = Asked::default().object("GrantMembers", "grant", grant)?.reply(reply);
    let mut said = engine.ask(Call::TokenResponse, &asked)?;
    let told = said.members(&["expires_in", "token_type", "scope"]);
    let mut tokens: Map<String, Value> = serde_json::from_slice(reply.http().body).unwrap();
    let optional = ["refresh_token", "id_token", "scope", "expires_in"];
    tokens.retain(|name, member| !member.is_null() || !optional.contains(&name.as_str()));
    let kind = ExtensionGrant::parse(grant["type"].as_str().unwrap())
        .map_or(GrantType::ClientCredentials, GrantType::Extension);
    let read = engine.party.rp.token_response(&reply.http(), &kind.into())?;
    assert_eq!(
        (read.json().as_bytes(), read.is_expires_in_text()),
        (reply.http().body, told.contains_key("expires_in"))
    );
    tokens.extend(told);
    if read.is_expires_in_text() {
        tokens["expires_in"] = tokens["expires_in"].as_str().unwrap().parse::<u64>().unwrap().into();
    }
    let tokens = tokens.into();
    assert_accessors(&tokens, &read);
    Ok(tokens)
}

/// The accessors return the values of the message.
fn assert_accessors(tokens: &Value, read: &TokenResponse<'_>) {
    let text = |name: &str| tokens[name].as_str();
    assert_eq!((Some(read.access_token()), Some(read.token_type())), (text("access_token"), text("token_type")));
    assert_eq!(
        (read.refresh_token(), read.id_token(), read.scope()),
        (text("refresh_token"), text("id_token"), text("scope"))
    );
    match &tokens["expires_in"] {
        // Whole seconds. Fractions are dropped.
        Value::Number(number) => {
            assert_eq!(read.expires_in(), number.to_string().split('.').next().unwrap().parse().ok());
        }
        _ => assert_eq!(read.expires_in(), None),
    }
}

fn token_response(case: Case<'_>) -> Result<Value, Refusal> {
    let (engine, login) = (Engine::of(&case)?, Login::of(&case));
    let reply = Reply::of(case.get("reply").unwrap());
    let tokens = tokens(&engine, &login.fill_members(case.get("grant").unwrap()), &reply)?;
    if let Some(warns) = case.get("cache_warning").and_then(Value::as_bool) {
        let read = engine.party.rp.token_response(&reply.http(), &GrantType::ClientCredentials.into())?;
        assert_eq!(read.is_uncached(), !warns, "{}", case.name());
    }
    Ok(tokens)
}

#[test]
fn token_response_vectors() {
    load("token_response").run(token_response);
}

#[test]
fn an_error_contains_no_secret_of_the_rejected_response() {
    let file = load("token_response");
    for case in file.cases().filter(|case| case.error_code().is_some()) {
        let Err(Refusal::Engine(error)) = token_response(case) else { panic!("{}", case.name()) };
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!text.contains("SlAV32hkKG") && !text.contains("8xLOxBtZp8"), "{text}");
        }
    }
}

#[test]
fn a_password_equal_to_an_error_code_does_not_hide_the_code() {
    let file = load("token_response");
    let rp = relying_party_of(&file.cases().next().unwrap());
    let reply = Reply::json(400, r#"{"error":"invalid_grant"}"#);
    let grant = Grant::from(GrantType::Password { username: "johndoe", password: "invalid_grant" });
    let error = rp.token_response(&reply.http(), &grant).unwrap_err();
    assert_eq!(error.oauth().unwrap().error, "invalid_grant");
}

// ── Userinfo ──

fn relying_party() -> RelyingParty {
    relying_party_of(&load("userinfo").cases().next().unwrap())
}

#[test]
fn the_userinfo_request_carries_the_token_in_its_header_and_nowhere_else() {
    let request = relying_party().userinfo_request("SlAV32hkKG", None).unwrap();
    assert_eq!(
        (request.url.as_str(), request.method, request.body.as_deref()),
        ("https://op.example/userinfo", "GET", None)
    );
    assert!(request.headers.contains(&("Authorization", "Bearer SlAV32hkKG".into())));
    assert!(!format!("{request:?}").contains("SlAV32hkKG"));
}

#[test]
fn the_userinfo_request_follows_the_type_of_the_token() {
    let plain = relying_party();
    let bound = RelyingParty::new(plain.provider().clone(), plain.client().clone().dpop());
    let scheme = |rp: &RelyingParty, token_type| {
        let request = rp.userinfo_request("SlAV32hkKG", token_type).map_err(|error| error.code().into_owned())?;
        let credentials = request.headers.iter().find(|(name, _)| *name == "Authorization").unwrap();
        Ok(credentials.1.strip_suffix(" SlAV32hkKG").unwrap().to_owned())
    };
    for (token_type, without_key, with_key) in [
        (None, Ok("Bearer"), Ok("DPoP")),
        (Some("bearer"), Ok("Bearer"), Ok("Bearer")),
        (Some("dpop"), Err("token.token_type"), Ok("DPoP")),
        (Some("mac"), Err("token.token_type"), Err("token.token_type")),
        (Some(""), Err("token.token_type"), Err("token.token_type")),
    ] {
        let owned = |result: Result<&str, &str>| result.map(String::from).map_err(String::from);
        assert_eq!(scheme(&plain, token_type), owned(without_key), "{token_type:?}");
        assert_eq!(scheme(&bound, token_type), owned(with_key), "{token_type:?} with a key");
    }
}

#[test]
fn an_error_reply_keeps_its_status_and_words() {
    let reply =
        HttpReply { status: 401, www_authenticate: Some("Bearer error=\"invalid_token\""), ..HttpReply::default() };
    let error = relying_party().userinfo_response(&reply, "SlAV32hkKG", "x").unwrap_err();
    assert_eq!(error.detail().status, Some(401));
    assert!(error.to_string().contains("401"), "{error}");
}

// ── Logins from elsewhere, and logout ──

#[test]
fn initiated_login_vectors() {
    load("initiated_login").run(|case| {
        let asked = Asked::default().text(case.text("request"));
        let mut said = Engine::of(&case)?.ask(Call::InitiatedLogin, &asked)?;
        Ok(said.members(&["loginHint", "targetLinkUri"]).into())
    });
}

#[test]
fn end_session_vectors() {
    load("end_session").run(|case| {
        let params = case.get("params").cloned().unwrap_or(json!({}));
        let asked = Asked::default().object("EndSessionMembers", "params", &params)?;
        Ok(json!({ "url": Engine::of(&case)?.ask(Call::EndSessionUrl, &asked)?.text() }))
    });
}

#[test]
fn front_channel_logout_vectors() {
    load("front_channel_logout").run(|case| {
        let session = case.get("sid").map_or(json!({}), |sid| json!({ "sid": sid }));
        let asked = Asked::default().string("address", case.get("address").unwrap())?;
        let asked = asked.object("SessionMembers", "session", &session)?;
        Ok((Engine::of(&case)?.ask(Call::FrontChannelLogout, &asked)?.number() == 1).into())
    });
}

#[test]
fn end_session_returned_vectors() {
    load("end_session_returned").run(|case| {
        let asked = Asked::default().text(case.text("response")).text(case.text("state"));
        Ok((Engine::of(&case)?.ask(Call::EndSessionReturned, &asked)?.number() == 1).into())
    });
}
