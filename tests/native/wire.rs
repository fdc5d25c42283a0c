//! Tests for src/wire.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oidc_wasm::wasm::run;
use oidc_wasm::wire::base64url;
use oidc_wasm::wire::challenge::parse_challenges;
use oidc_wasm::wire::form::{self, Form, Part};
use oidc_wasm::wire::json::{self, Document, MAX_BYTES, MAX_DEPTH, Value as Read};
use oidc_wasm::{Error, Rule};
use proptest::prelude::*;
use serde_json::Value;

use crate::common::engine::{Asked, Engine};
use crate::common::vectors::{Case, load};
use crate::common::{Reply, challenge};
use crate::message::tokens;

fn bytes(case: &Case<'_>) -> Vec<u8> {
    match case.get("document") {
        Some(text) => text.as_str().unwrap().as_bytes().to_vec(),
        None => base64url::decode(case.text("document_base64url")).unwrap(),
    }
}

/// The value that our reader returns, for comparison.
fn value(read: Read<'_>) -> Value {
    if let Some(members) = read.members() {
        return Value::Object(members.map(|(name, member)| (name.to_owned(), value(member))).collect());
    }
    if let Some(items) = read.items() {
        return items.map(value).collect();
    }
    match (read.str(), read.bool(), read.number()) {
        (Some(text), ..) => text.into(),
        (_, Some(bool), _) => bool.into(),
        (.., Some(number)) => serde_json::from_str(number).unwrap(),
        _ => {
            assert!(read.is_null());
            Value::Null
        }
    }
}

/// `serde_json` accepts all that our reader accepts, with the same value. It rejects all that our
/// reader calls malformed.
fn compare(bytes: &[u8]) -> Result<(), TestCaseError> {
    let theirs = serde_json::from_slice::<Value>(bytes);
    match Document::parse(bytes) {
        Ok(document) => {
            prop_assert_eq!(document.text().as_bytes(), bytes);
            prop_assert_eq!(Some(value(document.root())), theirs.ok());
        }
        // Here our reader is stricter on purpose, so serde_json may accept.
        Err(json::Error::Duplicate | json::Error::Depth | json::Error::Number | json::Error::TooLarge) => {}
        Err(error) => prop_assert!(theirs.is_err(), "{error:?} but serde_json reads {theirs:?}"),
    }
    Ok(())
}

#[test]
fn json_vectors() {
    let engine = Engine::of(&load("token_response").cases().next().unwrap()).unwrap();
    let grant = serde_json::json!({ "type": "client_credentials" });
    for name in ["json", "json_test_suite"] {
        load(name).run(|case| tokens(&engine, &grant, &Reply::json(200, bytes(&case))));
    }
}

#[test]
fn json_vectors_as_serde_json_reads_them() {
    for name in ["json", "json_test_suite"] {
        for case in load(name).cases() {
            compare(&bytes(&case)).unwrap();
        }
    }
}

#[test]
fn json_members_are_found_by_their_decoded_names() {
    let document = Document::parse_object(br#"{"\u0061":{"b":[1,{"c":"\u00e9"}]},"":null}"#.as_slice()).unwrap();
    let items = document.get("a").unwrap().get("b").unwrap();
    let last = items.items().unwrap().last().unwrap();
    assert_eq!(last.get("c").unwrap().str(), Some("\u{e9}"));
    assert_eq!(items.json(), r#"[1,{"c":"\u00e9"}]"#);
    assert_eq!(last.get("c").unwrap().json(), "\"\u{e9}\"");
    assert!(document.get("").is_none() && document.get("b").is_none(), "null is absent");
    let (name, value) = document.root().members().unwrap().last().unwrap();
    assert!(name.is_empty() && value.is_null(), "and keeps its position");
}

#[test]
fn json_above_a_mebibyte_is_rejected() {
    let document = |length: usize| format!("\"{}\"", "a".repeat(length - 2));
    assert!(Document::parse(document(MAX_BYTES).as_bytes()).is_ok());
    assert_eq!(Document::parse(document(MAX_BYTES + 1).as_bytes()).unwrap_err(), json::Error::TooLarge);
}

#[test]
fn json_is_read_up_to_the_depth_limit() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(MAX_DEPTH, 64);
    assert!(Document::parse(nested(MAX_DEPTH).as_bytes()).is_ok());
    assert_eq!(Document::parse(nested(MAX_DEPTH + 1).as_bytes()).unwrap_err(), json::Error::Depth);
    assert_eq!(Document::parse("[".repeat(MAX_BYTES).as_bytes()).unwrap_err(), json::Error::Depth);
}

#[test]
fn base64url_vectors() {
    let hexadecimal = |bytes: Vec<u8>| {
        bytes.iter().fold(String::new(), |mut out, byte| {
            write!(out, "{byte:02x}").unwrap();
            out
        })
    };
    load("base64url").run(|case| {
        Ok(hexadecimal(base64url::decode(case.text("text")).ok_or(Error::from(Rule::JwsMalformed))?).into())
    });
}

#[test]
fn form_vectors() {
    for name in ["form", "wpt_urlencoded"] {
        load(name).run(|case| {
            let text = |part: Part<'_>| part.text().map_or(Value::Null, |text| text.into_owned().into());
            let form = Form::parse(case.text("form"));
            Ok(form.pairs().map(|(name, value)| Value::from(vec![text(name), text(value)])).collect())
        });
    }
}

#[test]
fn challenge_vectors() {
    load("challenge").run(|case| {
        let asked = Asked::default().string("header", case.get("header").unwrap())?;
        let challenges = run::challenges(asked.frame());
        assert_eq!(challenges, parse_challenges(case.text("header")));
        Ok(challenges.iter().map(challenge).collect())
    });
}

#[test]
fn an_object_of_many_members_finds_each_and_rejects_a_duplicate() {
    let fill = (0..40_000).map(|at| format!(r#""k{at}":{at}"#)).collect::<Vec<_>>().join(",");
    let text = |last: &str| format!(r#"{{"first":-1,{fill},"{last}":-2}}"#);
    let good = text("last");
    let document = Document::parse(good.as_bytes()).unwrap();
    for (name, number) in [("first", "-1"), ("k0", "0"), ("k39999", "39999"), ("last", "-2")] {
        assert_eq!(document.get(name).and_then(Read::number), Some(number), "{name}");
    }
    assert!(document.get("k40000").is_none());
    for name in ["first", "k0", "k39999"] {
        assert_eq!(Document::parse(text(name).as_bytes()).unwrap_err(), json::Error::Duplicate, "{name}");
    }
}

#[test]
fn a_challenge_that_is_cut_off_is_dropped() {
    for (length, schemes) in [(16384, &["Bearer", "Own"][..]), (16385, &["Bearer"])] {
        let start = r#"Bearer error="invalid_token", Own a=""#;
        let header = format!("{start}{}\"", "x".repeat(length - start.len() - 1));
        let challenges = parse_challenges(&header);
        assert_eq!(
            challenges.iter().map(|challenge| &*challenge.scheme).collect::<Vec<_>>(),
            schemes,
            "{length} bytes"
        );
    }
}

fn json() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[a-c]{0,2}", "\\PC{0,4}", any::<String>()];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((text.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn json_that_serde_json_writes_is_read(tree in json(), pretty in any::<bool>()) {
        let write = if pretty { serde_json::to_string_pretty } else { serde_json::to_string };
        let text = write(&tree).unwrap();
        compare(text.as_bytes())?;
        // Here our reader rejects only numbers at the end of a double's range.
        if let Err(error) = Document::parse(text.as_bytes()) {
            prop_assert_eq!(error, json::Error::Number);
        }
    }

    #[test]
    fn json_with_one_changed_byte_is_read_alike(tree in json(), at in any::<prop::sample::Index>(), byte in any::<u8>(), how in 0..3) {
        let mut bytes = serde_json::to_vec(&tree).unwrap();
        let at = at.index(bytes.len());
        match how {
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            _ => drop(bytes.remove(at)),
        }
        compare(&bytes)?;
    }

    #[test]
    fn json_of_random_tokens_is_read_alike(
        text in r#"([\[\]{}:, "\\0-9eE.+u-]|true|false|null|"a"|"b":|\\u0061|\\ud83d|\\ude00|1e30[0-9]){0,24}"#
    ) {
        compare(text.as_bytes())?;
    }

    #[test]
    fn json_of_any_bytes_is_read_alike(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        compare(&bytes)?;
    }

    #[test]
    fn an_object_with_a_duplicate_member_is_rejected(name in any::<String>(), values in any::<(u8, u8)>(), escaped in any::<bool>()) {
        let plain = Value::from(name.as_str()).to_string();
        let other = if escaped {
            name.encode_utf16().fold(String::new(), |out, unit| out + &format!("\\u{unit:04X}"))
        } else {
            plain[1..plain.len() - 1].to_owned()
        };
        let text = format!(r#"[{{{plain}:{},"{other}":{}}}]"#, values.0, values.1);
        prop_assert_eq!(Document::parse(text.as_bytes()).unwrap_err(), json::Error::Duplicate);
    }

    #[test]
    fn base64url_is_read_like_the_base64_crate(text in prop_oneof!["[A-Za-z0-9_-]{0,24}", "[A-Za-z0-9_=+/ .-]{0,12}", any::<String>()]) {
        prop_assert_eq!(base64url::decode(&text), URL_SAFE_NO_PAD.decode(&text).ok());
        if let Some(bytes) = base64url::decode(&text) {
            prop_assert_eq!(base64url::encode(&bytes), text);
        }
    }

    #[test]
    fn base64url_of_any_bytes_decodes_to_the_same_bytes(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        prop_assert_eq!(base64url::decode(&base64url::encode(&bytes)), Some(bytes));
    }

    #[test]
    fn a_written_form_is_read_with_the_same_values(pairs in prop::collection::vec(any::<(String, String)>(), 0..6)) {
        let mut form = String::new();
        for (name, value) in &pairs {
            form::encode(&mut form, name);
            form.push('=');
            form::encode(&mut form, value);
            form.push('&');
        }
        prop_assert!(form.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%=&".contains(&byte)));
        let form = Form::parse(&form);
        let read: Vec<(Vec<u8>, Vec<u8>)> =
            form.pairs().map(|(name, value)| (name.bytes().into_owned(), value.bytes().into_owned())).collect();
        let written: Vec<(Vec<u8>, Vec<u8>)> = pairs.iter().cloned().map(|(name, value)| (name.into(), value.into())).collect();
        prop_assert_eq!(read, written);
        for (name, value) in form.pairs() {
            prop_assert_eq!(name.text().map(|text| text.into_owned().into_bytes()), Some(name.bytes().into_owned()));
            prop_assert!(value.is(&value.text().unwrap()));
        }
    }
}
