//! Room `jws`: published tokens, down to the bytes that are signed.

use serde_json::Value;

use crate::common::crypto::{set_of, verify};
use crate::common::vectors::{Case, load};
use crate::common::{Elsewhere, Outcome, relying_party_of};

fn judge(case: Case<'_>) -> Outcome<Value> {
    let token = case.text("token");
    let jws = match relying_party_of(&case).id_token(token) {
        Ok(jws) => jws,
        Err(error) => return Ok(Err(error)),
    };
    let set = set_of(case.get("jwk").unwrap());
    let question = jws.verification(&set).unwrap();
    assert_eq!(question.signing_input(), &token.as_bytes()[..token.rfind('.').unwrap()]);
    match verify(&question, None) {
        None if case.is_host() => Err(Elsewhere),
        answer => Ok(question.conclude(answer.unwrap()).map(|_| true.into())),
    }
}

#[test]
fn vectors() {
    load("jws").run(judge);
}
