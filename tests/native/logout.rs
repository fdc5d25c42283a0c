//! Room `logout`.

use serde_json::{Value, json};

use crate::common::vectors::{Case, load};
use crate::common::{Outcome, arguments, relying_party_of};

fn url(case: Case<'_>) -> Outcome<Value> {
    let rp = relying_party_of(&case);
    let params = match arguments::end_session(case.get("params"))? {
        Ok(params) => params,
        Err(error) => return Ok(Err(error)),
    };
    Ok(rp.end_session_url(&params).map(|url| json!({ "url": url })))
}

#[test]
fn vectors() {
    load("end_session").run(url);
}

#[test]
fn returned_vectors() {
    load("end_session_returned").run(|case| {
        let rp = relying_party_of(&case);
        Ok(Ok(rp.end_session_returned(case.text("response"), case.text("state")).into()))
    });
}
