//! PKCE (RFC 7636): verifier and S256 challenge.

use std::hint::black_box;

use oauth2::{PkceCodeChallenge, PkceCodeVerifier};
use oidc_wasm::{Pkce, code_challenge};
use rand::RngCore as _;

use crate::bench::Bench;

pub fn compare(bench: &mut Bench) {
    // RFC 7636 Appendix B
    let (verifier, challenge) =
        ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    bench.compare(
        "PKCE challenge of a verifier",
        |found: &String| found == challenge,
        &|| code_challenge(black_box(verifier)).unwrap(),
        &[("oauth2", &|| {
            let verifier = PkceCodeVerifier::new(black_box(verifier).to_owned());
            PkceCodeChallenge::from_code_verifier_sha256(&verifier).as_str().to_owned()
        })],
    );

    bench.compare(
        "PKCE pair of fresh entropy",
        |(verifier, challenge): &(String, String)| {
            verifier.len() == 43 && code_challenge(verifier).unwrap() == *challenge
        },
        &|| {
            // The source that oauth2 uses.
            let mut entropy = [0; 32];
            rand::thread_rng().fill_bytes(&mut entropy);
            let pkce = Pkce::new(&entropy);
            (pkce.verifier().expose().to_owned(), pkce.challenge())
        },
        &[("oauth2", &|| {
            let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
            (verifier.into_secret(), challenge.as_str().to_owned())
        })],
    );
}
