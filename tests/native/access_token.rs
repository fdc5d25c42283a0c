//! Room `access_token`.

use oidc_wasm::{Error, Jwks, Secret};
use serde_json::Value;

use crate::common::crypto::{Keys, judged};
use crate::common::vectors::{Case, load};
use crate::common::{Outcome, arguments, relying_party_of};
use crate::id_token::token;

fn claims(case: Case<'_>, keys: &Keys, set: &Jwks) -> Outcome<Value> {
    let rp = relying_party_of(&case);
    let expected = match arguments::access_token(case.get("expected"))? {
        Ok(expected) => expected,
        Err(error) => return Ok(Err(error)),
    };
    let judge = || -> Result<(), Error> {
        let jws = rp.access_token(&token(&case, keys))?;
        let text = rp.access_token_claims(
            judged(&jws, set, rp.client().secret().map(Secret::expose))?,
            &expected,
            case.now(),
        )?;
        assert!(serde_json::from_str::<Value>(text.expose()).unwrap().is_object());
        Ok(())
    };
    Ok(judge().map(|()| true.into()))
}

#[test]
fn vectors() {
    let keys = Keys::load();
    let set = Jwks::parse(keys.set().to_string().as_bytes()).unwrap();
    load("access_token").run(|case| claims(case, &keys, &set));
}
