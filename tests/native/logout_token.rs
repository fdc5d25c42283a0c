//! Room `logout_token`.

use oidc_wasm::{Error, Jwks};
use serde_json::Value;

use crate::common::crypto::{Keys, judged};
use crate::common::relying_party_of;
use crate::common::vectors::{Case, load};
use crate::id_token::token;

fn claims(case: Case<'_>, keys: &Keys, set: &Jwks) -> Result<Value, Error> {
    let rp = relying_party_of(&case);
    let jws = rp.logout_token(&token(&case, keys))?;
    let text = rp.logout_token_claims(judged(&jws, set, None)?, case.now())?;
    Ok(serde_json::from_str::<Value>(text.expose()).unwrap().is_object().into())
}

#[test]
fn vectors() {
    let keys = Keys::load();
    let set = Jwks::parse(keys.set().to_string().as_bytes()).unwrap();
    load("logout_token").run(|case| Ok(claims(case, &keys, &set)));
}
