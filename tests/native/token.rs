//! Tests for src/token. Every case of an ID token runs through the check of the claims and through
//! the whole verification. Both must agree.

use oidc_wasm::wasm::calls::Call;
use oidc_wasm::wire::json::Document;
use oidc_wasm::{
    AccessTokenExpected, AuthorizationParams, Channel, IdTokenExpected, Jwks, NumericDate, PreviousClaims, Report,
    Rule, Scope, Secret, Signature, SignatureStatus, StoredClaims, TokenKind, Verdict,
};
use serde_json::{Value, json};

use crate::common::crypto::{Keys, judged};
use crate::common::engine::{Asked, Engine, Said};
use crate::common::vectors::{Case, load};
use crate::common::{ENTROPY, Login, Refusal, Reply, relying_party_of, shown};

/// A report in the host's form.
struct Told {
    is_valid: bool,
    signature: u32,
    header: Value,
    claims: Value,
    checks: Vec<(Rule, u32)>,
}

impl Told {
    fn read(mut said: Said) -> Told {
        let (is_valid, signature) = (said.number() == 1, said.number());
        let (header, claims) = (said.parsed(), said.parsed());
        let checks = (0..said.number()).map(|_| {
            let check = said.number();
            if check >> 16 != 0 {
                let (_expected, _found) = (said.optional(), said.optional());
            }
            (Rule::ALL[check as usize & 0xff], check >> 8 & 0xff)
        });
        let checks = checks.collect();
        assert!(!said.has_more());
        Told { is_valid, signature, header, claims, checks }
    }

    fn failing(&self) -> Vec<&'static str> {
        self.of(Verdict::Fail)
    }

    /// The rules with this verdict.
    fn of(&self, verdict: Verdict) -> Vec<&'static str> {
        let found = self.checks.iter().filter(|(_, other)| *other == verdict as u32);
        found.map(|(rule, _)| rule.code()).collect()
    }
}

fn asked(token: &str, expected: &Value) -> Result<Asked, Refusal> {
    Asked::default().text(token).object("IdTokenMembers", "expected", expected)
}

/// The token of a case and its expected values. With `params`, they come from the login that it
/// answers.
fn token_and_expected(case: &Case<'_>, keys: &Keys) -> (String, Value) {
    let login = case.get("params").map(|_| Login::of(case));
    let expected = case.expected();
    let expected = login.as_ref().map_or(expected.clone(), |login| login.fill_members(&expected));
    (keys.token_of(case, login.as_ref()), expected)
}

fn id_token(case: Case<'_>, keys: &Keys) -> Result<Value, Refusal> {
    let engine = Engine::of(&case)?.with_keys(&case.get("jwks").cloned().unwrap_or_else(|| keys.set()))?;
    let (token, expected) = token_and_expected(&case, keys);
    let asked = asked(&token, &expected)?;
    let unchecked = match engine.ask(Call::CheckIdToken, &asked) {
        Ok(said) => Told::read(said),
        Err(refusal) => {
            let error = engine.claims(TokenKind::IdToken, &token, &expected).unwrap_err();
            assert_eq!(shown(&error), shown(&refusal), "{}: a caller's mistake", case.name());
            return Err(refusal);
        }
    };
    let warns = case.get("warns").and_then(Value::as_array).into_iter().flatten();
    let warns: Vec<&str> = warns.map(|code| code.as_str().unwrap()).collect();
    assert_eq!(unchecked.of(Verdict::Warn), warns, "{}: warnings", case.name());
    let judged = Asked::default().text(&token).absent().object("IdTokenMembers", "expected", &expected)?;
    let report = engine.verify(TokenKind::IdToken, &token).ok().map(|_| engine.ask(Call::ReportIdToken, &judged));
    let report = report.transpose()?.map(Told::read);
    let outcome = engine.claims(TokenKind::IdToken, &token, &expected);
    let fails = match case.get("fails") {
        Some(fails) => fails.as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect(),
        None => Vec::from_iter(case.error_code()),
    };
    match disagreement(&fails, &unchecked, &outcome, report.as_ref()) {
        Some(disagreement) => Ok(disagreement.into()),
        None => outcome.map(|claims| claims.is_object().into()),
    }
}

/// The difference of check, verification and report from each other or from the rules that should
/// fail.
fn disagreement(
    fails: &[&str],
    unchecked: &Told,
    outcome: &Result<Value, Refusal>,
    report: Option<&Told>,
) -> Option<String> {
    let told = unchecked.failing();
    let is_unchecked = unchecked.signature == SignatureStatus::Unchecked as u32;
    if !is_unchecked || told != fails || unchecked.is_valid != fails.is_empty() {
        return Some(format!("the check should report {fails:?} and reports {told:?}"));
    }
    match (outcome, fails.first()) {
        (Ok(_), Some(rule)) => return Some(format!("verified although the check reports {rule}")),
        (Err(Refusal::Engine(error)), Some(rule)) if error.code() != *rule => {
            return Some(format!("the check reports {rule} first, but the error is {error}"));
        }
        (Err(Refusal::Engine(error)), None) if !error.code().starts_with("jw") => {
            return Some(format!("the check reports nothing, but the error is {error}"));
        }
        (Ok(claims), None) if *claims != unchecked.claims => {
            return Some("the claims differ from the report's".to_owned());
        }
        _ => {}
    }
    let report = report?;
    let told = report.failing();
    let is_alike = report.signature == SignatureStatus::Valid as u32
        && report.is_valid == unchecked.is_valid
        && report.checks.len() == unchecked.checks.len()
        && (&report.header, &report.claims) == (&unchecked.header, &unchecked.claims);
    (told != fails || !is_alike).then(|| format!("under a good signature it should be {fails:?} and is {told:?}"))
}

#[test]
fn id_token_vectors() {
    let keys = Keys::load();
    load("id_token").run(|case| id_token(case, &keys));
}

#[test]
fn access_token_vectors() {
    let keys = Keys::load();
    load("access_token").run(|case| {
        let engine = Engine::of(&case)?.with_keys(&keys.set())?;
        Ok(engine.claims(TokenKind::AccessToken, &keys.token(&case), &case.expected())?.is_object().into())
    });
}

/// The claims have a token's size limit, which is too long for a vector's line.
#[test]
fn introspected_claims_have_a_token_s_size_limit() {
    let rp = relying_party_of(&load("access_token").cases().next().unwrap());
    let expected = AccessTokenExpected { audience: vec!["https://api.example.com"], ..AccessTokenExpected::default() };
    let judged = |length: usize| {
        let claims = |filler: &str| format!(r#"{{"active":true,"aud":"https://api.example.com","x":"{filler}"}}"#);
        let filler = "a".repeat(length - claims("").len());
        rp.introspected(&claims(&filler), &expected, NumericDate::from_seconds(0)).map_err(|error| error.code())
    };
    assert_eq!(judged(64 * 1024), Ok(()));
    assert_eq!(judged(64 * 1024 + 1), Err("json.too_large".into()));
}

#[test]
fn logout_token_vectors() {
    let keys = Keys::load();
    load("logout_token").run(|case| {
        let engine = Engine::of(&case)?.with_keys(&keys.set())?;
        Ok(engine.claims(TokenKind::LogoutToken, &keys.token(&case), &case.expected())?.is_object().into())
    });
}

fn userinfo(case: Case<'_>, keys: &Keys) -> Result<Value, Refusal> {
    let engine = Engine::of(&case)?.with_keys(&keys.set())?;
    let mut reply = Reply::of(case.get("reply").unwrap());
    if let Some(jwt) = case.get("jwt") {
        let key = jwt.get("sign_with").and_then(Value::as_str);
        reply = reply.with_body(&keys.sign(&jwt["header"].to_string(), &jwt["claims"].to_string(), key));
    }
    let subject = case.text("subject");
    let token = case.get("access_token").and_then(Value::as_str).unwrap_or("the-access-token");
    let request = engine.ask(Call::UserinfoRequest, &Asked::default().text(token))?.request();
    assert_eq!(request["headers"]["Authorization"], format!("Bearer {token}"), "{}", case.name());
    let asked = Asked::default().text(token).text(subject).reply(&reply);
    let is_signed = engine.ask(Call::UserinfoResponse, &asked)?.number() == 1;
    let body = std::str::from_utf8(reply.http().body).unwrap();
    if is_signed {
        return engine.claims(TokenKind::Userinfo, body, &json!({ "expectedSubject": subject }));
    }
    Ok(serde_json::from_str(body).unwrap())
}

#[test]
fn userinfo_vectors() {
    let keys = Keys::load();
    load("userinfo").run(|case| userinfo(case, &keys));
}

/// The native report and claims of every token, with a valid signature and with an invalid one.
#[test]
fn a_native_report_agrees_with_the_claims_and_with_the_check() {
    let keys = Keys::load();
    let set = Jwks::parse(keys.set().to_string().as_bytes()).unwrap();
    let expected = IdTokenExpected::default();
    let failing = |report: &Report| -> Vec<Rule> {
        let failing = report.checks.iter().filter(|check| check.verdict == Verdict::Fail);
        failing.map(|check| check.rule).collect()
    };
    let (mut good, mut bad) = (0, 0);
    let file = load("id_token");
    for case in file.cases() {
        let (rp, token, now) = (relying_party_of(&case), keys.token(&case), case.now());
        let unchecked = rp.check_id_token(&token, &expected, now);
        let Ok(jws) = rp.id_token(&token) else { continue };
        let refused = rp.report(Signature::Invalid(&jws), &expected, now);
        assert_eq!((refused.signature, refused.is_valid()), (SignatureStatus::Invalid, false), "{}", case.name());
        assert_eq!(failing(&refused)[0], Rule::JwsSignature, "{}", case.name());
        assert_eq!(failing(&refused)[1..], failing(&unchecked), "{}", case.name());
        let Ok(verified) = judged(&jws, &set, rp.client().secret().map(Secret::expose)) else { continue };
        let report = rp.report(Signature::Valid(verified), &expected, now);
        assert_eq!((report.signature, failing(&report)), (SignatureStatus::Valid, failing(&unchecked)));
        assert_eq!((&report.header, &report.claims), (&unchecked.header, &unchecked.claims), "{}", case.name());
        assert_eq!(report.checks.len(), refused.checks.len(), "{}", case.name());
        match rp.claims(verified, &expected, now) {
            Ok(_) => good += 1,
            Err(error) => {
                bad += 1;
                assert_eq!(failing(&report).first(), Some(&error.rule()), "{}", case.name());
            }
        }
        assert_eq!(rp.claims(verified, &expected, now).is_ok(), report.is_valid(), "{}", case.name());
    }
    assert!(good > 50 && bad > 50, "{good} good, {bad} bad");
}

#[test]
fn a_report_of_an_unknown_channel_requires_the_hashes_of_the_redirect() {
    let file = load("id_token");
    let case = file.cases().find(|case| case.name() == "plain").unwrap();
    let (rp, token) = (relying_party_of(&case), Keys::load().token(&case));
    for (channel, verdict) in
        [(None, Verdict::Fail), (Some(Channel::Front), Verdict::Fail), (Some(Channel::TokenEndpoint), Verdict::Skip)]
    {
        let hashed =
            IdTokenExpected { channel, access_token: Some("at"), code: Some("c"), ..IdTokenExpected::default() };
        let report = rp.check_id_token(&token, &hashed, case.now());
        for rule in [Rule::IdTokenAtHash, Rule::IdTokenCHash] {
            let found = report.checks.iter().find(|check| check.rule == rule).unwrap();
            assert_eq!(found.verdict, verdict, "{rule:?}, {channel:?}");
        }
    }
}

#[test]
fn a_report_lists_each_rule_once_for_any_token() {
    let keys = Keys::load();
    let file = load("id_token");
    let (mut rules, mut reports) = (None, 0);
    for case in file.cases() {
        let engine = Engine::of(&case).unwrap();
        let (token, expected) = token_and_expected(&case, &keys);
        let Ok(said) = engine.ask(Call::CheckIdToken, &asked(&token, &expected).unwrap()) else { continue };
        let report = Told::read(said);
        let is_structure = |code: &str| code.starts_with("json.") || code == "id_token.encrypted";
        let codes = report.checks.iter().map(|(rule, _)| rule.code());
        let mut codes: Vec<&str> = codes.filter(|code| !is_structure(code) && !code.starts_with("jws.")).collect();
        assert!(codes.is_sorted_by(|a, b| a != b), "{}: each rule once", case.name());
        codes.sort_unstable();
        assert_eq!(rules.get_or_insert(codes.clone()), &codes, "{}", case.name());
        reports += 1;
    }
    assert!(reports > 200 && rules.is_some_and(|codes| codes.len() > 15), "{reports} reports");
}

/// RFC 6749 §5.1. This is a warning, not an error.
#[test]
fn a_report_warns_of_a_cacheable_response() {
    let keys = Keys::load();
    let file = load("id_token");
    let case = file.cases().find(|case| case.name() == "plain").unwrap();
    let engine = Engine::of(&case).unwrap().with_keys(&keys.set()).unwrap();
    let (token, expected) = token_and_expected(&case, &keys);
    for (cache_control, warns) in [("no-store", vec![]), ("max-age=60", vec!["token.cache_control"])] {
        engine.verify(TokenKind::IdToken, &token).unwrap();
        let asked = Asked::default().text(&token).text(cache_control);
        let asked = asked.object("IdTokenMembers", "expected", &expected).unwrap();
        let report = Told::read(engine.ask(Call::ReportIdToken, &asked).unwrap());
        assert_eq!((report.of(Verdict::Warn), report.is_valid), (warns, true), "{cache_control}");
    }
}

#[test]
fn reports_and_errors_show_no_secret() {
    let keys = Keys::load();
    let file = load("id_token");
    let case = file.cases().find(|case| case.name() == "plain").unwrap();
    let secrets = ["sent-nonce", "found-nonce", "the-token", "the-code", "the-state"];
    let expected = IdTokenExpected {
        nonce: Some(secrets[0]),
        access_token: Some(secrets[2]),
        code: Some(secrets[3]),
        state: Some(secrets[4]),
        ..IdTokenExpected::default()
    };
    let claims = json!({ "nonce": secrets[1], "at_hash": "x", "c_hash": "x", "s_hash": "x" }).to_string();
    let token = keys.sign(r#"{"alg":"RS256","kid":"rsa1"}"#, &claims, None);
    let report = relying_party_of(&case).check_id_token(&token, &expected, case.now());
    for rule in [Rule::IdTokenNonce, Rule::IdTokenAtHash, Rule::IdTokenCHash, Rule::IdTokenSHash] {
        assert!(report.checks.iter().any(|check| check.rule == rule && check.verdict == Verdict::Fail), "{rule:?}");
    }
    let shown = format!("{:?}", report.checks);
    assert!(secrets.iter().all(|secret| !shown.contains(secret)), "{shown}");
}

#[test]
fn previous_claims_must_be_those_of_an_id_token() {
    let is_read = |claims: &Value| {
        let text = claims.to_string();
        let document = Document::parse(text.as_bytes()).unwrap();
        let is_read = PreviousClaims::read(document.root()).is_some();
        let stored = StoredClaims::parse(&text).map(|_| ()).map_err(|error| error.code());
        assert_eq!(stored, if is_read { Ok(()) } else { Err("argument.previous".into()) }, "{text}");
        is_read
    };
    let good = json!({ "iss": "https://op.example", "sub": "s", "aud": ["app"] });
    assert!(is_read(&good));
    for name in ["iss", "sub", "aud"] {
        let mut bad = good.clone();
        bad[name] = json!(5);
        assert!(!is_read(&bad), "{name} a number");
        bad.as_object_mut().unwrap().shift_remove(name);
        assert!(!is_read(&bad), "{name} missing");
    }
}

#[test]
fn a_token_must_match_the_request_of_its_login() {
    let file = load("authorization");
    let rp = relying_party_of(&file.cases().next().unwrap());
    let started = |params: &AuthorizationParams<'_>| rp.authorization_request(params, &ENTROPY).unwrap().transaction;
    let plain = started(&AuthorizationParams::default());
    let transaction = rp.transaction(plain.expose()).unwrap();
    let expected = IdTokenExpected::of(&transaction);
    assert!(expected.state.is_some_and(|state| state.len() > 20));
    assert!(expected.nonce.is_some() && expected.max_age.is_none() && expected.acr_values.is_empty());

    let plain_oauth = started(&AuthorizationParams { scope: Scope::parse("read").unwrap(), ..Default::default() });
    assert_eq!(IdTokenExpected::of(&rp.transaction(plain_oauth.expose()).unwrap()).nonce, None);
    let recent = started(&AuthorizationParams { max_age: Some(600), ..Default::default() });
    assert_eq!(IdTokenExpected::of(&rp.transaction(recent.expose()).unwrap()).max_age, Some(600));

    let acr_values = |params: &AuthorizationParams<'_>| {
        let text = started(params);
        let transaction = rp.transaction(text.expose()).unwrap();
        IdTokenExpected::of(&transaction).acr_values.join(" ")
    };
    let claimed = |claims| acr_values(&AuthorizationParams { claims: Some(claims), ..Default::default() });
    assert_eq!(claimed(r#"{"id_token":{"acr":{"essential":true,"values":["gold","silver"]}}}"#), "gold silver");
    assert_eq!(claimed(r#"{"id_token":{"acr":{"essential":true,"value":"gold"}}}"#), "gold");
    assert_eq!(claimed(r#"{"id_token":{"acr":{"essential":false,"values":["gold","silver"]}}}"#), "", "voluntary");
    assert_eq!(
        acr_values(&AuthorizationParams { acr_values: Some("gold"), ..Default::default() }),
        "",
        "acr_values are voluntary, OpenID Connect Core §3.1.2.1"
    );
}
