//! Room `id_token`, and `report`: every case goes through the check of the claims and through the whole verification, and
//! the two must agree.

use oidc_wasm::wire::json::Document;
use oidc_wasm::{
    Error, IdTokenExpected, Jwks, NumericDate, PreviousClaims, RelyingParty, Report, Secret, Signature,
    SignatureStatus, Verdict,
};
use serde_json::{Value, json};

use crate::common::arguments::Others;
use crate::common::crypto::{Keys, judged};
use crate::common::vectors::{Case, load};
use crate::common::{ENTROPY, Outcome, arguments, relying_party_of};

/// The signed token of a case.
pub(crate) fn token(case: &Case<'_>, keys: &Keys) -> String {
    let text = |member| case.get(member).and_then(Value::as_str).map(str::to_owned);
    let header = || Value::from(case.overlaid("header", "without_header")).to_string();
    let claims = || Value::from(case.overlaid("claims", "without")).to_string();
    let header = text("header_text").unwrap_or_else(header);
    let payload = text("payload").unwrap_or_else(claims);
    let good = keys.sign(&header, &payload, case.get("sign_with").and_then(Value::as_str));
    let mut parts = good.split('.');
    let mut next = || parts.next().unwrap();
    let (header, payload, signature) = (next(), next(), next());
    text("token").map_or(good.clone(), |template| {
        template.replace("{header}", header).replace("{payload}", payload).replace("{signature}", signature)
    })
}

fn failing(report: &Report) -> Vec<&'static str> {
    let failing = report.checks.iter().filter(|check| check.verdict == Verdict::Fail);
    failing.map(|check| check.rule.code()).collect()
}

/// Signature and claims, with the report that a host would show.
fn verified(
    rp: &RelyingParty,
    token: &str,
    set: &Jwks,
    expected: &IdTokenExpected<'_>,
    now: NumericDate,
) -> (Result<(), Error>, Option<Report>) {
    let jws = match rp.id_token(token) {
        Ok(jws) => jws,
        Err(error) => return (Err(error), None),
    };
    let secret = rp.client().secret().map(Secret::expose);
    match judged(&jws, set, secret) {
        Err(error) => (Err(error), Some(rp.report(Signature::Invalid(&jws), expected, now))),
        Ok(evidence) => {
            (rp.claims(evidence, expected, now).map(|_| ()), Some(rp.report(Signature::Valid(evidence), expected, now)))
        }
    }
}

fn judge(case: Case<'_>, keys: &Keys) -> Outcome<Value> {
    let rp = relying_party_of(&case);
    let others = Others::of(case.get("expected"));
    let expected = arguments::expected(case.get("expected"), &others)?;
    let now = case.now();
    let token = token(&case, keys);
    let set = case.get("jwks").cloned().unwrap_or_else(|| keys.set());
    let set = Jwks::parse(set.to_string().as_bytes()).unwrap();

    let unchecked = rp.check_id_token(&token, &expected, now);
    let (outcome, report) = verified(&rp, &token, &set, &expected, now);
    let code = case.error_code();
    let fails = match case.get("fails") {
        Some(fails) => fails.as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect(),
        None => Vec::from_iter(code),
    };
    Ok(match disagreement(&fails, &unchecked, &outcome, report.as_ref()) {
        Some(disagreement) => Ok(disagreement.into()),
        None => outcome.map(|()| true.into()),
    })
}

/// How check, verification and the report of both differ from each other or from the rules that should fail.
fn disagreement(
    fails: &[&str],
    unchecked: &Report,
    outcome: &Result<(), Error>,
    report: Option<&Report>,
) -> Option<String> {
    let told = failing(unchecked);
    if unchecked.signature != SignatureStatus::Unchecked || told != fails || unchecked.is_valid() != fails.is_empty() {
        return Some(format!("the check should find {fails:?} and finds {told:?}"));
    }
    match (outcome, fails.first()) {
        (Ok(()), Some(rule)) => return Some(format!("verified although the check finds {rule}")),
        (Err(error), Some(rule)) if error.code() != *rule => {
            return Some(format!("the check's first finding is {rule}, the error {error}"));
        }
        (Err(error), None) if !error.code().starts_with("jw") => {
            return Some(format!("the check finds nothing, the error is {error}"));
        }
        _ => {}
    }
    let report = report?;
    let mut fails = fails.to_vec();
    if report.signature == SignatureStatus::Invalid {
        fails.insert(0, "jws.signature");
    }
    let told = failing(report);
    if told != fails || report.checks.len() != unchecked.checks.len() {
        return Some(format!("with the signature judged it should be {fails:?} and is {told:?}"));
    }
    ((&report.header, &report.claims) != (&unchecked.header, &unchecked.claims)).then(|| "the reports differ".into())
}

#[test]
fn vectors() {
    let keys = Keys::load();
    load("id_token").run(|case| judge(case, &keys));
}

#[test]
fn a_report_names_every_rule_whatever_is_wrong_and_judges_each_once() {
    let keys = Keys::load();
    let file = load("id_token");
    let mut rules = None;
    for case in file.cases() {
        let report = relying_party_of(&case).check_id_token(
            &token(&case, &keys),
            &arguments::expected(case.get("expected"), &Others::of(case.get("expected"))).unwrap(),
            case.now(),
        );
        let is_structure = |code: &str| code.starts_with("json.") || code == "id_token.encrypted";
        let codes = report.checks.iter().map(|check| check.rule.code());
        let mut codes: Vec<&str> = codes.filter(|code| !is_structure(code) && !code.starts_with("jws.")).collect();
        assert!(codes.is_sorted_by(|a, b| a != b), "{}: no rule twice", case.name());
        codes.sort_unstable();
        assert_eq!(rules.get_or_insert(codes.clone()), &codes, "{}", case.name());
    }
}

#[test]
fn neither_report_nor_error_shows_what_is_secret() {
    let keys = Keys::load();
    let file = load("id_token");
    let case = file.cases().find(|case| case.name() == "plain").unwrap();
    let rp = relying_party_of(&case);
    let secrets = ["sent-nonce", "found-nonce", "the-token", "the-code", "the-state"];
    let expected = json!({ "nonce": secrets[0], "accessToken": secrets[2], "code": secrets[3], "state": secrets[4] });
    let others = Others::of(None);
    let expected = arguments::expected(Some(&expected), &others).unwrap();
    let claims = json!({ "nonce": secrets[1], "at_hash": "x", "c_hash": "x", "s_hash": "x" }).to_string();
    let token = keys.sign(r#"{"alg":"RS256","kid":"rsa1"}"#, &claims, None);
    let report = rp.check_id_token(&token, &expected, case.now());
    let fails = failing(&report);
    for rule in ["id_token.nonce", "id_token.at_hash", "id_token.c_hash", "id_token.s_hash"] {
        assert!(fails.contains(&rule), "{rule}");
    }
    let shown = format!("{:?}", report.checks);
    assert!(secrets.iter().all(|secret| !shown.contains(secret)), "{shown}");
}

#[test]
fn claims_that_no_id_token_has_are_none_to_compare_with() {
    let is_read = |claims: &Value| {
        let document = Document::parse(claims.to_string().into()).unwrap();
        PreviousClaims::read(document.root()).is_some()
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
fn what_a_login_asked_for_is_what_its_token_must_meet() {
    let file = load("authorization");
    let case = file.cases().next().unwrap();
    let rp = relying_party_of(&case);
    let acr =
        |essential: bool| json!({ "id_token": { "acr": { "essential": essential, "values": ["gold", "silver"] } } });
    let transaction = |params: Value| {
        let params = arguments::authorization_params(Some(&params)).unwrap().unwrap();
        let request = rp.authorization_request(&params, &ENTROPY).unwrap();
        rp.transaction(request.transaction.expose()).unwrap()
    };
    let started = transaction(json!({}));
    let plain = IdTokenExpected::of(&started);
    assert!(plain.state.is_some_and(|state| state.len() > 20));
    assert!(plain.nonce.is_some() && plain.max_age.is_none() && plain.acr_values.is_empty());
    assert_eq!(IdTokenExpected::of(&transaction(json!({ "scope": "read" }))).nonce, None);
    assert_eq!(IdTokenExpected::of(&transaction(json!({ "maxAge": 600 }))).max_age, Some(600));
    let acr_values = |params| IdTokenExpected::of(&transaction(params)).acr_values.join(" ");
    assert_eq!(acr_values(json!({ "claims": acr(true) })), "gold silver");
    let one = json!({ "id_token": { "acr": { "essential": true, "value": "gold" } } });
    assert_eq!(acr_values(json!({ "claims": one })), "gold");
    assert_eq!(acr_values(json!({ "claims": acr(false) })), "", "voluntary");
    assert_eq!(
        acr_values(json!({ "acrValues": "gold" })),
        "",
        "acr_values are voluntary, OpenID Connect Core §3.1.2.1"
    );
}
