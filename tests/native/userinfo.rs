//! Room `userinfo`.

use oidc_wasm::{Error, Jwks, RelyingParty, Userinfo};
use serde_json::Value;

use crate::common::crypto::{Keys, judged};
use crate::common::vectors::{Case, load};
use crate::common::{Reply, relying_party_of};

fn claims(case: Case<'_>, keys: &Keys, set: &Jwks) -> Result<Value, Error> {
    let rp = relying_party_of(&case);
    let mut reply = Reply::of(case.get("reply").unwrap());
    if let Some(jwt) = case.get("jwt") {
        let key = jwt.get("sign_with").and_then(Value::as_str);
        reply = reply.with_body(&keys.sign(&jwt["header"].to_string(), &jwt["claims"].to_string(), key));
    }
    let subject = case.text("subject");
    let text = rp.userinfo_response(&reply.http(), "the-access-token", subject).and_then(|answer| match answer {
        Userinfo::Claims(text) => Ok(text),
        Userinfo::Signed(jws) => rp.userinfo_claims(judged(&jws, set, None)?, subject, case.now()),
    });
    text.map(|text| serde_json::from_str(text.expose()).unwrap())
}

#[test]
fn vectors() {
    let keys = Keys::load();
    let set = Jwks::parse(keys.set().to_string().as_bytes()).unwrap();
    load("userinfo").run(|case| Ok(claims(case, &keys, &set)));
}

fn relying_party() -> RelyingParty {
    let file = load("userinfo");
    let case = file.cases().next().unwrap();
    relying_party_of(&case)
}

#[test]
fn the_request_carries_the_token_in_its_header_and_nowhere_else() {
    let request = relying_party().userinfo_request("SlAV32hkKG").unwrap();
    assert_eq!(
        (request.url.as_str(), request.method, request.body.as_deref()),
        ("https://op.example/userinfo", "GET", None)
    );
    assert!(request.headers.contains(&("Authorization", "Bearer SlAV32hkKG".into())));
    assert!(!format!("{request:?}").contains("SlAV32hkKG"));
}

#[test]
fn a_token_that_cannot_stand_in_a_header_is_refused() {
    for token in ["", "a b", "a\r\nX-Evil: 1", "a\u{e9}", "a\"b", "a,b"] {
        assert_eq!(relying_party().userinfo_request(token).unwrap_err().code(), "argument.accessToken", "{token:?}");
    }
}
