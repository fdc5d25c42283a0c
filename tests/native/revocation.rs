//! Room `revocation`.

use oidc_wasm::Error;
use serde_json::Value;

use crate::common::crypto::Keys;
use crate::common::vectors::{Case, load};
use crate::common::{Reply, relying_party_of};
use crate::token::lower_case_names;

fn judge(case: Case<'_>, keys: &Keys) -> Result<Value, Error> {
    let rp = relying_party_of(&case);
    if let Some(reply) = case.get("reply") {
        return rp
            .revocation_response(
                &Reply::of(reply).http(),
                case.get("token").map_or("the-token-in-question", |_| case.text("token")),
            )
            .map(|()| true.into());
    }
    let request = rp.revocation_request(case.text("token"), keys.assertion(&case, &rp).as_ref())?;
    let mut found = keys.shown(&case, &rp, &request);
    let expected = &case.get("expect").unwrap()["ok"];
    if lower_case_names(&expected["headers"]) == lower_case_names(&found["headers"]) {
        found["headers"] = expected["headers"].clone();
    }
    Ok(found)
}

#[test]
fn vectors() {
    let keys = Keys::load();
    load("revocation").run(|case| Ok(judge(case, &keys)));
}
