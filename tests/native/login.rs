//! A whole login with recorded messages.

use oidc_wasm::wasm::calls::Call;
use oidc_wasm::wasm::run::Party;
use oidc_wasm::wire::base64url::encode;
use oidc_wasm::{
    AUTHORIZATION_ENTROPY, AccessTokenExpected, AuthorizationParams, Channel, Client, Discovery, Grant, GrantType,
    IdTokenExpected, Jwks, NumericDate, Provider, Redirect, RelyingParty, ResponseType, Rule, Scope, StoredClaims,
    TokenKind, Transaction, Userinfo, Verdict,
};
use serde_json::{Value, json};

use crate::common::crypto::{Keys, Question, judged};
use crate::common::engine::{Asked, Engine};
use crate::common::{ENTROPY, Login, Reply, shown};

const ISSUER: &str = "https://op.example";
const NOW: i64 = 1_311_281_000;

fn discovered() -> RelyingParty {
    let discovery = Discovery { issuer: ISSUER, ..Discovery::default() };
    assert_eq!(discovery.request().unwrap().url, "https://op.example/.well-known/openid-configuration");
    let metadata = json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://op.example/authorize",
        "token_endpoint": "https://op.example/token",
        "userinfo_endpoint": "https://op.example/userinfo",
        "jwks_uri": "https://op.example/jwks",
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
        "authorization_response_iss_parameter_supported": true
    });
    let reply = Reply::json(200, metadata.to_string());
    let provider = discovery.provider(&reply.http()).unwrap();
    let client = Client::new("s6BhdRkqt3").unwrap().redirect_uri("https://www.rp.com/cb").unwrap();
    RelyingParty::new(provider, client)
}

fn keys_of(rp: &RelyingParty, keys: &Keys) -> Jwks {
    assert_eq!(rp.provider().jwks_request().unwrap().url, "https://op.example/jwks");
    Jwks::from_reply(&Reply::json(200, keys.set().to_string()).http()).unwrap()
}

fn id_token(keys: &Keys, alg: &str, kid: &str, claims: &Value) -> String {
    let mut all = json!({ "iss": ISSUER, "sub": "248289761001", "aud": "s6BhdRkqt3", "exp": NOW + 300, "iat": NOW });
    all.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
    keys.sign(&json!({ "alg": alg, "kid": kid }).to_string(), &all.to_string(), None)
}

#[test]
fn code_flow_refresh_and_userinfo_under_every_kind_of_key() {
    let keys = Keys::load();
    let now = NumericDate::from_seconds(NOW);
    for (alg, kid) in [("RS256", "rsa1"), ("ES256", "p256a"), ("EdDSA", "ed25519")] {
        let rp = discovered();
        let set = keys_of(&rp, &keys);
        let params = AuthorizationParams {
            scope: Scope::parse("openid offline_access").unwrap(),
            max_age: Some(600),
            ..AuthorizationParams::default()
        };
        let request = Login::from(rp.authorization_request(&params, &ENTROPY).unwrap());

        // The browser returns, perhaps to another process.
        let transaction = rp.transaction(&request.transaction).unwrap();
        let redirect = request.fill("https://www.rp.com/cb?code=SplxlO&state={state}&iss=https%3A%2F%2Fop.example");
        let answer = rp.authorization_response(Redirect::Text(&redirect), &transaction).unwrap();
        let code = answer.code().unwrap();
        let grant: Grant<'_> = GrantType::AuthorizationCode { code, transaction: &transaction }.into();
        let body = rp.token_request(&grant).unwrap().body.unwrap();
        let form = "grant_type=authorization_code&code=SplxlO&redirect_uri=https%3A%2F%2Fwww.rp.com%2Fcb&code_verifier={verifier}&client_id=s6BhdRkqt3";
        assert_eq!(body, request.fill(form));

        let claims = json!({ "nonce": request.fill("{nonce}"), "auth_time": NOW - 5 });
        let tokens = json!({
            "access_token": "SlAV32hkKG", "token_type": "Bearer", "refresh_token": "8xLOxBtZp8", "expires_in": 3600,
            "id_token": id_token(&keys, alg, kid, &claims)
        });
        let reply = Reply::json(200, tokens.to_string());
        let tokens = rp.token_response(&reply.http(), &grant).unwrap();
        let jws = rp.id_token(tokens.id_token().unwrap()).unwrap();
        let expected = IdTokenExpected {
            access_token: Some(tokens.access_token()),
            code: Some(code),
            ..IdTokenExpected::of(&transaction)
        };
        let login = rp.claims(judged(&jws, &set, None).unwrap(), &expected, now).unwrap();
        assert_eq!((login.issuer(), login.subject()), (ISSUER, "248289761001"));

        assert!(rp.userinfo_request(tokens.access_token(), Some(tokens.token_type())).is_ok());
        let userinfo = Reply::json(200, r#"{"sub":"248289761001","name":"Jane Doe"}"#);
        assert!(matches!(
            rp.userinfo_response(&userinfo.http(), "SlAV32hkKG", login.subject()),
            Ok(Userinfo::Claims(_))
        ));

        let grant: Grant<'_> =
            GrantType::RefreshToken { token: tokens.refresh_token().unwrap(), transaction: None }.into();
        let refreshed =
            json!({ "access_token": "b", "token_type": "Bearer", "id_token": id_token(&keys, alg, kid, &json!({})) });
        let reply = Reply::json(200, refreshed.to_string());
        let refreshed = rp.token_response(&reply.http(), &grant).unwrap();
        let jws = rp.id_token(refreshed.id_token().unwrap()).unwrap();
        let after = |previous| IdTokenExpected {
            channel: Some(Channel::Refresh),
            previous: Some(previous),
            ..IdTokenExpected::default()
        };
        let verified = judged(&jws, &set, None).unwrap();
        assert!(rp.claims(verified, &after(login.as_previous()), now).is_ok());
        let stored = StoredClaims::parse(login.json()).unwrap();
        assert!(rp.claims(verified, &after(stored.as_previous()), now).is_ok());
        let of_another = login.json().replace("248289761001", "248289761002");
        let stored = StoredClaims::parse(&of_another).unwrap();
        let error = rp.claims(verified, &after(stored.as_previous()), now).unwrap_err();
        assert_eq!(error.code(), "id_token.previous");
    }
}

/// The package's calls: the redirect and the token request in one, the token response and the
/// host's question in another.
#[test]
fn a_login_with_the_package_s_calls() {
    let keys = Keys::load();
    let party = Party::new(discovered(), Jwks::default());
    let engine = Engine::with(party, NumericDate::from_seconds(NOW)).with_keys(&keys.set()).unwrap();
    let params = json!({ "keep": "/where/I/was", "resource": "https://api.example.com" });
    let login = Login::start(&engine, &params).unwrap();
    let redirect = login.fill("https://www.rp.com/cb?code=SplxlO&state={state}&iss=https%3A%2F%2Fop.example");
    let asked = Asked::default().text(&redirect).absent().text(&login.transaction);
    let along = |members: &Value| asked.clone().object("ExchangeMembers", "options", members).unwrap();
    let refused = engine.ask(Call::Exchange, &along(&json!({ "parameters": { "code": "x" } }))).err().unwrap();
    assert_eq!(shown(&refused)["code"], "request.reserved", "before any request");
    let mut said = engine.ask(Call::Exchange, &along(&json!({}))).unwrap();
    let names = ["code", "id_token", "access_token", "session_state", "token_type", "scope", "iss", "expires_in"];
    assert_eq!(Value::Object(said.members(&names)), json!({ "code": "SplxlO" }));
    assert_eq!(said.text(), "/where/I/was");
    assert_eq!(said.number(), 2, "the requested ID token needs keys");
    let grant = json!({ "type": "authorization_code", "code": "SplxlO", "transaction": login.transaction });
    let asked = Asked::default().object("GrantMembers", "grant", &grant).unwrap();
    let mut alone = engine.ask(Call::TokenRequest, &asked.clone().absent()).unwrap();
    let request = said.request();
    assert_eq!(request, alone.request(), "the direct request equals the expected one");
    assert!(request["body"].as_str().unwrap().ends_with("&resource=https%3A%2F%2Fapi.example.com"));

    for (nonce, expected) in [(login.fill("{nonce}"), "ok"), ("another".into(), "id_token.nonce")] {
        let token = id_token(&keys, "ES256", "p256a", &json!({ "nonce": nonce }));
        let tokens = json!({ "access_token": "SlAV32hkKG", "token_type": "Bearer", "id_token": token });
        let reply = Reply::json(200, tokens.to_string());
        let mut said = engine.ask(Call::Exchanged, &asked.clone().reply(&reply)).unwrap();
        assert!(
            said.members(&["expires_in", "token_type", "scope"]).is_empty(),
            "no member differs from its JSON form"
        );
        let question = Question::read(&mut said);
        assert!(question.is_valid(None) && !said.has_more());
        assert_eq!(question.input, engine.question(TokenKind::IdToken, &token).unwrap().input);
        let wanted = json!({ "transaction": login.transaction, "accessToken": "SlAV32hkKG", "code": "SplxlO" });
        let claims = engine.claims(TokenKind::IdToken, &token, &wanted);
        let verdict = claims.map_or_else(|refusal| shown(&refusal)["code"].clone(), |_| "ok".into());
        assert_eq!(verdict, expected);
    }
}

#[test]
fn the_token_of_another_login_is_rejected() {
    let keys = Keys::load();
    let rp = discovered();
    let set = keys_of(&rp, &keys);
    let login = |entropy| Login::from(rp.authorization_request(&AuthorizationParams::default(), &entropy).unwrap());
    let (mine, other) = (login(ENTROPY), login([7; 80]));
    let redirect = other.fill("https://www.rp.com/cb?code=x&state={state}&iss=https%3A%2F%2Fop.example");
    let (mine, others) = (rp.transaction(&mine.transaction).unwrap(), rp.transaction(&other.transaction).unwrap());
    let error = rp.authorization_response(Redirect::Text(&redirect), &mine).unwrap_err();
    assert_eq!(error.code(), "redirect.state");
    let token = id_token(&keys, "RS256", "rsa1", &json!({ "nonce": other.fill("{nonce}") }));
    let jws = rp.id_token(&token).unwrap();
    let verified = judged(&jws, &set, None).unwrap();
    let claims = |transaction: &Transaction<'_>| {
        rp.claims(verified, &IdTokenExpected::of(transaction), NumericDate::from_seconds(NOW))
    };
    assert_eq!(claims(&mine).unwrap_err().code(), "id_token.nonce");
    assert!(claims(&others).is_ok());
}

#[test]
fn hybrid_flow_binds_code_and_token_to_the_id_token_of_the_redirect() {
    let keys = Keys::load();
    let rp = discovered();
    let set = keys_of(&rp, &keys);
    let params =
        AuthorizationParams { response_type: ResponseType::CodeIdTokenToken, ..AuthorizationParams::default() };
    let request = Login::from(rp.authorization_request(&params, &ENTROPY).unwrap());
    // OpenID Connect Core A.3 and A.4
    let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    let code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
    let nonce = request.fill("{nonce}");
    let transaction = rp.transaction(&request.transaction).unwrap();
    let judge = |claims: &Value, code: &str| {
        let token = id_token(&keys, "RS256", "rsa1", claims);
        let redirect = format!(
            "https://www.rp.com/cb#code={code}&access_token={access_token}&token_type=bearer&id_token={token}&state={}",
            request.state
        );
        let answer = rp.authorization_response(Redirect::Text(&redirect), &transaction)?;
        let jws = rp.id_token(answer.id_token().unwrap())?;
        let expected = IdTokenExpected {
            channel: Some(Channel::Front),
            access_token: answer.access_token(),
            code: answer.code(),
            ..IdTokenExpected::of(&transaction)
        };
        rp.claims(judged(&jws, &set, None)?, &expected, NumericDate::from_seconds(NOW)).map(|_| ())
    };
    let hashes = json!({ "nonce": nonce, "at_hash": "77QmUPtjPfzWtF2AnpK9RQ", "c_hash": "LDktKdoQak3Pk0cnXxCltA" });
    assert_eq!(judge(&hashes, code), Ok(()));
    assert_eq!(judge(&hashes, "another-code").unwrap_err().code(), "id_token.c_hash");
    for (name, rule) in [("at_hash", "id_token.at_hash"), ("c_hash", "id_token.c_hash"), ("nonce", "id_token.nonce")] {
        let mut less = hashes.clone();
        less.as_object_mut().unwrap().shift_remove(name);
        assert_eq!(judge(&less, code).unwrap_err().code(), rule, "without {name}");
    }
}

#[test]
fn an_essential_auth_time_is_required_in_its_login() {
    let provider =
        Provider::parse(br#"{"issuer":"https://op.example","authorization_endpoint":"https://op.example/authorize"}"#);
    let client = Client::new("app").unwrap().redirect_uri("https://app.example/cb").unwrap();
    let rp = RelyingParty::new(provider.unwrap(), client);
    let fails = |claims: &str, auth_time: &str| {
        let params = AuthorizationParams { claims: Some(claims), ..AuthorizationParams::default() };
        let request = rp.authorization_request(&params, &[7; AUTHORIZATION_ENTROPY]).unwrap();
        let transaction = rp.transaction(request.transaction.expose()).unwrap();
        let now = NumericDate::from_seconds(1_311_281_000);
        let claims = format!(
            r#"{{"iss":"https://op.example","sub":"s","aud":"app","exp":1311281970,"iat":1311280970,"nonce":"{}"{auth_time}}}"#,
            encode(&[7; 24])
        );
        let token = format!("{}.{}.AAAA", encode(br#"{"alg":"RS256"}"#), encode(claims.as_bytes()));
        let report = rp.check_id_token(&token, &IdTokenExpected::of(&transaction), now);
        let failed = report.checks.iter().filter(|check| check.verdict == Verdict::Fail);
        failed.map(|check| check.rule).collect::<Vec<_>>()
    };
    let essential = r#"{"id_token":{"auth_time":{"essential":true}}}"#;
    assert_eq!(fails(essential, ""), [Rule::IdTokenAuthTime]);
    assert_eq!(fails(essential, r#","auth_time":1311280969"#), []);
    assert_eq!(fails(r#"{"id_token":{"auth_time":null}}"#, ""), []);
}

#[test]
fn a_verified_token_of_one_kind_is_not_valid_as_another() {
    let rp = discovered();
    let keys = Keys::load();
    let set = Jwks::parse(keys.set().to_string().as_bytes()).unwrap();
    let claims = format!(r#"{{"iss":"{ISSUER}","sub":"s","aud":"app","exp":{},"iat":{NOW}}}"#, NOW + 60);
    let token = keys.sign(r#"{"alg":"RS256","kid":"rsa1"}"#, &claims, None);
    let now = NumericDate::from_seconds(NOW);
    let (id_token, access_token) = (rp.id_token(&token).unwrap(), rp.access_token(&token).unwrap());
    let expected = AccessTokenExpected { audience: vec!["app"], ..AccessTokenExpected::default() };
    let (id, access) = (judged(&id_token, &set, None).unwrap(), judged(&access_token, &set, None).unwrap());
    assert!(rp.access_token_claims(access, &expected, now).is_ok());
    assert_eq!(rp.access_token_claims(id, &expected, now).unwrap_err().code(), "jws.typ");
    assert_eq!(rp.claims(access, &IdTokenExpected::default(), now).unwrap_err().code(), "jws.typ");
    assert_eq!(rp.userinfo_claims(id, "s", now).unwrap_err().code(), "jws.typ");
    assert_eq!(rp.logout_token_claims(id, now).unwrap_err().code(), "jws.typ");
}
