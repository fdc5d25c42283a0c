//! Black-box tests of the native crate: one module for each room of `src/`, with the files in
//! `tests/vectors/` that every runtime runs. The cases use the shipped decoder, `src/wasm`.

#[cfg(test)]
use oidc_wasm::{
    AuthorizationResponse, DpopKey, DpopProof, Error, Grant, HttpRequest, IdTokenClaims, Jwe, Jwks, Jws, RelyingParty,
    Report, Secret, TokenResponse, Transaction, Verification, Verified,
};

#[cfg(test)]
mod backchannel_authentication;
#[cfg(test)]
mod common;

#[cfg(test)]
mod dpop;
#[cfg(test)]
mod encrypted;
#[cfg(test)]
mod jose;
#[cfg(test)]
mod login;
#[cfg(test)]
mod message;
#[cfg(test)]
mod mtls;
#[cfg(test)]
mod no_panic;
#[cfg(test)]
mod party;
#[cfg(test)]
mod profile;
#[cfg(test)]
mod request_object;
#[cfg(test)]
mod rule;
#[cfg(test)]
mod secret;
#[cfg(test)]
mod signed_introspection;
#[cfg(test)]
mod signed_response;
#[cfg(test)]
mod token;
#[cfg(test)]
mod walkthrough;
#[cfg(test)]
mod wire;

/// Features add up over all crates of a build. So a variant of a feature must not break the `match` of a crate without it.
#[test]
fn an_enum_with_a_variant_of_a_feature_may_grow() {
    let mut grown = Vec::new();
    for room in ["jose", "message", "party", "token"] {
        for entry in std::fs::read_dir(format!("{}/src/{room}", env!("CARGO_MANIFEST_DIR"))).unwrap() {
            let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let items =
                source.split("\n\n").filter(|item| item.contains("\npub enum ") && item.contains("#[cfg(feature"));
            for item in items {
                assert!(item.contains("#[non_exhaustive]"), "{item}");
                grown.extend(
                    item.split("\npub enum ").nth(1).and_then(|rest| rest.split([' ', '<']).next().map(String::from)),
                );
            }
        }
    }
    grown.sort();
    assert_eq!(grown, ["ClientAuth", "Endpoint", "ResponseMode", "TokenKind", "Userinfo"]);
}

/// A server shares them between its threads.
#[test]
fn values_may_cross_threads() {
    fn may_cross<T: Send + Sync>() {}
    may_cross::<(RelyingParty, Jwks, DpopKey, Secret, Error, Report, HttpRequest)>();
    may_cross::<(Transaction<'_>, AuthorizationResponse<'_>, Grant<'_>, TokenResponse<'_>)>();
    may_cross::<(Jws<'_>, Jwe<'_>, DpopProof<'_>, Verification<'_, '_>, Verified<'_, '_>, IdTokenClaims<'_>)>();
}

/// A file that this one does not name would run no test.
#[test]
fn each_file_is_a_module() {
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/native")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().display().to_string();
        let is_named = include_str!("main.rs").contains(&format!("\nmod {name};"));
        assert!(is_named || name == "main", "main.rs has no mod {name}");
    }
}
