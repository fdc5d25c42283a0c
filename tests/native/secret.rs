//! Tests for src/secret.rs.

use oidc_wasm::wire::json::Document;
use oidc_wasm::{
    AUTHORIZATION_ENTROPY, Algorithm, AuthorizationParams, BACKCHANNEL_ENTROPY, BackchannelAuthenticationParams,
    Client, ClientAuth, DpopExpected, EndSessionParams, Grant, GrantType, HttpReply, IdTokenExpected, NumericDate,
    PersonHint, PreviousClaims, ProofParams, Provider, REQUEST_OBJECT_ENTROPY, Redirect, RelyingParty, RequestBy,
    ResourceDiscovery, Scope, Secret,
};

use crate::common::crypto::Keys;
use crate::common::vectors::load;
use crate::common::{ENTROPY, Login, relying_party_of};

/// The secret appears neither as a string nor as the numbers of its bytes.
fn assert_hidden(printed: &str, secrets: &[&str]) {
    for secret in secrets {
        let bytes = format!("{:?}", secret.as_bytes());
        let bytes = bytes.trim_matches(['[', ']']);
        assert!(!printed.contains(secret) && !printed.contains(bytes), "{secret} in {printed}");
    }
}

#[test]
fn printing_shows_no_secret() {
    let file = load("redirect");
    let case = file.cases().next().unwrap();
    let rp = relying_party_of(&case);
    let request = rp.authorization_request(&AuthorizationParams::default(), &ENTROPY).unwrap();
    let login = Login::from(request.clone());
    let transaction = rp.transaction(&login.transaction).unwrap();
    let response = login.fill(case.text("response"));
    let answer = rp.authorization_response(Redirect::Text(&response), &transaction).unwrap();
    let client = Client::new("a").unwrap().auth(ClientAuth::ClientSecretBasic("hidden".into())).unwrap();
    let grants: [Grant<'_>; 3] = [
        GrantType::RefreshToken { token: "hidden", transaction: None }.into(),
        GrantType::Password { username: "a", password: "hidden" }.into(),
        GrantType::AuthorizationCode { code: "hidden", transaction: &transaction }.into(),
    ];
    let body = br#"{"access_token":"hidden","token_type":"Bearer","refresh_token":"hidden"}"#;
    let reply = HttpReply { status: 200, content_type: Some("application/json"), body, ..HttpReply::default() };
    let tokens = rp.token_response(&reply, &grants[0]).unwrap();
    let id_token = Keys::load().sign(r#"{"alg":"RS256"}"#, r#"{"sub":"hidden"}"#, None);
    let jws = rp.id_token(&id_token).unwrap();
    let userinfo = HttpReply { body: br#"{"sub":"248289761001","email":"hidden"}"#, ..reply };
    let userinfo = rp.userinfo_response(&userinfo, "token", "248289761001").unwrap();
    let document = Document::parse(br#"{"iss":"hidden","sub":"hidden","aud":"hidden"}"#).unwrap();
    let previous = PreviousClaims::read(document.root()).unwrap();
    let issuer = rp.provider().issuer();
    let asked = format!("iss={issuer}&login_hint=hidden");
    let initiated = rp.initiated_login(&asked).unwrap();
    let params = AuthorizationParams { id_token_hint: Some("hidden"), ..AuthorizationParams::default() };
    let hinted = rp.authorization_request(&params, &[3; AUTHORIZATION_ENTROPY]).unwrap();
    let end = EndSessionParams { id_token_hint: Some("hidden"), ..EndSessionParams::default() };
    let extra = Grant {
        parameters: vec![("subject_token", "hidden")],
        ..GrantType::RefreshToken { token: "hidden", transaction: None }.into()
    };
    let asked = ResourceDiscovery { resource: "https://api.example/a?key=hidden", www_authenticate: None };
    let asked = asked.request().unwrap();
    assert!(asked.url.ends_with("?key=hidden"), "{}", asked.url);
    let printed = format!(
        "{asked:?} {:?} {transaction:?} {answer:?} {client:?} {grants:?} {:?} {tokens:?} {jws:?} {userinfo:?} {document:?} {previous:?} {initiated:?} {params:?} {hinted:?} {end:?} {extra:?}",
        request.transaction,
        rp.token_request(&grants[1]).unwrap(),
    );
    let parts: Vec<&str> = id_token.split('.').collect();
    let verifier = login.fill("{verifier}");
    assert_hidden(&printed, &["hidden", "SplxlOBeZQQYbYS6WxSbIA", &verifier, &login.state, parts[2]]);
}

/// Without the last characters, which depend on the neighbours.
fn in_base64url(text: &str) -> Vec<String> {
    let encoded = |before: &str| oidc_wasm::wire::base64url::encode(format!("{before}{text}").as_bytes());
    ["", "x", "xx"].map(|before| encoded(before)[4..encoded(before).len() - 4].to_owned()).to_vec()
}

#[test]
fn printing_shows_no_secret_of_a_signed_or_pushed_request() {
    const HIDDEN: &str = "a-secret-of-the-person";
    let provider = Provider::parse(
        br#"{"issuer":"https://op.example","authorization_endpoint":"https://op.example/authorize",
        "pushed_authorization_request_endpoint":"https://op.example/par",
        "backchannel_authentication_endpoint":"https://op.example/ciba"}"#,
    );
    let client = Client::new("app").unwrap().redirect_uri("https://app.example/cb").unwrap();
    let client = client.auth(ClientAuth::ClientSecretPost("hidden".into())).unwrap();
    let provider = provider.unwrap();
    let params = AuthorizationParams { id_token_hint: Some(HIDDEN), ..AuthorizationParams::default() };
    let rp = RelyingParty::new(provider.clone(), client.clone());
    let pushed = rp.pushed_authorization_request(&params, None, &ENTROPY).unwrap();
    let rp = RelyingParty::new(provider, client.request_object(Algorithm::Es256, None).unwrap());
    let now = NumericDate::from_seconds(0);
    let object = rp.request_object(&params, now, &[7; REQUEST_OBJECT_ENTROPY]).unwrap();
    let params = BackchannelAuthenticationParams {
        scope: Scope::default(),
        hint: PersonHint::LoginHint(HIDDEN),
        binding_message: None,
        user_code: Some(HIDDEN),
        requested_expiry: None,
        acr_values: None,
        resource: Vec::new(),
        parameters: Vec::new(),
    };
    let unsigned = rp.backchannel_request_object(&params, now, &[7; BACKCHANNEL_ENTROPY]).unwrap();
    let by_value = RequestBy::Value(HIDDEN);
    let proof = ProofParams { method: "GET", url: "https://api.example/", access_token: Some(HIDDEN), nonce: None };
    let expected = DpopExpected { method: "GET", url: "https://api.example/", access_token: HIDDEN, nonces: &[] };
    let id_token = IdTokenExpected { access_token: Some(HIDDEN), ..IdTokenExpected::default() };
    let reply = HttpReply { body: HIDDEN.as_bytes(), ..HttpReply::default() };
    let redirects = [Redirect::Text(HIDDEN), Redirect::Parameters(HIDDEN)];
    let printed = format!(
        "{pushed:?} {object:?} {unsigned:?} {by_value:?} {proof:?} {expected:?} {id_token:?} {reply:?} {redirects:?} {:?}",
        params.hint,
    );
    let encoded = in_base64url(HIDDEN);
    assert!(encoded.iter().any(|part| unsigned.signing_input().contains(part)), "the search finds nothing");
    let mut hidden = vec![HIDDEN, "hidden", &*pushed.state, &*object.state];
    hidden.extend(encoded.iter().map(String::as_str));
    assert_hidden(&printed, &hidden);
}

#[test]
fn a_challenge_shows_no_secret_of_its_request() {
    let file = load("token_response");
    let rp = relying_party_of(&file.cases().next().unwrap());
    let grant: Grant<'_> = GrantType::RefreshToken { token: "8xLOxBtZp8", transaction: None }.into();
    let shown = |header| {
        let reply = HttpReply { status: 401, www_authenticate: Some(header), ..HttpReply::default() };
        let error = rp.token_response(&reply, &grant).unwrap_err();
        let values = |challenge: &oidc_wasm::Challenge| {
            let parameters = challenge.parameters.iter().map(|(_, value)| value.clone());
            parameters.chain(challenge.token68.clone()).collect::<Vec<_>>().join(" ")
        };
        error.detail().challenges.iter().map(|it| format!("{}: {}", it.scheme, values(it))).collect::<Vec<_>>()
    };
    for (header, hidden) in [
        ("Own 8xLOxBtZp8", &["Own: "][..]),
        ("Own 8xLOxBtZp9", &["Own: 8xLOxBtZp9"]),
        (r#"Own a="of 8xLOxBtZp8", b="c""#, &["Own: c"]),
        (r#"Own a="of 8xLOxBtZp9", b="c""#, &["Own: of 8xLOxBtZp9 c"]),
        ("8xLOxBtZp8, Own", &["Own: "]),
        ("8xLOxBtZp9, Own", &["8xLOxBtZp9: ", "Own: "]),
    ] {
        assert_eq!(shown(header), hidden, "{header}");
    }
}

#[test]
fn an_error_of_a_redirect_shows_no_secret_of_it() {
    let file = load("redirect");
    let mut errors = 0;
    for case in file.cases().filter(|case| case.error_code().is_some() && case.get("transaction").is_none()) {
        let Some(response) = case.get("response").and_then(|response| response.as_str()) else { continue };
        let (rp, login) = (relying_party_of(&case), Login::of(&case));
        let Ok(transaction) = rp.transaction(&login.transaction) else { continue };
        let response = login.fill(response);
        for redirect in [Redirect::Text(&response), Redirect::Parameters(&response)] {
            let Err(error) = rp.authorization_response(redirect, &transaction) else { continue };
            let shown = format!("{error} {error:?}");
            assert_hidden(&shown, &["SplxlOBeZQQYbYS6WxSbIA", "SlAV32hkKG", "eyJ0.eyJ1.x", &login.state]);
            errors += 1;
        }
    }
    assert!(errors > 50, "only {errors} errors");
}

#[test]
fn equality_compares_the_whole_string() {
    let secret = Secret::from("abc");
    assert_eq!(secret, Secret::from(String::from("abc")));
    for other in ["", "ab", "abcd", "abd", "Abc"] {
        assert_ne!(secret, Secret::from(other));
    }
}
