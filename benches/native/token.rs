//! The token request and response (RFC 6749 §4.1.3 and §4.1.4): from a code to tokens, with one HTTP client that always returns
//! the same reply.

use std::convert::Infallible;
use std::hint::black_box;

use http::{Request, Response};
use jsonwebtoken::Algorithm;
use oauth2::basic::BasicClient;
use oauth2::{AuthorizationCode, ClientId, PkceCodeVerifier, RedirectUrl, TokenResponse as _, TokenUrl};
use oidc_wasm::{Grant, GrantType, HttpReply, HttpRequest};
use openidconnect::core::{CoreClient, CoreJsonWebKeySet};
use openidconnect::{IssuerUrl, TokenResponse as _};
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::login::{CODE, Login};
use crate::provider::{CLIENT_ID, ISSUER, REDIRECT_URI, Signer, TOKEN_ENDPOINT};

const ACCESS_TOKEN: &str = "SlAV32hkKG";

pub fn compare(bench: &mut Bench) {
    let mut tokens = json!({
        "access_token": ACCESS_TOKEN, "token_type": "Bearer", "refresh_token": "8xLOxBtZp8", "expires_in": 3600,
        "scope": "profile"
    });
    without_id_token(bench, &tokens);
    tokens["scope"] = "openid".into();
    tokens["id_token"] = Signer::new().id_token(Algorithm::ES256).into();
    with_id_token(bench, &tokens);
}

fn without_id_token(bench: &mut Bench, tokens: &Value) {
    let login = Login::start("profile");
    let send = client(tokens);
    let oauth2 = BasicClient::new(ClientId::new(CLIENT_ID.to_owned()))
        .set_token_uri(TokenUrl::new(TOKEN_ENDPOINT.to_owned()).unwrap())
        .set_redirect_uri(RedirectUrl::new(REDIRECT_URI.to_owned()).unwrap());
    bench.compare(
        "token request and response",
        |access_token: &String| access_token == ACCESS_TOKEN,
        &|| {
            let grant = Grant::from(GrantType::AuthorizationCode { code: CODE, transaction: &login.transaction });
            let response = send(request(login.rp.token_request(&grant).unwrap())).unwrap();
            login.rp.token_response(&reply(&response), &grant).unwrap().access_token().to_owned()
        },
        &[("oauth2", &|| {
            let request = oauth2
                .exchange_code(AuthorizationCode::new(CODE.to_owned()))
                .set_pkce_verifier(PkceCodeVerifier::new(login.verifier.clone()));
            request.request(&send).unwrap().access_token().secret().clone()
        })],
    );
}

/// openidconnect reads the ID token's claims at once. The engine reads its header first, and its claims after verification.
fn with_id_token(bench: &mut Bench, tokens: &Value) {
    let login = Login::start("openid");
    let send = client(tokens);
    let issuer = IssuerUrl::new(ISSUER.to_owned()).unwrap();
    let openidconnect = CoreClient::new(ClientId::new(CLIENT_ID.to_owned()), issuer, CoreJsonWebKeySet::default())
        .set_token_uri(TokenUrl::new(TOKEN_ENDPOINT.to_owned()).unwrap())
        .set_redirect_uri(RedirectUrl::new(REDIRECT_URI.to_owned()).unwrap());
    bench.compare(
        "token request and response with ID token",
        |access_token: &String| access_token == ACCESS_TOKEN,
        &|| {
            let grant = Grant::from(GrantType::AuthorizationCode { code: CODE, transaction: &login.transaction });
            let response = send(request(login.rp.token_request(&grant).unwrap())).unwrap();
            let tokens = login.rp.token_response(&reply(&response), &grant).unwrap();
            black_box(login.rp.id_token(tokens.id_token().unwrap()).unwrap());
            tokens.access_token().to_owned()
        },
        &[("openidconnect", &|| {
            let request = openidconnect
                .exchange_code(AuthorizationCode::new(CODE.to_owned()))
                .set_pkce_verifier(PkceCodeVerifier::new(login.verifier.clone()));
            let tokens = request.request(&send).unwrap();
            black_box(tokens.id_token().unwrap());
            tokens.access_token().secret().clone()
        })],
    );
}

/// An HTTP client in the peers' form.
fn client(reply: &Value) -> impl Fn(Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Infallible> {
    let reply = Response::builder()
        .header("content-type", "application/json")
        .header("cache-control", "no-store")
        .body(reply.to_string().into_bytes())
        .unwrap();
    move |request| {
        black_box(request);
        Ok(reply.clone())
    }
}

/// The engine's request for that client.
fn request(request: HttpRequest) -> Request<Vec<u8>> {
    let mut builder = Request::builder().method(request.method).uri(request.url);
    for (name, value) in request.headers {
        builder = builder.header(name, &*value);
    }
    builder.body(request.body.unwrap_or_default().into_bytes()).unwrap()
}

/// That client's reply for the engine.
fn reply(response: &Response<Vec<u8>>) -> HttpReply<'_> {
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    HttpReply {
        status: response.status().as_u16(),
        content_type: header("content-type"),
        cache_control: header("cache-control"),
        www_authenticate: header("www-authenticate"),
        retry_after: None,
        body: response.body(),
    }
}
