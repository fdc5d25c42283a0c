//! Every message of a login, in order. The demo page shows each step beside its message (`www/code.mjs` reads them by `step:`).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use oidc_wasm::*;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

#[test]
fn a_login_step_by_step() -> Result<(), Box<dyn std::error::Error>> {
    let now = NumericDate::from_seconds(1_311_281_000);

    // step: discovery
    let discovery = Discovery { issuer: "https://op.example", ..Discovery::default() };
    let reply = send(&discovery.request()?);
    let client = Client::new("app")?.redirect_uri("https://app.example/cb")?;
    let rp = RelyingParty::new(discovery.provider(&reply)?, client);

    // step: authorization
    let scope = Scope::parse("openid profile email")?;
    let params = AuthorizationParams { scope, ..AuthorizationParams::default() };
    let request = rp.authorization_request(&params, &random_bytes())?;

    // step: person
    let address = browse(&request); // the address that the browser comes back to

    // step: redirect
    let transaction = rp.transaction(request.transaction.expose())?;
    let response = rp.authorization_response(Redirect::Text(&address), &transaction)?;
    let code = response.code().ok_or("a code was asked for")?;

    // step: token_request
    let grant = Grant::from(GrantType::AuthorizationCode { code, transaction: &transaction });
    let reply = send(&rp.token_request(&grant)?);

    // step: token_response
    let tokens = rp.token_response(&reply, &grant)?;
    let id_token = tokens.id_token().ok_or("openid was asked for")?;

    // step: keys
    let jws = rp.id_token(id_token)?;
    let keys = Jwks::from_reply(&send(&rp.provider().jwks_request()?))?;

    // step: id_token
    let verification = jws.verification(&keys)?;
    let is_valid = host_verifies(&verification); // by a library of your choice
    let verified = verification.conclude(is_valid)?;
    let claims = rp.claims(verified, &IdTokenExpected::of(&transaction), now)?;

    // step: report
    let report = rp.check_id_token(id_token, &IdTokenExpected::of(&transaction), now);
    let broken: Vec<_> = report.checks.iter().filter(|check| check.verdict == Verdict::Fail).collect();

    // step: userinfo
    let reply = send(&rp.userinfo_request(tokens.access_token(), Some(tokens.token_type()))?);
    let userinfo = rp.userinfo_response(&reply, tokens.access_token(), claims.subject())?;

    // step: resources
    let refresh_token = tokens.refresh_token().ok_or("no refresh token came")?;
    let mut grant = Grant::from(GrantType::RefreshToken { token: refresh_token, transaction: None });
    grant.resource = vec![Resource::parse("https://api.example.com")?];
    let for_the_api = rp.token_response(&send(&rp.token_request(&grant)?), &grant)?;

    // step: refresh
    let refresh_token = for_the_api.refresh_token().ok_or("no refresh token came")?;
    let grant = Grant::from(GrantType::RefreshToken { token: refresh_token, transaction: None });
    let renewed = rp.token_response(&send(&rp.token_request(&grant)?), &grant)?;

    // step: sign_out
    let leaving = rp.end_session_url(&EndSessionParams {
        id_token_hint: Some(id_token),
        post_logout_redirect_uri: Some(RedirectUri::parse("https://app.example/bye")?),
        state: Some("a-random-string"),
        ..EndSessionParams::default()
    })?;

    // step: signed_out
    let is_ours = rp.end_session_returned("https://app.example/bye?state=a-random-string", "a-random-string");

    // end
    assert!(request.url.starts_with("https://op.example/authorize?response_type=code&client_id=app"));
    assert_eq!(claims.subject(), "mara");
    assert!(report.is_valid() && broken.is_empty());
    assert!(matches!(userinfo, Userinfo::Claims(claims) if claims.contains("Lindqvist")));
    assert_eq!(renewed.access_token(), "SlAV32hkKG");
    assert!(leaving.starts_with("https://op.example/logout?id_token_hint="));
    assert!(is_ours);
    Ok(())
}

fn key() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

fn random_bytes() -> [u8; AUTHORIZATION_ENTROPY] {
    [7; AUTHORIZATION_ENTROPY]
}

fn browse(request: &AuthorizationRequest) -> String {
    format!("https://app.example/cb?code=SplxlOBeZQQYbYS6WxSbIA&state={}", request.state)
}

fn host_verifies(verification: &Verification<'_, '_>) -> bool {
    let public = UnparsedPublicKey::new(&ED25519, key().public_key().as_ref().to_vec());
    public.verify(verification.signing_input(), verification.signature()).is_ok()
}

/// The provider's answer to each request.
fn send(request: &HttpRequest) -> HttpReply<'static> {
    let last = request.url.rsplit('/').next().unwrap_or_default();
    let body = match last {
        "openid-configuration" => {
            r#"{"issuer":"https://op.example","authorization_endpoint":"https://op.example/authorize",
            "token_endpoint":"https://op.example/token","userinfo_endpoint":"https://op.example/userinfo",
            "end_session_endpoint":"https://op.example/logout","jwks_uri":"https://op.example/jwks",
            "id_token_signing_alg_values_supported":["EdDSA"]}"#
                .to_string()
        }
        "jwks" => {
            let x = BASE64.encode(key().public_key().as_ref());
            format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}]}}"#)
        }
        "userinfo" => r#"{"sub":"mara","name":"Mara Lindqvist"}"#.to_string(),
        _ => {
            let nonce = BASE64.encode([7; 24]);
            let claims = format!(
                r#"{{"iss":"https://op.example","sub":"mara","aud":"app","nonce":"{nonce}","exp":1311281970,"iat":1311280970}}"#
            );
            let input = format!("{}.{}", BASE64.encode(r#"{"alg":"EdDSA"}"#), BASE64.encode(claims));
            let signature = BASE64.encode(key().sign(input.as_bytes()));
            format!(
                r#"{{"access_token":"SlAV32hkKG","token_type":"Bearer","refresh_token":"8xLOxBtZp8","id_token":"{input}.{signature}"}}"#
            )
        }
    };
    HttpReply {
        status: 200,
        content_type: Some("application/json"),
        cache_control: Some("no-store"),
        body: body.leak().as_bytes(),
        ..HttpReply::default()
    }
}
