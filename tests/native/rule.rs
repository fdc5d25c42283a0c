//! Tests for src/rule.rs.

use std::collections::{BTreeMap, BTreeSet};

use oidc_wasm::Rule;

use crate::common::vectors::{FILES, load};

/// Rules that no vector can break, and the cause of their errors.
const WITHOUT_VECTOR: [(&str, &str); 22] = [
    ("internal", "the host, after a trap"),
    ("init.failed", "the host, if it cannot compile the module"),
    ("init.csp", "the host, if its policy forbids compilation"),
    ("init.edge", "the host, if its policy forbids compilation"),
    ("init.no_wasm", "the host, without WebAssembly"),
    ("not_initialized", "the host"),
    ("relying_party.freed", "the host"),
    ("build.default", "the native crate has every capability"),
    ("build.full", "the native crate has every capability"),
    ("http.failed", "the host's fetch"),
    ("http.timeout", "the host's fetch"),
    ("http.aborted", "the host's fetch"),
    ("http.too_large", "the host's fetch"),
    ("jws.unsupported_alg", "the host's crypto"),
    ("crypto.unavailable", "the host's crypto"),
    ("entropy.unavailable", "the host's crypto"),
    ("argument", "its codes are argument.<name>"),
    ("json.too_large", "a mebibyte is too long for a file: tests/native/wire.rs makes it"),
    ("jws.too_large", "64 KiB are too long for a file: tests/native/jose.rs makes it"),
    ("jws.unsupported_key", "the host's crypto"),
    ("id_token.amr", "a warning, not an error: warns in id_token.json"),
    ("token.cache_control", "a warning, not an error: cache_warning in token_response.json"),
];

#[test]
fn each_rule_has_a_vector_that_breaks_it_and_a_neighbour_that_passes() {
    let mut broken: BTreeMap<String, usize> = BTreeMap::new();
    for name in FILES {
        let file = load(name);
        let good: BTreeSet<&str> =
            file.cases().filter(|case| case.error_code().is_none()).map(|case| case.name()).collect();
        assert_eq!(
            file.cases().map(|case| case.name()).collect::<BTreeSet<_>>().len(),
            file.cases().count(),
            "{name}: a name twice"
        );
        for case in file.cases() {
            let Some(code) = case.error_code() else { continue };
            // The vectors' own run proves that this neighbour is valid.
            assert!(good.contains(case.text("neighbour")), "{name}: {} has no good neighbour", case.name());
            let rule = if code.starts_with("argument.") { "argument" } else { code };
            assert!(Rule::ALL.iter().any(|known| known.code() == rule), "{name}: no rule has the code {code}");
            assert!(Rule::ALL.iter().any(|known| known.code() == case.text("rule")), "{name}: {}", case.name());
            *broken.entry(rule.to_owned()).or_default() += 1;
        }
    }
    for rule in Rule::ALL.iter().map(|rule| rule.code()) {
        let is_listed = WITHOUT_VECTOR.iter().any(|(code, _)| *code == rule);
        match broken.get(rule) {
            Some(_) => assert!(!is_listed || rule == "argument", "{rule} has a vector after all"),
            None => assert!(is_listed, "{rule} has no vector"),
        }
    }
}

#[test]
fn each_rule_of_the_table_fits_on_one_line() {
    let codes: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.code()).collect();
    assert_eq!(codes.len(), Rule::ALL.len(), "no code twice");
    for (number, rule) in Rule::ALL.iter().enumerate() {
        assert_eq!(*rule as usize, number);
        let letters = |code: &str| {
            code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._".contains(&byte))
        };
        assert!(letters(rule.code()), "{}", rule.code());
        // The package's table has one line for each rule, with bars between the fields.
        for text in [rule.code(), rule.spec(), rule.sentence()] {
            assert!(!text.contains(['|', '\n', '\r', '\u{2028}', '\u{2029}']), "{}: {text:?}", rule.code());
        }
        assert!(rule.sentence().len() > 20 && !rule.spec().is_empty(), "{}", rule.code());
    }
}

/// The npm package has the same sentences: tests/js/suite/messages.js compares them.
#[test]
fn an_argument_error_names_the_option() {
    let message = |error: oidc_wasm::Error| error.to_string();
    assert_eq!(
        message(oidc_wasm::Client::new("").unwrap_err()),
        "Invalid option clientId: expected your client ID at the provider."
    );
    assert_eq!(
        message(oidc_wasm::code_challenge("short").unwrap_err()),
        "A code verifier has 43 to 128 characters: letters, digits, - . _ or ~"
    );
}
