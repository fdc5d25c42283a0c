//! No input makes a public function panic.

use std::sync::LazyLock;

use oidc_wasm::wasm::calls::Call;
use oidc_wasm::wasm::frame::{ABSENT, Frame};
use oidc_wasm::wasm::run::{self, Host, Party};
use oidc_wasm::wire::base64url::encode;
use oidc_wasm::wire::json::Document;
use oidc_wasm::{
    AccessTokenExpected, AuthorizationParams, Client, Discovery, EndSessionParams, ExtensionGrant, Grant, GrantType,
    HttpReply, IdTokenExpected, Jwks, Metadata, NumericDate, PreviousClaims, Redirect, RedirectUri, Relaxation,
    Relaxations, RelyingParty, Resource, Scope, code_challenge, downscope, parse_challenges,
};
use proptest::prelude::*;

use crate::common::vectors::load;
use crate::common::{ENTROPY, relying_party_of};

/// Random text, and text similar to valid input.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "(https?|com\\.x|urn):(//)?[a-z@\\[\\]:0-9.%]{0,12}[/?#a-z=&%+]{0,12}",
        "([?#&]?(code|state|iss|error|id_token|access_token|token_type|expires_in)=?[a-z%0-9+]{0,6}){0,6}",
        "[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_=-]{0,40}\\.[A-Za-z0-9_-]{0,8}(\\.){0,3}",
        "((Bearer|Basic|,|=|\"|\\\\| |a|error=|realm=\"x\"|YII==)){0,12}",
        document(),
    ]
}

/// JSON with the messages' own members and values of any kind.
fn document() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "iss",
        "sub",
        "aud",
        "azp",
        "exp",
        "iat",
        "nbf",
        "nonce",
        "auth_time",
        "acr",
        "amr",
        "at_hash",
        "alg",
        "kid",
        "typ",
        "crit",
        "b64",
        "keys",
        "kty",
        "n",
        "e",
        "crv",
        "x",
        "y",
        "use",
        "key_ops",
        "issuer",
        "token_endpoint",
        "jwks_uri",
        "access_token",
        "token_type",
        "expires_in",
        "error",
        "error_description",
        "id_token",
        "scope",
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "state",
        "code_verifier",
        "max_age",
    ]);
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,24})?(e[+-]?[0-9]{1,22})?",
        prop::sample::select(vec![
            "RS256",
            "none",
            "ES256",
            "HS256",
            "EdDSA",
            "RSA",
            "EC",
            "OKP",
            "P-256",
            "Ed25519",
            "JWT",
            "code",
            "query",
            "Bearer",
            "https://op.example",
            "s6BhdRkqt3",
            "AQAB",
            "",
        ])
        .prop_map(|text| format!("\"{text}\"")),
        any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
    ];
    let value = leaf.prop_recursive(3, 12, 4, {
        let name = name.clone();
        move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
                prop::collection::vec((name.clone(), inner), 0..4).prop_map(|members| object(&members)),
            ]
        }
    });
    prop::collection::vec((name, value), 0..8).prop_map(|members| object(&members))
}

fn object(members: &[(&str, String)]) -> String {
    let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

fn engine() -> &'static RelyingParty {
    static ENGINE: LazyLock<RelyingParty> =
        LazyLock::new(|| relying_party_of(&load("redirect").cases().next().unwrap()));
    &ENGINE
}

fn reply<'a>(status: u16, content_type: &'a str, header: &'a str, body: &'a [u8]) -> HttpReply<'a> {
    HttpReply {
        status,
        content_type: Some(content_type),
        cache_control: Some(header),
        www_authenticate: Some(header),
        retry_after: None,
        body,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn texts(a in text(), b in text()) {
        let rp = engine();
        let _ = code_challenge(&a);
        let _ = parse_challenges(&a);
        for metadata in [Metadata::Oidc, Metadata::Oauth2] {
            let _ = Discovery { issuer: &a, metadata, ..Discovery::default() }.request();
        }
        let _ = (Scope::parse(&a), Resource::parse(&a), RedirectUri::parse(&a));
        let _ = Client::new(&a).map(|client| client.redirect_uri(&b));
        let _ = rp.transaction(&a);
        let _ = (rp.userinfo_request(&a, Some(&b)), rp.revocation_request(&a, None), rp.introspection_request(&a, None));
        if let (Ok(scope), Ok(resource)) = (Scope::parse(&a), Resource::parse(&b)) {
            let _ = downscope(&scope, &[resource], &[(&b, vec![&a])]);
        }
        let params = EndSessionParams { id_token_hint: Some(&a), state: Some(&b), ..EndSessionParams::default() };
        let _ = rp.end_session_url(&params);
        let params = AuthorizationParams {
            login_hint: Some(&a),
            claims: Some(&b),
            extra: vec![(&a, &b)],
            ..AuthorizationParams::default()
        };
        let _ = rp.authorization_request(&params, &ENTROPY);
        let extension = ExtensionGrant::parse(&a).map(GrantType::Extension);
        for kind in extension.into_iter().chain([GrantType::RefreshToken { token: &a, transaction: None }]) {
            let grant = Grant { parameters: vec![(&b, &a)], ..Grant::from(kind) };
            let _ = rp.token_request(&grant);
        }
    }

    #[test]
    fn redirects(a in text()) {
        let rp = engine();
        let request = rp.authorization_request(&AuthorizationParams::default(), &ENTROPY).unwrap();
        let transaction = rp.transaction(request.transaction.expose()).unwrap();
        let _ = rp.initiated_login(&a);
        let _ = rp.end_session_returned(&a, &request.state);
        for text in [&a, &format!("https://www.rp.com/cb?{a}&state={}", request.state)] {
            let _ = rp.authorization_response(Redirect::Text(text), &transaction);
            let _ = rp.authorization_response(Redirect::Parameters(text), &transaction);
        }
    }

    /// Everything that JavaScript can write into memory, and more.
    #[test]
    fn frames(
        words in prop::collection::vec(prop_oneof![0u32..4, 0u32..64, Just(ABSENT), any::<u32>()], 0..40),
        text in text(),
        body in document(),
    ) {
        fn entropy(bytes: &mut [u8]) -> bool {
            bytes.fill(7);
            true
        }
        let frame = Frame::new(&words, &text, body.as_bytes());
        let host = Host { now: NumericDate::from_seconds(1_311_281_000), entropy, www_authenticate: None, retry_after: None };
        let party = Party::new(engine().clone(), Jwks::default());
        for call in Call::ALL {
            let _ = run::alone(*call, frame, host);
            let _ = run::party(*call, frame, host, |make| make(&mut Party::empty()));
            let _ = party.run(*call, frame, host);
        }
        let _ = (run::challenges(frame), run::downscoping(frame, |_| Ok(())), run::keys(frame, host));
    }

    #[test]
    fn replies(
        status in prop_oneof![Just(200), any::<u16>()],
        content_type in prop_oneof![Just("application/json".to_owned()), Just("application/jwt".to_owned()), text()],
        header in text(),
        body in prop_oneof![text().prop_map(String::into_bytes), prop::collection::vec(any::<u8>(), 0..64)],
    ) {
        let rp = engine();
        let reply = reply(status, &content_type, &header, &body);
        let _ = rp.token_response(&reply, &GrantType::ClientCredentials.into());
        let _ = rp.userinfo_response(&reply, "an access token", "248289761001");
        let relaxations = Relaxations::default().with(Relaxation::IssuerTemplate);
        let _ = Discovery { issuer: "https://op.example", relaxations, ..Discovery::default() }.provider(&reply);
        let _ = Jwks::from_reply(&reply);
        let _ = rp.introspection_response(&reply, "a token");
        let _ = rp.revocation_response(&reply, "a token");
    }

    #[test]
    fn tokens(raw in text(), header in text(), payload in text(), set in text(), now in any::<i64>()) {
        let rp = engine();
        let built = format!("{}.{}.{}", encode(header.as_bytes()), encode(payload.as_bytes()), encode(&[0; 256]));
        let signed = format!("{}.{}.{}", encode(br#"{"alg":"RS256"}"#), encode(payload.as_bytes()), encode(&[0; 256]));
        let now = NumericDate::from_seconds(now);
        let previous = Document::parse(payload.as_bytes()).ok();
        let expected = IdTokenExpected {
            nonce: Some("n"),
            max_age: Some(u32::MAX),
            access_token: Some("a"),
            previous: previous.as_ref().and_then(|claims| PreviousClaims::read(claims.root())),
            ..IdTokenExpected::default()
        };
        let sets = [Jwks::parse(set.as_bytes()).unwrap_or_default(), Jwks::default()];
        for token in [&raw, &built, &signed] {
            let report = rp.check_id_token(token, &expected, now);
            prop_assert!(serde_json::from_str::<serde_json::Value>(&report.header).is_ok());
            prop_assert!(serde_json::from_str::<serde_json::Value>(&report.claims).is_ok());
            let expected_access = AccessTokenExpected {
                audience: vec!["s6BhdRkqt3"],
                scope: Some(Scope::default()),
                acr_values: vec!["urn:x"],
                max_age: Some(0),
                ..AccessTokenExpected::default()
            };
            for jws in [rp.access_token(token), rp.logout_token(token)].into_iter().flatten() {
                let Ok(question) = jws.verification(&sets[0]) else { continue };
                let Ok(verified) = question.conclude(true) else { continue };
                let _ = rp.access_token_claims(verified, &expected_access, now);
                let _ = rp.logout_token_claims(verified, now);
            }
            let Ok(jws) = rp.id_token(token) else { continue };
            for set in &sets {
                let Ok(question) = jws.verification(set) else { continue };
                let Ok(verified) = question.conclude(true) else { continue };
                let claims = rp.claims(verified, &expected, now);
                prop_assert_eq!(claims.is_ok(), report.is_valid());
                let _ = rp.userinfo_claims(verified, "248289761001", now);
            }
        }
    }
}
