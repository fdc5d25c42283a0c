//! Room `challenge`.

use oidc_wasm::parse_challenges;

use crate::common::challenge;
use crate::common::vectors::load;

#[test]
fn vectors() {
    load("challenge").run(|case| Ok(Ok(parse_challenges(case.text("header")).iter().map(challenge).collect())));
}
