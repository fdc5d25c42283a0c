//! Room `pkce`.

use oidc_wasm::{Pkce, code_challenge};

use crate::common::vectors::load;

#[test]
fn vectors() {
    load("pkce").run(|case| Ok(code_challenge(case.text("verifier")).map(Into::into)));
}

#[test]
fn a_fresh_pair_depends_on_every_bit_of_the_entropy_and_is_accepted() {
    let pair = Pkce::new(&[0; 32]);
    assert_eq!(code_challenge(pair.verifier().expose()).unwrap(), pair.challenge());
    for bit in 0..256 {
        let mut entropy = [0; 32];
        entropy[bit / 8] = 1 << (bit % 8);
        assert_ne!(Pkce::new(&entropy).verifier(), pair.verifier());
    }
}
